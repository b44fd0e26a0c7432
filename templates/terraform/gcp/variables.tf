variable "name" {
  description = "Name of the project, a DNS label that starts with a letter. Everything is called after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 63 lower-case letters, digits and dashes, start with a letter and not end with a dash."
  }
}

variable "project" {
  description = "Id (not the number, not the display name) of the Google Cloud project that everything is made in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project id: 6 to 30 lower-case letters, digits and dashes, starting with a letter."
  }
}

variable "region" {
  description = "Region of everything regional, such as us-central1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as us-central1, not a zone."
  }
}

variable "labels" {
  description = "Labels on everything that takes labels, beside mlops-project and managed-by."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels: a key has 1 to 63 lower-case letters, digits, _ and -, starting with a letter; a value 0 to 63 of them."
  }

  validation {
    condition     = length(setintersection(keys(var.labels), ["mlops-project", "managed-by"])) == 0
    error_message = "labels must not set mlops-project or managed-by: mlops finds its resources by them."
  }
}

variable "enable_network" {
  description = "VPC network with a subnetwork for nodes, ranges for pods and services, and a NAT gateway."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_gke" {
  description = "Private GKE cluster with a node pool. Needs enable_network."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = !var.enable_gke || var.enable_network
    error_message = "enable_gke needs enable_network: the cluster's nodes live in that network."
  }
}

variable "enable_fixed_address" {
  description = "Reserved external address for the LoadBalancer service of the cluster. It is billed while nothing uses it."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_registry" {
  description = "Artifact Registry repository for container images."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_run" {
  description = "Cloud Run: its API, its identity, and the service itself as soon as run_image names an image."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_ci" {
  description = "Sign-in for GitHub Actions without keys, limited to github_repository and github_branch."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_ci || var.github_repository != null
    error_message = "enable_ci needs github_repository: which repository may sign in?"
  }
}

variable "enable_binary_authorization" {
  description = "Refuse images that are not of this registry. Sets the one policy of the whole project. Needs enable_registry."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_binary_authorization || var.enable_registry
    error_message = "enable_binary_authorization needs enable_registry: its policy allows the images of that registry."
  }
}

variable "enable_log_bucket" {
  description = "Keep the logs of cluster and service in a bucket of their own for log_retention_days (the project's own keeps 30 days)."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the log bucket keeps logs."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 3650 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days must be a whole number from 1 to 3650."
  }
}

variable "registry_keep_count" {
  description = "Newest versions of an image that are kept whatever their age."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.registry_keep_count >= 1 && var.registry_keep_count <= 1000 && floor(var.registry_keep_count) == var.registry_keep_count
    error_message = "registry_keep_count must be a whole number from 1 to 1000."
  }
}

variable "registry_untagged_days" {
  description = "Days after which an image without a tag is deleted. Tagged images stay: their tags are immutable."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.registry_untagged_days >= 1 && var.registry_untagged_days <= 3650 && floor(var.registry_untagged_days) == var.registry_untagged_days
    error_message = "registry_untagged_days must be a whole number from 1 to 3650."
  }
}

variable "enable_image_scanning" {
  description = "Scan pushed images for known vulnerabilities. Google bills each scanned image."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_image_scanning || var.enable_registry
    error_message = "enable_image_scanning needs enable_registry."
  }
}

variable "binary_authorization_allowed_images" {
  description = "Image patterns that Binary Authorization allows beside this registry, such as docker.io/library/redis@*."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for pattern in var.binary_authorization_allowed_images : can(regex("^[a-z0-9.-]+\\.[a-z]+(:[0-9]+)?/[^*]", pattern))])
    error_message = "binary_authorization_allowed_images: a pattern names a registry host and a path, such as docker.io/library/redis@*."
  }
}
