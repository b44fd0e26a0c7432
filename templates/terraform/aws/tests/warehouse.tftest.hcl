# Redshift, serverless and provisioned. Serverless is planned only: its namespace must not be destroyed, so a test that
# applied it could not clean up.

mock_provider "aws" {
  source = "./tests/mocks"
}

# A key of its own: the mock gives all keys one ARN.
override_resource {
  target = aws_kms_key.data
  values = {
    arn    = "arn:aws:kms:eu-central-1:123456789012:key/data"
    key_id = "data"
  }
}

variables {
  name                 = "flight-delay"
  region               = "eu-central-1"
  enable_eks           = false
  enable_warehouse     = true
  enable_pipeline      = true
  transcribe_image_uri = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/flight-delay-functions@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "serverless" {
  command = plan

  assert {
    condition     = length(aws_redshiftserverless_workgroup.main) == 1 && length(aws_redshift_cluster.main) == 0 && length(aws_subnet.private) == 3
    error_message = "A workgroup in three zones."
  }

  assert {
    condition     = aws_redshiftserverless_namespace.main[0].manage_admin_password && aws_redshiftserverless_namespace.main[0].admin_user_password == null
    error_message = "The password is the service's."
  }

  assert {
    condition     = aws_redshiftserverless_workgroup.main[0].enhanced_vpc_routing && !aws_redshiftserverless_workgroup.main[0].publicly_accessible
    error_message = "Inside the VPC."
  }

  assert {
    condition     = aws_redshiftserverless_workgroup.main[0].base_capacity == 8 && aws_redshiftserverless_workgroup.main[0].max_capacity == 32
    error_message = "Its price is bounded."
  }

  assert {
    condition     = aws_redshiftserverless_namespace.main[0].log_exports == toset(["connectionlog", "useractivitylog", "userlog"]) && aws_cloudwatch_log_group.warehouse["userlog"].name == "/aws/redshift/flight-delay/userlog"
    error_message = "Who did what is logged."
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role.warehouse_copy[0].assume_role_policy).Statement[0].Principal.Service) == toset(["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"])
    error_message = "Both services take the COPY role."
  }

  assert {
    condition     = aws_scheduler_schedule.load[0].state == "ENABLED" && aws_lambda_function.load[0].environment[0].variables["REDSHIFT_WORKGROUP"] == "flight-delay"
    error_message = "The load function has its warehouse."
  }

  assert {
    condition     = output.warehouse_workgroup == "flight-delay" && output.warehouse_cluster == null && output.warehouse_database == "mlops" && output.warehouse_final_snapshot == null
    error_message = "Outputs."
  }
}

run "provisioned" {
  command = apply

  variables {
    warehouse_type       = "provisioned"
    warehouse_node_count = 2
    zone_count           = 2
  }

  assert {
    condition     = aws_redshift_cluster.main[0].encrypted && aws_redshift_cluster.main[0].kms_key_id == aws_kms_key.data[0].arn
    error_message = "Encrypted with the data's key, which outlives it, so that the final snapshot can be read."
  }

  assert {
    condition     = aws_redshift_cluster.main[0].manage_master_password && aws_redshift_cluster.main[0].master_password == null
    error_message = "The password is the service's."
  }

  assert {
    condition     = !aws_redshift_cluster.main[0].skip_final_snapshot && can(regex("^flight-delay-final-[0-9]{14}$", output.warehouse_final_snapshot))
    error_message = "A final snapshot, with a name of its own."
  }

  assert {
    condition     = !aws_redshift_cluster.main[0].publicly_accessible && aws_redshift_cluster.main[0].enhanced_vpc_routing
    error_message = "Inside the VPC."
  }

  assert {
    condition     = aws_redshift_cluster.main[0].cluster_type == "multi-node" && aws_redshift_cluster.main[0].automated_snapshot_retention_period == 7
    error_message = "Two nodes, a week of snapshots."
  }

  assert {
    condition     = toset([for parameter in aws_redshift_parameter_group.main[0].parameter : "${parameter.name}=${parameter.value}"]) == toset(["require_ssl=true", "enable_user_activity_logging=true"])
    error_message = "TLS only, with an audit trail."
  }

  assert {
    condition     = jsondecode(aws_iam_role.warehouse_copy[0].assume_role_policy).Statement[0].Condition.StringLike["sts:ExternalId"] == "arn:aws:redshift:eu-central-1:123456789012:dbuser:flight-delay/*"
    error_message = "This cluster alone takes the COPY role."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.warehouse_copy[0].policy).Statement : alltrue([for action in flatten([statement.Action]) : !contains(["s3:PutObject", "s3:DeleteObject"], action)])])
    error_message = "COPY reads."
  }

  assert {
    condition = alltrue([
      for resource, actions in {
        (aws_kms_key.data[0].arn)                  = ["kms:Decrypt"]
        (aws_s3_bucket.data[0].arn)                = ["s3:GetBucketLocation", "s3:ListBucket"]
        "${aws_s3_bucket.data[0].arn}/processed/*" = ["s3:GetObject"]
        "${aws_s3_bucket.data[0].arn}/loads/*"     = ["s3:GetObject"]
        } : length(setsubtract(actions, flatten([
          for statement in jsondecode(aws_iam_role_policy.warehouse_copy[0].policy).Statement : statement.Action if contains(flatten([statement.Resource]), resource)
      ]))) == 0
    ])
    error_message = "COPY may read what it has to."
  }

  assert {
    condition = alltrue([
      for resource, actions in {
        (aws_redshift_cluster.main[0].arn)                                     = ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement"]
        "arn:aws:redshift:eu-central-1:123456789012:dbname:flight-delay/mlops" = ["redshift:GetClusterCredentialsWithIAM"]
        "*"                                                                    = ["redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult"]
        } : length(setsubtract(actions, flatten([
          for statement in jsondecode(aws_iam_role_policy.load[0].policy).Statement : statement.Action if contains(flatten([statement.Resource]), resource)
      ]))) == 0
    ])
    error_message = "The load function may log in and run statements."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.warehouse_from_compute[0].cidr_ipv4 == null && aws_vpc_security_group_egress_rule.warehouse_s3[0].cidr_ipv4 == null
    error_message = "The instance comes in, S3 goes out, nothing else."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.load[0].policy).Statement :
      !contains(flatten([statement.Resource]), "*") || can(statement.Condition.StringEquals["redshift-data:statement-owner-iam-userid"])
    ])
    error_message = "Statements have no ARN: the load function is held to its own."
  }

  assert {
    condition     = aws_lambda_function.load[0].environment[0].variables["REDSHIFT_CLUSTER"] == "flight-delay" && output.warehouse_cluster == "flight-delay" && output.warehouse_workgroup == null
    error_message = "The load function has its warehouse."
  }
}

run "without_instance" {
  command = plan

  variables {
    enable_compute  = false
    enable_pipeline = false
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.warehouse_from_compute) == 0 && length(aws_redshiftserverless_workgroup.main) == 1
    error_message = "Nobody comes in."
  }
}
