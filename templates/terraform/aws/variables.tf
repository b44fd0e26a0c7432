# What every part shares, the switches, and the network, storage, registry, CI and budget settings.
# The cluster's and the instance's are in variables_cluster.tf, the pipeline's and the warehouse's in variables_pipeline.tf.

variable "name" {
  description = "Name of the project: the prefix of every resource and the value of the tag mlops:project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && length(var.name) <= 29
    error_message = "name must be 2 to 29 lower-case letters, digits and single dashes, beginning with a letter: the longest bucket name made of it has to fit S3's limit of 63."
  }
}

variable "region" {
  description = "AWS region that everything is made in, for example eu-central-1. It is where the data lies, so it has no default."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, for example us-east-1."
  }
}

variable "tags" {
  description = "Further tags for every resource."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key in keys(var.tags) : !startswith(lower(key), "aws:") && !contains(["mlops:project", "Project", "ManagedBy"], key)
    ])
    error_message = "tags must not begin with aws: (reserved by AWS) nor replace mlops:project, Project or ManagedBy, by which leftovers are found."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every IAM role made here, where an organization demands one. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy."
  }
}

variable "log_retention_days" {
  description = "Days that every CloudWatch log group keeps its events."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days
    )
    error_message = "log_retention_days must be a period that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 or a longer one from its list. Keeping for ever is not offered here."
  }
}

# Switches

variable "enable_network" {
  description = "Make the VPC with its subnets, NAT, endpoints and flow logs."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_storage" {
  description = "Make the data bucket, its key and the bucket for its access logs."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_registry" {
  description = "Make the ECR repositories."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_eks" {
  description = "Make the EKS cluster with its node group and add-ons."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = !var.enable_eks || var.enable_network
    error_message = "enable_eks needs enable_network: the cluster lives in the VPC made here."
  }
}

variable "enable_compute" {
  description = "Make the EC2 instance, which is also the way in to the private endpoint of the cluster."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = !var.enable_compute || var.enable_network
    error_message = "enable_compute needs enable_network: the instance lives in a private subnet of the VPC made here."
  }
}

variable "enable_pipeline" {
  description = "Make the queue, notification, functions and schedule that turn recordings into rows."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_pipeline || (var.enable_network && var.enable_storage)
    error_message = "enable_pipeline needs enable_network and enable_storage: recordings lie in the data bucket and the functions run in the VPC."
  }
}

variable "enable_warehouse" {
  description = "Make the Redshift warehouse and its COPY role."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_warehouse || (var.enable_network && var.enable_storage)
    error_message = "enable_warehouse needs enable_network and enable_storage: it runs in the VPC, loads from the data bucket and shares its key."
  }

  validation {
    condition     = !var.enable_warehouse || var.warehouse_type != "serverless" || var.zone_count == 3
    error_message = "enable_warehouse with warehouse_type = \"serverless\" needs zone_count = 3: Redshift Serverless wants subnets in three zones. Or set warehouse_type = \"provisioned\"."
  }
}

variable "enable_ci" {
  description = "Make the role that GitHub Actions assumes by OIDC, without stored keys."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_ci || var.github_repository != null
    error_message = "enable_ci needs github_repository (owner/name): the role is for one repository only."
  }
}

variable "enable_budget" {
  description = "Make a monthly cost budget that warns by e-mail."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_budget || length(var.budget_emails) > 0
    error_message = "enable_budget needs at least one address in budget_emails: a budget that tells nobody is none."
  }
}

variable "enable_fixed_address" {
  description = "Keep one elastic IP address per zone for a public load balancer in front of the service."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enable_fixed_address || var.enable_network
    error_message = "enable_fixed_address needs enable_network: there is one address for each of its zones."
  }
}

# Network

variable "vpc_cidr" {
  description = "Addresses of the VPC. Pods take theirs from the private subnets, so leave room."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition = (
      can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.", var.vpc_cidr)) && can(cidrhost(var.vpc_cidr, 0)) &&
      try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false) &&
      try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    )
    error_message = "vpc_cidr must be a private IPv4 block between /16 and /20 written by its first address, for example 10.0.0.0/16."
  }
}

variable "zone_count" {
  description = "Availability zones to spread over. EKS cannot move its control plane to zones it did not start with, so choose once."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count must be 2 or 3."
  }
}

variable "nat_gateways" {
  description = "single: one NAT gateway for all zones, cheaper. per_zone: one in each, so that the loss of a zone cuts off no other."
  type        = string
  default     = "single"
  nullable    = false

  validation {
    condition     = contains(["single", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways must be single or per_zone."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached inside the VPC rather than through NAT, by short name. Each is billed per zone and hour."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "eks-auth", "logs", "ssm", "ssmmessages", "sts"]
  nullable    = false

  validation {
    condition = alltrue([
      for service in var.interface_endpoints : can(regex("^[a-z0-9]+([.-][a-z0-9]+)*$", service)) && !contains(["s3", "dynamodb"], service)
    ])
    error_message = "interface_endpoints must be short names of services such as ecr.api or sts. S3 has a gateway endpoint already, which costs nothing."
  }
}

# Storage and registry

variable "data_bucket_name" {
  description = "Name of the data bucket. Null: <name>-data-<account>-<region>, the same each time."
  type        = string
  default     = null

  validation {
    condition     = var.data_bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.data_bucket_name))
    error_message = "data_bucket_name must be 3 to 63 lower-case letters, digits and dashes (no dots: they break TLS to the bucket's own host name)."
  }
}

variable "noncurrent_version_days" {
  description = "Days that an overwritten or deleted object can still be brought back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number of at least 1."
  }
}

variable "access_log_days" {
  description = "Days that the data bucket's access logs are kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.access_log_days >= 1 && floor(var.access_log_days) == var.access_log_days
    error_message = "access_log_days must be a whole number of at least 1."
  }
}

variable "image_keep_count" {
  description = "Images that each repository keeps. Older ones expire, whether something still runs them or not."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.image_keep_count >= 10 && floor(var.image_keep_count) == var.image_keep_count
    error_message = "image_keep_count must be a whole number of at least 10, so that what runs and what one rolls back to stays."
  }
}

# CI and budget

variable "github_repository" {
  description = "Repository that may assume the CI role, as owner/name."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be one repository as owner/name, without wildcards."
  }
}

variable "github_branch" {
  description = "Branch of that repository whose workflow runs may assume the CI role."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*$", var.github_branch))
    error_message = "github_branch must be the name of one branch, without wildcards."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of GitHub's OIDC provider if the account has it already (it can have only one). Null: it is made."
  type        = string
  default     = null

  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be the ARN of an IAM OIDC provider for token.actions.githubusercontent.com."
  }
}

variable "budget_monthly_usd" {
  description = "US dollars a month that the budget allows."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.budget_monthly_usd > 0
    error_message = "budget_monthly_usd must be greater than 0."
  }
}

variable "budget_emails" {
  description = "Addresses that are told at 80 % spent and when the forecast passes 100 %."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.budget_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", email))]) && length(var.budget_emails) <= 10
    error_message = "budget_emails must be e-mail addresses, at most 10 (the limit of AWS Budgets)."
  }
}

variable "budget_scope" {
  description = "account: all costs of the account. project: only what carries the tag mlops:project, once that is activated as a cost allocation tag; before, it counts nothing."
  type        = string
  default     = "account"
  nullable    = false

  validation {
    condition     = contains(["account", "project"], var.budget_scope)
    error_message = "budget_scope must be account or project."
  }
}
