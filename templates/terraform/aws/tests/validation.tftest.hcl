# Every validation refuses what it is there for; the other files hold what is accepted. Each run sets many variables
# wrong at once and expects every one of them to be refused, for a run costs seconds and a variable nothing.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "flight-delay"
  region = "eu-central-1"
}

run "network_off_under_what_needs_it" {
  command = plan

  variables {
    enable_network       = false
    enable_eks           = true
    enable_compute       = true
    enable_pipeline      = true
    enable_warehouse     = true
    enable_fixed_address = true
  }

  expect_failures = [
    var.enable_eks,
    var.enable_compute,
    var.enable_pipeline,
    var.enable_warehouse,
    var.enable_fixed_address,
  ]
}

run "storage_off_under_what_needs_it" {
  command = plan

  variables {
    enable_storage   = false
    enable_pipeline  = true
    enable_warehouse = true
  }

  expect_failures = [
    var.enable_pipeline,
    var.enable_warehouse,
  ]
}

run "settings_that_do_not_fit_together" {
  command = plan

  variables {
    enable_warehouse        = true # serverless
    zone_count              = 2
    enable_ci               = true # no repository
    enable_budget           = true # no addresses
    endpoint_public_access  = true # no addresses: everyone
    node_min_size           = 3
    node_desired_size       = 2 # below the minimum
    warehouse_base_capacity = 64
    warehouse_max_capacity  = 32 # below the base
  }

  expect_failures = [
    var.enable_warehouse,
    var.enable_ci,
    var.enable_budget,
    var.endpoint_public_access,
    var.node_desired_size,
    var.warehouse_max_capacity,
  ]
}

run "wrong_values" {
  command = plan

  variables {
    name                       = "a-name-of-thirty-characters-xx"   # too long for a bucket
    region                     = "eu-central-1a"                    # a zone
    tags                       = { "aws:x" = "y" }                  # reserved by AWS
    permissions_boundary_arn   = "arn:aws:iam::123456789012:role/x" # a role
    log_retention_days         = 0                                  # for ever
    vpc_cidr                   = "52.0.0.0/16"                      # public addresses
    zone_count                 = 1
    nat_gateways               = "none"
    interface_endpoints        = ["com.amazonaws.eu-central-1.sts/"] # not the short name
    data_bucket_name           = "my.bucket"                         # dots
    noncurrent_version_days    = 0
    access_log_days            = 0
    image_keep_count           = 9
    github_repository          = "acme/*"                                             # every repository of an owner
    github_branch              = "*"                                                  # every branch
    github_oidc_provider_arn   = "arn:aws:iam::123456789012:oidc-provider/gitlab.com" # another provider
    budget_monthly_usd         = 0
    budget_emails              = ["team"]
    budget_scope               = "team"
    kubernetes_version         = "1.34.1" # a patch version
    kubernetes_support_type    = "NONE"
    api_allowed_cidrs          = ["0.0.0.0/0"]                                          # everyone
    eks_admin_arns             = ["arn:aws:sts::123456789012:assumed-role/platform/me"] # a session
    deploy_namespaces          = []
    node_instance_types        = []
    node_ami_type              = "BOTTLEROCKET_x86_64"
    node_capacity_type         = "RESERVED"
    node_min_size              = 0
    node_disk_gib              = 10
    instance_type              = "small"
    instance_architecture      = "arm"
    instance_disk_gib          = 4
    recordings_prefix          = ""                                                                 # the whole bucket
    transcribe_image_uri       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/functions:latest" # by tag
    function_architecture      = "arm"
    transcribe_memory_mb       = 128
    transcribe_timeout_seconds = 901 # over Lambda's limit
    transcribe_concurrency     = 1
    result_format              = "parquet"
    load_schedule              = "every hour"
    warehouse_type             = "snowflake"
    warehouse_database         = "template1" # Redshift's own
    warehouse_table            = "t; drop table x"
    warehouse_admin_username   = "public" # reserved
    warehouse_base_capacity    = 12       # not by eight
    warehouse_node_type        = "dc2.large"
    warehouse_node_count       = 0
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.permissions_boundary_arn,
    var.log_retention_days,
    var.vpc_cidr,
    var.zone_count,
    var.nat_gateways,
    var.interface_endpoints,
    var.data_bucket_name,
    var.noncurrent_version_days,
    var.access_log_days,
    var.image_keep_count,
    var.github_repository,
    var.github_branch,
    var.github_oidc_provider_arn,
    var.budget_monthly_usd,
    var.budget_emails,
    var.budget_scope,
    var.kubernetes_version,
    var.kubernetes_support_type,
    var.api_allowed_cidrs,
    var.eks_admin_arns,
    var.deploy_namespaces,
    var.node_instance_types,
    var.node_ami_type,
    var.node_capacity_type,
    var.node_min_size,
    var.node_disk_gib,
    var.instance_type,
    var.instance_architecture,
    var.instance_disk_gib,
    var.recordings_prefix,
    var.transcribe_image_uri,
    var.function_architecture,
    var.transcribe_memory_mb,
    var.transcribe_timeout_seconds,
    var.transcribe_concurrency,
    var.result_format,
    var.load_schedule,
    var.warehouse_type,
    var.warehouse_database,
    var.warehouse_table,
    var.warehouse_admin_username,
    var.warehouse_base_capacity,
    var.warehouse_node_type,
    var.warehouse_node_count,
  ]
}

