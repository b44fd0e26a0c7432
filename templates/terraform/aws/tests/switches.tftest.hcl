# Every enable_* switch the other way round than in defaults.tftest.hcl.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "flight-delay"
  region = "eu-central-1"
}

run "network_off" {
  command = plan

  variables {
    enable_network = false
    enable_eks     = false
    enable_compute = false
  }

  assert {
    condition     = length(aws_vpc.main) + length(aws_subnet.private) + length(aws_nat_gateway.main) + length(aws_vpc_endpoint.interface) + length(aws_flow_log.main) == 0
    error_message = "No network."
  }

  assert {
    condition     = output.vpc_id == null && output.private_subnet_ids == null && output.public_subnet_ids == null && output.eks_cluster_name == null && output.ec2_instance_id == null
    error_message = "Null outputs."
  }

  assert {
    condition     = output.s3_bucket_name != null && length(aws_ecr_repository.main) == 1
    error_message = "Storage and registry stand alone."
  }
}

run "storage_off" {
  command = plan

  variables {
    enable_storage = false
  }

  assert {
    condition     = length(aws_s3_bucket.data) + length(aws_s3_bucket.access_logs) + length(aws_kms_key.data) == 0
    error_message = "No storage."
  }

  assert {
    condition     = output.s3_bucket_name == null && output.access_logs_bucket_name == null && output.data_key_arn == null
    error_message = "Null outputs."
  }
}

run "registry_off" {
  command = plan

  variables {
    enable_registry = false
    enable_pipeline = true
  }

  assert {
    condition     = length(aws_ecr_repository.main) + length(aws_ecr_lifecycle_policy.main) + length(aws_ecr_repository_policy.functions) == 0
    error_message = "No repositories, not even that of the functions."
  }

  assert {
    condition     = output.ecr_repository_url == null && output.functions_repository_url == null
    error_message = "Null outputs."
  }
}

run "eks_off" {
  command = plan

  variables {
    enable_eks = false
  }

  assert {
    condition     = length(aws_eks_cluster.main) + length(aws_eks_node_group.main) + length(aws_eks_addon.before_nodes) + length(aws_eks_addon.after_nodes) + length(aws_iam_role.eks_addon) + length(aws_iam_role.slo_agent) + length(aws_eks_pod_identity_association.slo_agent) + length(aws_cloudwatch_log_group.container_insights) == 0
    error_message = "No cluster."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.eks_from_compute) == 0 && length(aws_instance.compute) == 1
    error_message = "The instance stands alone."
  }

  assert {
    condition     = output.eks_cluster_name == null && output.eks_cluster_endpoint == null && output.eks_cluster_certificate_authority == null && output.eks_cluster_version == null && output.eks_endpoint_public == null
    error_message = "Null outputs."
  }
}

run "compute_off" {
  command = plan

  variables {
    enable_compute = false
  }

  assert {
    condition     = length(aws_instance.compute) + length(aws_security_group.compute) + length(aws_iam_role.compute) + length(aws_vpc_security_group_ingress_rule.eks_from_compute) == 0
    error_message = "No instance."
  }

  assert {
    condition     = output.ec2_instance_id == null
    error_message = "Null output."
  }
}

run "everything_off" {
  command = plan

  variables {
    enable_network  = false
    enable_storage  = false
    enable_registry = false
    enable_eks      = false
    enable_compute  = false
  }

  assert {
    condition = alltrue([for value in [
      output.s3_bucket_name, output.eks_cluster_name, output.ec2_instance_id, output.vpc_id, output.private_subnet_ids, output.public_subnet_ids,
      output.service_eip_allocation_ids, output.service_addresses, output.data_key_arn, output.access_logs_bucket_name, output.ecr_repository_url,
      output.functions_repository_url, output.eks_cluster_endpoint, output.eks_cluster_certificate_authority, output.eks_cluster_version,
      output.eks_endpoint_public, output.queue_url, output.dead_letter_queue_url, output.recordings_url, output.transcribe_function_name,
      output.load_function_name, output.function_timeout_seconds, output.warehouse_workgroup, output.warehouse_cluster, output.warehouse_host, output.warehouse_port,
      output.warehouse_database, output.warehouse_secret_arn, output.warehouse_copy_role_arn, output.warehouse_final_snapshot, output.ci_role_arn,
      output.next_step,
    ] : value == null])
    error_message = "Null outputs."
  }
}

run "fixed_address_and_budget_on" {
  command = plan

  variables {
    enable_fixed_address = true
    enable_budget        = true
    budget_monthly_usd   = 250
    budget_emails        = ["team@example.com"]
  }

  assert {
    condition     = length(aws_eip.service) == 3 && length(output.service_eip_allocation_ids) == 3 && length(output.service_addresses) == 3
    error_message = "One address in each zone."
  }

  assert {
    condition     = aws_budgets_budget.monthly[0].limit_amount == "250" && aws_budgets_budget.monthly[0].limit_unit == "USD" && length(aws_budgets_budget.monthly[0].cost_filter) == 0
    error_message = "The whole account's costs."
  }

  assert {
    condition = toset([for notification in aws_budgets_budget.monthly[0].notification : "${notification.notification_type} ${notification.threshold}"]) == toset(["ACTUAL 80", "FORECASTED 100"]) && alltrue([
      for notification in aws_budgets_budget.monthly[0].notification : notification.subscriber_email_addresses == toset(["team@example.com"])
    ])
    error_message = "Two warnings, by e-mail."
  }
}

run "budget_of_the_project" {
  command = plan

  variables {
    enable_budget = true
    budget_emails = ["team@example.com"]
    budget_scope  = "project"
  }

  assert {
    condition     = one(aws_budgets_budget.monthly[0].cost_filter).values[0] == "user:mlops:project$flight-delay"
    error_message = "What carries the project's tag."
  }
}

run "two_zones_each_with_nat" {
  command = plan

  variables {
    zone_count   = 2
    nat_gateways = "per_zone"
  }

  assert {
    condition     = keys(aws_nat_gateway.main) == ["eu-central-1a", "eu-central-1b"] && length(aws_subnet.private) == 2
    error_message = "Two zones, two NAT gateways."
  }

  assert {
    condition     = aws_subnet.private["eu-central-1a"].cidr_block == "10.0.0.0/19" && aws_subnet.public["eu-central-1a"].cidr_block == "10.0.192.0/22"
    error_message = "Subnets are where they are with three zones."
  }
}

run "a_region_with_too_few_zones" {
  command = plan

  override_data {
    target = data.aws_availability_zones.available[0]
    values = { names = ["us-west-1a", "us-west-1c"] }
  }

  expect_failures = [data.aws_availability_zones.available[0]]
}

run "no_interface_endpoints" {
  command = plan

  variables {
    interface_endpoints = []
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && length(aws_security_group.endpoints) == 0 && length(aws_vpc_endpoint.s3) == 1
    error_message = "The gateway endpoint of S3 stays."
  }
}

run "permissions_boundary" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    enable_pipeline          = true
    enable_warehouse         = true
    enable_ci                = true
    github_repository        = "acme/flight-delay"
    transcribe_image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/f@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  assert {
    condition = alltrue([
      for role in concat(
        aws_iam_role.flow, aws_iam_role.eks_cluster, aws_iam_role.eks_node, values(aws_iam_role.eks_addon), aws_iam_role.slo_agent, aws_iam_role.compute,
        values(aws_iam_role.function), aws_iam_role.scheduler, aws_iam_role.warehouse_copy, aws_iam_role.ci,
      ) : role.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    ])
    error_message = "Every role is bounded."
  }
}
