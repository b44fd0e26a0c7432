locals {
  serverless  = var.enable_warehouse && var.warehouse_type == "serverless"
  provisioned = var.enable_warehouse && var.warehouse_type == "provisioned"

  warehouse_log_prefix = local.serverless ? "/aws/redshift/${var.name}" : "/aws/redshift/cluster/${var.name}"
  warehouse_arn        = var.enable_warehouse ? one(concat(aws_redshiftserverless_workgroup.main[*].arn, aws_redshift_cluster.main[*].arn)) : null

  # What the load function needs to run statements as itself, with short-lived credentials and no password.
  warehouse_statements = [
    {
      Sid      = "RunStatements"
      Effect   = "Allow"
      Action   = ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement"]
      Resource = [local.warehouse_arn]
    },
    {
      Sid    = "LogInAsItself"
      Effect = "Allow"
      Action = local.serverless ? ["redshift-serverless:GetCredentials"] : ["redshift:GetClusterCredentialsWithIAM"]
      Resource = local.serverless ? [local.warehouse_arn] : [
        "arn:${local.partition}:redshift:${var.region}:${local.account_id}:dbname:${var.name}/${var.warehouse_database}"
      ]
    },
    {
      # Statements have no ARN: each caller is held to its own.
      Sid       = "FollowItsOwnStatements"
      Effect    = "Allow"
      Action    = ["redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult", "redshift-data:ListStatements"]
      Resource  = ["*"]
      Condition = { StringEquals = { "redshift-data:statement-owner-iam-userid" = "$${aws:userid}" } }
    },
  ]
}

# The role by which COPY reads results and manifests from the data bucket.

resource "aws_iam_role" "warehouse_copy" {
  count = var.enable_warehouse ? 1 : 0

  name                 = "${var.name}-warehouse-copy"
  description          = "COPY from the data bucket into the warehouse"
  permissions_boundary = var.permissions_boundary_arn

  # A cluster names itself as external id. Redshift Serverless has no documented condition that would hold; handing
  # the role to a namespace takes iam:PassRole in this account all the same.
  # https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = concat(["redshift.amazonaws.com"], local.serverless ? ["redshift-serverless.amazonaws.com"] : []) }
      },
      local.provisioned ? {
        Condition = { StringLike = { "sts:ExternalId" = "arn:${local.partition}:redshift:${var.region}:${local.account_id}:dbuser:${var.name}/*" } }
      } : {},
    )]
  })
}

resource "aws_iam_role_policy" "warehouse_copy" {
  count = var.enable_warehouse ? 1 : 0

  name = "read-results"
  role = aws_iam_role.warehouse_copy[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadResultsAndManifests"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${aws_s3_bucket.data[0].arn}/${local.result_prefix}*", "${aws_s3_bucket.data[0].arn}/${local.manifest_prefix}*"]
      },
      {
        Sid       = "ListThem"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = aws_s3_bucket.data[0].arn
        Condition = { StringLike = { "s3:prefix" = ["${local.result_prefix}*", "${local.manifest_prefix}*"] } }
      },
      {
        Sid      = "FindTheBucket"
        Effect   = "Allow"
        Action   = "s3:GetBucketLocation"
        Resource = aws_s3_bucket.data[0].arn
      },
      {
        Sid       = "UseTheBucketsKey"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = aws_kms_key.data[0].arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  })
}

# Redshift reaches S3 through the VPC and its endpoint; the instance reaches Redshift.

resource "aws_security_group" "warehouse" {
  count = var.enable_warehouse ? 1 : 0

  name        = "${var.name}-warehouse"
  description = "Redshift"
  vpc_id      = aws_vpc.main[0].id

  tags = { Name = "${var.name}-warehouse" }
}

