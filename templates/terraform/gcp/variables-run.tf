variable "run_image" {
  description = "Image the Cloud Run service starts with, by digest. Null: no service yet, because Cloud Run needs an image that exists."
  type        = string
  default     = null

  validation {
    condition     = var.run_image == null || can(regex("^[a-z0-9.-]+\\.[a-z]+/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.run_image))
    error_message = "run_image must name a registry, a repository and a digest: HOST/PATH@sha256:..., because a tag may point to another image tomorrow."
  }

  validation {
    condition     = var.run_image == null || var.enable_run
    error_message = "run_image needs enable_run."
  }
}

variable "run_port" {
  description = "Port that the container listens on; Cloud Run also passes it as PORT."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.run_port >= 1 && var.run_port <= 65535 && floor(var.run_port) == var.run_port
    error_message = "run_port must be a port from 1 to 65535."
  }
}

variable "run_public" {
  description = "Let anyone on the internet call the service without signing in (allUsers)."
  type        = bool
  default     = false
  nullable    = false
}

variable "run_invokers" {
  description = "IAM members that may call the service, such as user:ann@example.com or group:callers@example.com."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.run_invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):.+", member))])
    error_message = "run_invokers must be members such as user:ann@example.com. To let everyone in, set run_public instead."
  }
}

variable "run_ingress" {
  description = "Where calls may come from; who may call is a matter of run_public and run_invokers."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"
  nullable    = false

  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.run_ingress)
    error_message = "run_ingress must be INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY or INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER."
  }
}

variable "run_cpu" {
  description = "CPUs of an instance."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = contains(["1", "2", "4", "6", "8"], var.run_cpu)
    error_message = "run_cpu must be 1, 2, 4, 6 or 8."
  }
}

variable "run_memory" {
  description = "Memory of an instance, such as 1Gi."
  type        = string
  default     = "1Gi"
  nullable    = false

  validation {
    condition     = can(regex("^([1-9][0-9]*Gi|(51[2-9]|5[2-9][0-9]|[6-9][0-9]{2}|[1-9][0-9]{3,})Mi)$", var.run_memory))
    error_message = "run_memory must be a quantity such as 1Gi, and at least 512Mi: the second generation of Cloud Run needs that much."
  }
}

variable "run_concurrency" {
  description = "Requests that one instance works on at the same time."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.run_concurrency >= 1 && var.run_concurrency <= 1000 && floor(var.run_concurrency) == var.run_concurrency
    error_message = "run_concurrency must be a whole number from 1 to 1000."
  }
}

variable "run_timeout_seconds" {
  description = "Seconds after which Cloud Run gives up on a request."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.run_timeout_seconds >= 1 && var.run_timeout_seconds <= 3600 && floor(var.run_timeout_seconds) == var.run_timeout_seconds
    error_message = "run_timeout_seconds must be a whole number from 1 to 3600."
  }
}

variable "run_instances_min" {
  description = "Instances that are kept even when nobody calls. 0 costs nothing when idle, and the first call waits for a start."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.run_instances_min >= 0 && floor(var.run_instances_min) == var.run_instances_min
    error_message = "run_instances_min must be a whole number, 0 or more."
  }
}

variable "run_instances_max" {
  description = "Instances that the service grows to at most: the limit of what it can cost."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.run_instances_max >= 1 && var.run_instances_max <= 1000 && floor(var.run_instances_max) == var.run_instances_max
    error_message = "run_instances_max must be a whole number from 1 to 1000."
  }

  validation {
    condition     = var.run_instances_max >= var.run_instances_min
    error_message = "run_instances_max must not be less than run_instances_min."
  }
}

variable "run_env" {
  description = "Environment of the container. No secrets: pass a reference such as gcp-sm://NAME and list NAME in runtime_secrets."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.run_env) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key))])
    error_message = "run_env: a name has letters, digits and _, and does not start with a digit."
  }

  validation {
    condition     = !contains(keys(var.run_env), "PORT")
    error_message = "run_env must not set PORT: Cloud Run sets it to run_port."
  }
}

variable "runtime_roles" {
  description = "Roles of the running service in the project. Empty: it may do nothing in Google Cloud."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for role in var.runtime_roles : can(regex("^(roles/[A-Za-z0-9.]+|(projects|organizations)/[a-z0-9-]+/roles/[A-Za-z0-9_.]+)$", role))])
    error_message = "runtime_roles must be roles such as roles/monitoring.metricWriter."
  }

  validation {
    condition     = alltrue([for role in var.runtime_roles : !can(regex("^roles/(owner|editor)$|[aA]dmin$", role))])
    error_message = "runtime_roles must not hold roles/owner, roles/editor or an admin role: give the service what it needs."
  }
}

variable "runtime_secrets" {
  description = "Names of secrets in Secret Manager, made outside of Terraform, that the running service may read."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for secret in var.runtime_secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", secret))])
    error_message = "runtime_secrets must be names of secrets of this project: letters, digits, _ and -."
  }
}
