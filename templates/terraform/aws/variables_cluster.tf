# The EKS cluster and the EC2 instance.

variable "kubernetes_version" {
  description = "Kubernetes version, for example 1.34. Null: EKS's default when the cluster is made, unchanged afterwards."
  type        = string
  default     = null

  validation {
    condition     = var.kubernetes_version == null || can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version such as 1.34."
  }
}

variable "kubernetes_support_type" {
  description = "STANDARD: EKS upgrades the cluster when its version leaves standard support. EXTENDED: it stays, at a higher price per hour."
  type        = string
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.kubernetes_support_type)
    error_message = "kubernetes_support_type must be STANDARD or EXTENDED."
  }
}

variable "endpoint_public_access" {
  description = "Let api_allowed_cidrs reach the Kubernetes API from the internet. The private endpoint is always there."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.endpoint_public_access || length(var.api_allowed_cidrs) > 0
    error_message = "endpoint_public_access needs api_allowed_cidrs: without them EKS would open the API to everyone."
  }
}

variable "api_allowed_cidrs" {
  description = "IPv4 blocks that may reach the public endpoint of the Kubernetes API."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for cidr in var.api_allowed_cidrs : can(regex("^[0-9.]+/[0-9]+$", cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)
    ])
    error_message = "api_allowed_cidrs must be IPv4 blocks written by their first address, for example 203.0.113.0/24 or 203.0.113.7/32."
  }

  # /0 is everyone; two /1 or four /2 would be everyone in other words.
  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "api_allowed_cidrs must not hold 0.0.0.0/0 nor any block wider than /8: name the addresses of your office, VPN or runners."
  }
}

variable "eks_admin_arns" {
  description = "IAM roles or users that administer the cluster, besides whoever made it."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.eks_admin_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "eks_admin_arns must be ARNs of IAM roles or users. For a session (arn:...:sts:...:assumed-role/...), name the role."
  }
}

variable "deploy_namespaces" {
  description = "Kubernetes namespaces that the service is deployed to: the CI role may change them, the agent of the SLOs has its role there."
  type        = set(string)
  default     = ["default"]
  nullable    = false

  validation {
    condition = length(var.deploy_namespaces) > 0 && alltrue([
      for namespace in var.deploy_namespaces : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", namespace)) && namespace != "kube-system"
    ])
    error_message = "deploy_namespaces must be one or more namespaces by name, without wildcards and without kube-system."
  }
}

variable "node_instance_types" {
  description = "EC2 types of the nodes. Several give spot capacity more to choose from; they should be alike in size."
  type        = list(string)
  default     = ["m6i.large"]
  nullable    = false

  validation {
    condition     = length(var.node_instance_types) > 0 && alltrue([for type in var.node_instance_types : can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", type))])
    error_message = "node_instance_types must name at least one EC2 type such as m6i.large."
  }
}

variable "node_ami_type" {
  description = "EKS image of the nodes: Amazon Linux 2023 for the processor of node_instance_types."
  type        = string
  default     = "AL2023_x86_64_STANDARD"
  nullable    = false

  validation {
    condition     = contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"], var.node_ami_type)
    error_message = "node_ami_type must be AL2023_x86_64_STANDARD or AL2023_ARM_64_STANDARD."
  }
}

variable "node_capacity_type" {
  description = "ON_DEMAND, or SPOT: cheaper, and taken back with two minutes' notice."
  type        = string
  default     = "ON_DEMAND"
  nullable    = false

  validation {
    condition     = contains(["ON_DEMAND", "SPOT"], var.node_capacity_type)
    error_message = "node_capacity_type must be ON_DEMAND or SPOT."
  }
}

variable "node_min_size" {
  description = "Fewest nodes."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.node_min_size >= 1 && floor(var.node_min_size) == var.node_min_size
    error_message = "node_min_size must be a whole number of at least 1."
  }
}

variable "node_desired_size" {
  description = "Nodes to run. The default takes the service's three replicas of one CPU each, one on every node."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = floor(var.node_desired_size) == var.node_desired_size && var.node_desired_size >= var.node_min_size
    error_message = "node_desired_size must be a whole number that is not less than node_min_size."
  }
}

variable "node_max_size" {
  description = "Most nodes."
  type        = number
  default     = 6
  nullable    = false

  validation {
    condition     = floor(var.node_max_size) == var.node_max_size && var.node_max_size >= var.node_desired_size
    error_message = "node_max_size must be a whole number that is not less than node_desired_size."
  }
}

variable "node_disk_gib" {
  description = "GiB of each node's encrypted root disk, which also holds the images."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.node_disk_gib >= 20 && var.node_disk_gib <= 16384 && floor(var.node_disk_gib) == var.node_disk_gib
    error_message = "node_disk_gib must be a whole number from 20 to 16384."
  }
}

variable "instance_type" {
  description = "EC2 type of the instance."
  type        = string
  default     = "t3.small"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type must be an EC2 type such as t3.small."
  }
}

variable "instance_architecture" {
  description = "Processor of instance_type: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.instance_architecture)
    error_message = "instance_architecture must be x86_64 or arm64."
  }
}

variable "instance_disk_gib" {
  description = "GiB of the instance's encrypted root disk."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.instance_disk_gib >= 8 && var.instance_disk_gib <= 16384 && floor(var.instance_disk_gib) == var.instance_disk_gib
    error_message = "instance_disk_gib must be a whole number from 8 to 16384."
  }
}