resource "aws_vpc_security_group_egress_rule" "warehouse_s3" {
  count = var.enable_warehouse ? 1 : 0

  security_group_id = aws_security_group.warehouse[0].id
  description       = "HTTPS to S3"
  prefix_list_id    = aws_vpc_endpoint.s3[0].prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "warehouse_from_compute" {
  count = var.enable_warehouse && var.enable_compute ? 1 : 0

  security_group_id            = aws_security_group.warehouse[0].id
  description                  = "SQL from the EC2 instance"
  referenced_security_group_id = aws_security_group.compute[0].id
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

resource "aws_cloudwatch_log_group" "warehouse" {
  for_each = var.enable_warehouse ? toset(["connectionlog", "useractivitylog", "userlog"]) : toset([])

  name              = "${local.warehouse_log_prefix}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.platform.arn
}

# Serverless

resource "aws_redshiftserverless_namespace" "main" {
  count = local.serverless ? 1 : 0

  namespace_name                   = var.name
  db_name                          = var.warehouse_database
  admin_username                   = var.warehouse_admin_username
  manage_admin_password            = true
  admin_password_secret_kms_key_id = aws_kms_key.data[0].arn
  kms_key_id                       = aws_kms_key.data[0].arn
  iam_roles                        = [aws_iam_role.warehouse_copy[0].arn]
  default_iam_role_arn             = aws_iam_role.warehouse_copy[0].arn
  log_exports                      = ["connectionlog", "useractivitylog", "userlog"]

  lifecycle {
    # The provider deletes a namespace without a final snapshot. `mlops provision --destroy` takes one; by hand:
    # aws redshift-serverless delete-workgroup, then delete-namespace --final-snapshot-name ..., then destroy.
    prevent_destroy = true
  }

  depends_on = [aws_cloudwatch_log_group.warehouse, aws_iam_role_policy.warehouse_copy]
}

# TLS only is Redshift Serverless's default (require_ssl). Setting one parameter makes the provider want to remove all
# those that AWS adds: https://github.com/hashicorp/terraform-provider-aws/issues/49939
resource "aws_redshiftserverless_workgroup" "main" {
  count = local.serverless ? 1 : 0

  workgroup_name       = var.name
  namespace_name       = aws_redshiftserverless_namespace.main[0].namespace_name
  base_capacity        = var.warehouse_base_capacity
  max_capacity         = var.warehouse_max_capacity
  subnet_ids           = local.private_subnet_ids
  security_group_ids   = [aws_security_group.warehouse[0].id]
  enhanced_vpc_routing = true
  publicly_accessible  = false
}

# Provisioned

resource "aws_redshift_subnet_group" "main" {
  count = local.provisioned ? 1 : 0

  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = local.private_subnet_ids
}

resource "aws_redshift_parameter_group" "main" {
  count = local.provisioned ? 1 : 0

  name        = var.name
  family      = "redshift-1.0"
  description = "TLS only, with an audit trail"

  parameter {
    name  = "require_ssl"
    value = "true"
  }

  parameter {
    name  = "enable_user_activity_logging"
    value = "true"
  }
}

# When the warehouse was made, so that the final snapshots of two of them have two names.
resource "terraform_data" "warehouse_made" {
  count = local.provisioned ? 1 : 0

  input = formatdate("YYYYMMDDhhmmss", plantimestamp())

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_redshift_cluster" "main" {
  count = local.provisioned ? 1 : 0

  cluster_identifier                = var.name
  node_type                         = var.warehouse_node_type
  cluster_type                      = var.warehouse_node_count > 1 ? "multi-node" : "single-node"
  number_of_nodes                   = var.warehouse_node_count
  database_name                     = var.warehouse_database
  master_username                   = var.warehouse_admin_username
  manage_master_password            = true
  master_password_secret_kms_key_id = aws_kms_key.data[0].arn

  encrypted  = true
  kms_key_id = aws_kms_key.data[0].arn

  cluster_subnet_group_name            = aws_redshift_subnet_group.main[0].name
  cluster_parameter_group_name         = aws_redshift_parameter_group.main[0].name
  vpc_security_group_ids               = [aws_security_group.warehouse[0].id]
  enhanced_vpc_routing                 = true
  publicly_accessible                  = false
  availability_zone_relocation_enabled = true

  iam_roles            = [aws_iam_role.warehouse_copy[0].arn]
  default_iam_role_arn = aws_iam_role.warehouse_copy[0].arn

  automated_snapshot_retention_period = 7
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "${var.name}-final-${terraform_data.warehouse_made[0].output}"

  depends_on = [aws_iam_role_policy.warehouse_copy]
}

resource "aws_redshift_logging" "main" {
  count = local.provisioned ? 1 : 0

  cluster_identifier   = aws_redshift_cluster.main[0].cluster_identifier
  log_destination_type = "cloudwatch"
  log_exports          = ["connectionlog", "useractivitylog", "userlog"]

  depends_on = [aws_cloudwatch_log_group.warehouse]
}
