variable "zone" {
  description = "Zone for a zonal cluster. Null makes a regional one, whose control plane and nodes survive the loss of a zone."
  type        = string
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^${var.region}-[a-z]$", var.zone))
    error_message = "zone must be a zone of region, such as us-central1-a for us-central1."
  }
}

variable "node_zones" {
  description = "Zones of the nodes. Empty: those of the cluster."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for zone in var.node_zones : can(regex("^${var.region}-[a-z]$", zone))])
    error_message = "node_zones must be zones of region, such as us-central1-a for us-central1."
  }
}

variable "release_channel" {
  description = "How early the cluster gets new Kubernetes versions: RAPID, REGULAR, STABLE or EXTENDED."
  type        = string
  default     = "REGULAR"
  nullable    = false

  validation {
    condition     = contains(["RAPID", "REGULAR", "STABLE", "EXTENDED"], var.release_channel)
    error_message = "release_channel must be RAPID, REGULAR, STABLE or EXTENDED."
  }
}

variable "maintenance_window" {
  description = "When Google may upgrade the cluster: first window (RFC 3339) and its repetition (RFC 5545). At least 48 hours in 32 days."
  type = object({
    start_time = string
    end_time   = string
    recurrence = string
  })
  default = {
    start_time = "2025-01-04T02:00:00Z"
    end_time   = "2025-01-04T08:00:00Z"
    recurrence = "FREQ=WEEKLY;BYDAY=SA,SU"
  }
  nullable = false

  validation {
    condition     = can(timecmp(var.maintenance_window.start_time, var.maintenance_window.end_time)) && try(timecmp(var.maintenance_window.start_time, var.maintenance_window.end_time) < 0, true)
    error_message = "maintenance_window: start_time and end_time must be RFC 3339 times such as 2025-01-04T02:00:00Z, and start_time the earlier one."
  }

  validation {
    condition     = can(regex("^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Z0-9,+-]+)*$", var.maintenance_window.recurrence))
    error_message = "maintenance_window: recurrence must be an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=SA,SU."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete or replace the cluster. Set it to false and provision once before destroying."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_dns_endpoint" {
  description = "Let callers with a Google identity and container.clusters.connect reach the control plane by its DNS name from anywhere."
  type        = bool
  default     = true
  nullable    = false
}

variable "endpoint_public_access" {
  description = "Give the control plane a public address, open to api_allowed_cidrs only."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_allowed_cidrs" {
  description = "Networks that may reach the control plane by address: public ones with endpoint_public_access, private ones without."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.api_allowed_cidrs) > 0 || !var.endpoint_public_access
    error_message = "endpoint_public_access needs api_allowed_cidrs: which networks may reach the control plane?"
  }

  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : try(cidrsubnet(cidr, 0, 0) == cidr, false) && can(regex("^[0-9.]+/", cidr))])
    error_message = "api_allowed_cidrs must be IPv4 networks such as 203.0.113.0/24, without host bits."
  }

  validation {
    # 0.0.0.0/1 and 128.0.0.0/1 together are the whole internet too.
    condition     = alltrue([for cidr in var.api_allowed_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, true)])
    error_message = "api_allowed_cidrs must not hold 0.0.0.0/0 or any other network wider than /8: that opens the control plane to the internet."
  }

  validation {
    condition = var.endpoint_public_access || alltrue([
      for cidr in var.api_allowed_cidrs : can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", cidr))
    ])
    error_message = "api_allowed_cidrs must be private networks while endpoint_public_access is false: a private endpoint is reached from private addresses only."
  }
}

variable "node_machine_type" {
  description = "Machine type of the nodes."
  type        = string
  default     = "e2-standard-4"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*-[a-z0-9-]+$", var.node_machine_type))
    error_message = "node_machine_type must be a machine type such as e2-standard-4."
  }
}

variable "node_count_min" {
  description = "Nodes that the pool keeps at least, over all zones."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.node_count_min >= 0 && floor(var.node_count_min) == var.node_count_min
    error_message = "node_count_min must be a whole number, 0 or more."
  }
}

variable "node_count_max" {
  description = "Nodes that the pool grows to at most, over all zones."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.node_count_max >= 1 && var.node_count_max <= 1000 && floor(var.node_count_max) == var.node_count_max
    error_message = "node_count_max must be a whole number from 1 to 1000."
  }

  validation {
    condition     = var.node_count_max >= var.node_count_min
    error_message = "node_count_max must not be less than node_count_min."
  }
}

variable "node_disk_size_gb" {
  description = "Boot disk of a node in GB."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.node_disk_size_gb >= 20 && var.node_disk_size_gb <= 65536 && floor(var.node_disk_size_gb) == var.node_disk_size_gb
    error_message = "node_disk_size_gb must be a whole number from 20 to 65536: less does not hold the images of the system."
  }
}

variable "node_disk_type" {
  description = "Boot disk type of a node."
  type        = string
  default     = "pd-balanced"
  nullable    = false

  validation {
    condition     = contains(["pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"], var.node_disk_type)
    error_message = "node_disk_type must be pd-standard, pd-balanced, pd-ssd or hyperdisk-balanced."
  }
}

variable "node_spot" {
  description = "Use spot machines: cheaper, and taken away at any time."
  type        = bool
  default     = false
  nullable    = false
}

variable "kubernetes_namespace" {
  description = "Namespace of the service in the cluster; its Kubernetes service account may act as the runtime account."
  type        = string
  default     = "default"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.kubernetes_namespace))
    error_message = "kubernetes_namespace must be a DNS label: 1 to 63 lower-case letters, digits and dashes."
  }
}

variable "kubernetes_service_account" {
  description = "Kubernetes service account of the service. Null: name."
  type        = string
  default     = null

  validation {
    condition     = var.kubernetes_service_account == null || can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.kubernetes_service_account))
    error_message = "kubernetes_service_account must be a DNS name: lower-case letters, digits, dots and dashes."
  }
}
