terraform {
  # 1.10 brought the S3 backend's own lock file (use_lockfile).
  required_version = ">= 1.10.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# The account and its credentials come from the environment (AWS_PROFILE, an SSO session, a role in CI).
provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # What one `aws resourcegroupstaggingapi get-resources --tag-filters Key=mlops:project,Values=<name>` finds.
  tags = merge(var.tags, {
    "mlops:project" = var.name
    Project         = var.name
    ManagedBy       = "mlops"
  })

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # Names and ARNs that policies need before the thing itself exists, written once.
  cluster_name    = var.name
  cluster_arn     = "arn:${local.partition}:eks:${var.region}:${local.account_id}:cluster/${local.cluster_name}"
  data_bucket     = coalesce(var.data_bucket_name, "${var.name}-data-${local.account_id}-${var.region}")
  data_bucket_arn = "arn:${local.partition}:s3:::${local.data_bucket}"
  iam_policy_arn  = "arn:${local.partition}:iam::aws:policy"

  # Where things lie in the data bucket. The loader and the functions use these same prefixes.
  result_prefix   = "processed/"
  failed_prefix   = "failed/"
  manifest_prefix = "loads/"
  loaded_prefix   = "loaded/"
}
