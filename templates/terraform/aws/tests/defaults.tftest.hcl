# What somebody gets who sets nothing but a name and a region.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "flight-delay"
  region = "eu-central-1"
}

# One run for all: each costs seconds, an assertion nothing.
run "defaults" {
  command = apply

  # network

  assert {
    condition     = length(aws_subnet.private) == 3 && length(aws_subnet.public) == 3
    error_message = "Three zones, each with a private and a public subnet."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : !subnet.map_public_ip_on_launch])
    error_message = "No subnet hands out public addresses."
  }

  assert {
    condition     = length(aws_nat_gateway.main) == 1 && length(aws_route.private_nat) == 3
    error_message = "One NAT gateway, to which every zone's private subnet has its route."
  }

  assert {
    condition     = length(aws_default_security_group.main[0].ingress) == 0 && length(aws_default_security_group.main[0].egress) == 0
    error_message = "The default security group lets nothing through."
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.s3[0].route_table_ids) >= 1
    error_message = "S3 is reached through a gateway endpoint."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "eks-auth", "logs", "ssm", "ssmmessages", "sts"])
    error_message = "The interface endpoints."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints_https[0].cidr_ipv4 == var.vpc_cidr
    error_message = "Only the VPC reaches its endpoints."
  }

  assert {
    condition     = aws_flow_log.main[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow[0].retention_in_days == 30
    error_message = "All traffic is in the flow logs, for 30 days."
  }

  assert {
    condition     = jsondecode(aws_iam_role.flow[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Only flow logs of this account assume their role."
  }

  # storage

  assert {
    condition     = output.s3_bucket_name == "flight-delay-data-123456789012-eu-central-1" && !aws_s3_bucket.data[0].force_destroy
    error_message = "The data bucket has its own name in this account and region, and is never emptied."
  }

  assert {
    condition = alltrue([
      for block in [aws_s3_bucket_public_access_block.data[0], aws_s3_bucket_public_access_block.access_logs[0]] :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "All public access is blocked."
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.data[0].rule :
      rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.data[0].arn
    ])
    error_message = "The data bucket is encrypted with its own key."
  }

  assert {
    condition     = aws_s3_bucket_versioning.data[0].versioning_configuration[0].status == "Enabled"
    error_message = "The data bucket keeps versions."
  }

  assert {
    condition = alltrue([
      for policy in [aws_s3_bucket_policy.data[0].policy, aws_s3_bucket_policy.access_logs[0].policy] : anytrue([
        for statement in jsondecode(policy).Statement :
        statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*" && length(statement.Resource) == 2 &&
        try(statement.Condition.Bool["aws:SecureTransport"] == "false", false)
      ])
    ])
    error_message = "Nothing is done without TLS."
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_s3_bucket_policy.data[0].policy).Statement : try(statement.Effect == "Deny" && statement.Condition.NumericLessThan["s3:TlsVersion"] == "1.2", false)])
    error_message = "Nothing is done with an old TLS."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.data[0].policy).Statement : statement.Effect == "Deny"])
    error_message = "The bucket's policy gives nobody anything."
  }

  assert {
    condition     = aws_s3_bucket_logging.data[0].target_bucket == aws_s3_bucket.access_logs[0].id
    error_message = "Access to the data bucket is logged."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_s3_bucket_policy.access_logs[0].policy).Statement :
      try(statement.Principal.Service == "logging.s3.amazonaws.com" && statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012" &&
      endswith(statement.Condition.ArnLike["aws:SourceArn"], "flight-delay-data-123456789012-eu-central-1"), false)
    ])
    error_message = "Only S3, and only for the data bucket, writes access logs."
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.data[0].rule :
      try(rule.status == "Enabled" && rule.noncurrent_version_expiration[0].noncurrent_days == 30 && rule.abort_incomplete_multipart_upload[0].days_after_initiation == 7, false)
    ])
    error_message = "Old versions go after 30 days, unfinished uploads after 7."
  }

  assert {
    condition     = { for rule in aws_s3_bucket_lifecycle_configuration.data[0].rule : rule.filter[0].prefix => rule.expiration[0].days if try(rule.expiration[0].days > 0, false) } == { "loads/" = 7 }
    error_message = "What loads have left goes after a week, and nothing else goes by age."
  }

  # keys

  assert {
    condition     = aws_kms_key.data[0].enable_key_rotation && aws_kms_key.platform.enable_key_rotation
    error_message = "Keys are rotated."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.platform.policy).Statement :
      can(statement.Principal.Service) ? can(statement.Condition) : statement.Principal.AWS == "arn:aws:iam::123456789012:root"
    ])
    error_message = "Services use the key under a condition; otherwise the account decides."
  }

  assert {
    condition = alltrue([
      for service, actions in {
        "logs.eu-central-1.amazonaws.com" = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        "cloudwatch.amazonaws.com"        = ["kms:Decrypt", "kms:GenerateDataKey*"]
        } : anytrue([
          for statement in jsondecode(aws_kms_key.platform.policy).Statement :
          try(statement.Effect == "Allow" && statement.Principal.Service == service && toset(statement.Action) == toset(actions), false)
      ])
    ])
    error_message = "Without the first no log group can be made, without the second alarms reach nobody."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.eks_cluster_secrets[0].policy).Statement : statement.Action if statement.Resource == aws_kms_key.platform.arn
    ])) == toset(["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"])
    error_message = "The control plane may use the key of its secrets."
  }

  assert {
    condition     = length(jsondecode(aws_kms_key.data[0].policy).Statement) == 1
    error_message = "The data's key is no service's."
  }

  # registry

  assert {
    condition     = keys(aws_ecr_repository.main) == ["service"]
    error_message = "One repository: that of the functions comes with the pipeline."
  }

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.main :
      repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].encryption_type == "KMS"
    ])
    error_message = "Tags cannot be moved, images are scanned and encrypted."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.main["service"].policy).rules : rule.selection.countNumber] == [14, 100]
    error_message = "Untagged images go after 14 days, and 100 are kept."
  }

  # eks

  assert {
    condition     = aws_eks_cluster.main[0].vpc_config[0].endpoint_private_access && !aws_eks_cluster.main[0].vpc_config[0].endpoint_public_access
    error_message = "The Kubernetes API is private."
  }

  assert {
    condition     = aws_eks_cluster.main[0].enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "All five logs of the control plane."
  }

  assert {
    condition     = aws_eks_cluster.main[0].encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.main[0].encryption_config[0].provider[0].key_arn == aws_kms_key.platform.arn
    error_message = "Secrets are encrypted with our key."
  }

  assert {
    condition     = aws_eks_cluster.main[0].access_config[0].authentication_mode == "API" && length(aws_eks_access_entry.admin) == 0
    error_message = "Access entries only, and none but the maker's."
  }

  assert {
    condition     = aws_eks_cluster.main[0].upgrade_policy[0].support_type == "STANDARD"
    error_message = "No extended support, which costs more, unless asked for."
  }

  assert {
    condition = setunion(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.after_nodes)) == toset([
      "amazon-cloudwatch-observability", "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni",
    ])
    error_message = "The add-ons."
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Network policies are enforced."
  }

  assert {
    condition = (
      one(aws_eks_addon.after_nodes["amazon-cloudwatch-observability"].pod_identity_association).service_account == "cloudwatch-agent" &&
      one(aws_eks_addon.before_nodes["vpc-cni"].pod_identity_association).service_account == "aws-node"
    )
    error_message = "The add-ons that call AWS have a role of their own."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.eks_addon :
      can(jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/kubernetes-service-account"]) &&
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/eks-cluster-arn"] == "arn:aws:eks:eu-central-1:123456789012:cluster/flight-delay"
    ])
    error_message = "Only one service account of this cluster takes each of those roles."
  }

  assert {
    condition = (
      one(values(aws_eks_pod_identity_association.slo_agent)).namespace == "default" &&
      one(values(aws_eks_pod_identity_association.slo_agent)).service_account == "flight-delay-cloudwatch-agent" &&
      jsondecode(aws_iam_role.slo_agent[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] == "flight-delay-cloudwatch-agent" &&
      jsondecode(aws_iam_role_policy.slo_agent[0].policy).Statement[0].Resource == "arn:aws:logs:eu-central-1:123456789012:log-group:/mlops/slo:*"
    )
    error_message = "The CloudWatch agent of the SLOs may write its log events, and nothing else."
  }

  assert {
    condition     = aws_launch_template.eks_node[0].metadata_options[0].http_tokens == "required" && aws_launch_template.eks_node[0].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Nodes answer IMDSv2 only, and pods not at all."
  }

  assert {
    condition     = aws_launch_template.eks_node[0].block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "Nodes' disks are encrypted."
  }

  assert {
    condition = alltrue([
      for specification in aws_launch_template.eks_node[0].tag_specifications : specification.tags["mlops:project"] == "flight-delay"
    ]) && length(aws_launch_template.eks_node[0].tag_specifications) == 3
    error_message = "What the launch template starts carries the project's tag."
  }

  assert {
    condition     = toset(keys(aws_iam_role_policy_attachment.eks_node)) == toset(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"])
    error_message = "Nodes can join and pull, nothing else."
  }

  assert {
    condition     = aws_eks_node_group.main[0].version == aws_eks_cluster.main[0].version && aws_eks_node_group.main[0].node_group_name_prefix == "flight-delay-main-"
    error_message = "Nodes follow the version of the control plane, and a new group of them can stand beside the old one."
  }

  assert {
    condition     = aws_eks_node_group.main[0].scaling_config[0].desired_size == 3 && aws_eks_node_group.main[0].update_config[0].max_unavailable_percentage == 33
    error_message = "Three nodes, of which a third at a time is replaced."
  }

  assert {
    condition = alltrue([
      for group in concat([aws_cloudwatch_log_group.eks[0]], values(aws_cloudwatch_log_group.container_insights)) :
      group.retention_in_days == 30 && group.kms_key_id == aws_kms_key.platform.arn
    ])
    error_message = "The cluster's logs are encrypted and end."
  }

  # compute

  assert {
    condition     = aws_instance.compute[0].metadata_options[0].http_tokens == "required" && aws_instance.compute[0].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "The instance answers IMDSv2 only."
  }

  assert {
    condition     = aws_instance.compute[0].root_block_device[0].encrypted && aws_instance.compute[0].root_block_device[0].volume_type == "gp3"
    error_message = "The instance's disk is encrypted."
  }

  assert {
    condition     = aws_instance.compute[0].subnet_id == aws_subnet.private["eu-central-1a"].id
    error_message = "The instance is in a private subnet."
  }

  assert {
    condition     = endswith(aws_iam_role_policy_attachment.compute_ssm[0].policy_arn, "/AmazonSSMManagedInstanceCore")
    error_message = "Systems Manager is the way in."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.eks_from_compute[0].from_port == 443 && aws_vpc_security_group_ingress_rule.eks_from_compute[0].cidr_ipv4 == null
    error_message = "The instance, and no range of addresses, reaches the Kubernetes API."
  }

  assert {
    condition     = data.aws_ssm_parameter.ami[0].name == "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    error_message = "Amazon Linux 2023."
  }

  # alarms

  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.platform.key_id
    error_message = "The topic is encrypted."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_sns_topic_policy.alarms.policy).Statement :
      statement.Principal.Service == "cloudwatch.amazonaws.com" && statement.Action == "sns:Publish" && statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012"
      if statement.Effect == "Allow"
    ])
    error_message = "Only alarms of this account publish."
  }

  # outputs

  assert {
    condition     = output.eks_cluster_name == "flight-delay" && output.ec2_instance_id != null && output.s3_bucket_name != null
    error_message = "The three outputs that everything builds on."
  }

  assert {
    condition = alltrue([
      for value in [
        output.queue_url, output.dead_letter_queue_url, output.recordings_url, output.transcribe_function_name, output.load_function_name, output.function_timeout_seconds,
        output.functions_repository_url, output.warehouse_workgroup, output.warehouse_cluster, output.warehouse_host, output.warehouse_database,
        output.warehouse_secret_arn, output.warehouse_copy_role_arn, output.ci_role_arn, output.service_addresses, output.next_step,
      ] : value == null
    ])
    error_message = "What is off is null."
  }
}