run "more_wrong_values" {
  command = plan

  variables {
    name                       = "Flight" # upper case
    region                     = "frankfurt"
    tags                       = { "mlops:project" = "other" } # replaces ours
    log_retention_days         = 31                            # not offered
    vpc_cidr                   = "10.0.0.0/24"                 # too small
    zone_count                 = 4
    interface_endpoints        = ["s3"] # has a gateway endpoint
    noncurrent_version_days    = 1.5
    github_repository          = "flight-delay"               # no owner
    github_branch              = "main:environment:prod"      # another claim
    api_allowed_cidrs          = ["0.0.0.0/1", "128.0.0.0/1"] # everyone in halves
    deploy_namespaces          = ["kube-system"]
    node_instance_types        = ["large"]
    recordings_prefix          = "recordings"                                                                                       # recordings-of-others/ too
    transcribe_image_uri       = "docker.io/acme/functions@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" # not in ECR
    transcribe_timeout_seconds = 29
    transcribe_concurrency     = 1001
    warehouse_base_capacity    = 520
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.log_retention_days,
    var.vpc_cidr,
    var.zone_count,
    var.interface_endpoints,
    var.noncurrent_version_days,
    var.github_repository,
    var.github_branch,
    var.api_allowed_cidrs,
    var.deploy_namespaces,
    var.node_instance_types,
    var.recordings_prefix,
    var.transcribe_image_uri,
    var.transcribe_timeout_seconds,
    var.transcribe_concurrency,
    var.warehouse_base_capacity,
  ]
}

run "names_and_addresses_1" {
  command = plan

  variables {
    name              = "9lives"           # begins with a digit
    vpc_cidr          = "10.0.0.0/8"       # too large
    api_allowed_cidrs = ["203.0.113.7/24"] # host bits
    recordings_prefix = "processed/"       # where results go
    deploy_namespaces = ["*"]
    node_max_size     = 2 # below the three to run
  }

  expect_failures = [
    var.name,
    var.vpc_cidr,
    var.api_allowed_cidrs,
    var.recordings_prefix,
    var.deploy_namespaces,
    var.node_max_size,
  ]
}

run "names_and_addresses_2" {
  command = plan

  variables {
    name              = "a--b"          # two dashes
    vpc_cidr          = "10.0.1.0/16"   # host bits
    api_allowed_cidrs = ["::/0"]        # everyone, by IPv6
    recordings_prefix = "failed/again/" # where failures go
  }

  expect_failures = [
    var.name,
    var.vpc_cidr,
    var.api_allowed_cidrs,
    var.recordings_prefix,
  ]
}

run "names_and_addresses_3" {
  command = plan

  variables {
    name              = "ab-"           # ends with a dash
    vpc_cidr          = "10.0.0.0"      # no block
    api_allowed_cidrs = ["203.0.113.7"] # no block
    recordings_prefix = "/recordings/"  # begins with a slash
  }

  expect_failures = [
    var.name,
    var.vpc_cidr,
    var.api_allowed_cidrs,
    var.recordings_prefix,
  ]
}
