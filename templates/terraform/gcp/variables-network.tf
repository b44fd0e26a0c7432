variable "nodes_cidr" {
  description = "Primary range of the subnetwork: nodes and internal load balancers."
  type        = string
  default     = "10.10.0.0/20"
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.nodes_cidr, 0, 0) == var.nodes_cidr, false) && can(regex("/(1[6-9]|2[0-7])$", var.nodes_cidr))
    error_message = "nodes_cidr must be an IPv4 network such as 10.10.0.0/20, without host bits, from /16 to /27."
  }

  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.nodes_cidr))
    error_message = "nodes_cidr must be private (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)."
  }
}

variable "pods_cidr" {
  description = "Secondary range for pods. Every node takes a /24 of it."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.pods_cidr, 0, 0) == var.pods_cidr, false) && can(regex("/(9|1[0-9]|2[0-2])$", var.pods_cidr))
    error_message = "pods_cidr must be an IPv4 network such as 10.20.0.0/16, without host bits, from /9 to /22."
  }

  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.pods_cidr))
    error_message = "pods_cidr must be private (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)."
  }

  validation {
    # One more than the maximum, for the node that an upgrade adds before it takes one away.
    condition     = try(pow(2, 24 - tonumber(split("/", var.pods_cidr)[1])) > var.node_count_max, true)
    error_message = "pods_cidr is too small for node_count_max nodes: a node takes a /24, and an upgrade needs room for one more node."
  }
}

variable "services_cidr" {
  description = "Secondary range for Kubernetes services."
  type        = string
  default     = "10.30.0.0/20"
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.services_cidr, 0, 0) == var.services_cidr, false) && can(regex("/(1[6-9]|2[0-7])$", var.services_cidr))
    error_message = "services_cidr must be an IPv4 network such as 10.30.0.0/20, without host bits, from /16 to /27."
  }

  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.services_cidr))
    error_message = "services_cidr must be private (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)."
  }
}

variable "control_plane_cidr" {
  description = "Range of the cluster's control plane, a /28 that nothing else uses."
  type        = string
  default     = "172.16.0.0/28"
  nullable    = false

  validation {
    condition     = try(cidrsubnet(var.control_plane_cidr, 0, 0) == var.control_plane_cidr, false) && endswith(var.control_plane_cidr, "/28")
    error_message = "control_plane_cidr must be an IPv4 /28 such as 172.16.0.0/28, without host bits."
  }

  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.control_plane_cidr))
    error_message = "control_plane_cidr must be private (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)."
  }
}

variable "enable_flow_logs" {
  description = "Log half of the network's connections, for debugging and for investigations."
  type        = bool
  default     = true
  nullable    = false
}
