# The function that loads, and the schedule that starts it.

locals {
  # Where the load function finds its warehouse. The schedule waits until there is one.
  warehouse_environment = merge(
    local.serverless ? { REDSHIFT_WORKGROUP = aws_redshiftserverless_workgroup.main[0].workgroup_name } : {},
    local.provisioned ? { REDSHIFT_CLUSTER = aws_redshift_cluster.main[0].cluster_identifier } : {},
    var.enable_warehouse ? {
      REDSHIFT_DB            = var.warehouse_database
      REDSHIFT_TABLE         = var.warehouse_table
      REDSHIFT_COPY_ROLE_ARN = aws_iam_role.warehouse_copy[0].arn
    } : {},
  )
}

resource "aws_iam_role_policy" "load" {
  count = local.functions_exist ? 1 : 0

  name = "load-results"
  role = aws_iam_role.function["load"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "FindResults"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = [aws_s3_bucket.data[0].arn]
          Condition = { StringLike = { "s3:prefix" = [for prefix in [local.result_prefix, local.manifest_prefix, local.loaded_prefix] : "${prefix}*"] } }
        },
        {
          Sid      = "ReadResults"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:GetObjectVersion"]
          Resource = [for prefix in [local.result_prefix, local.manifest_prefix, local.loaded_prefix] : "${aws_s3_bucket.data[0].arn}/${prefix}*"]
        },
        {
          Sid      = "WriteLoads"
          Effect   = "Allow"
          Action   = ["s3:PutObject"]
          Resource = [for prefix in [local.manifest_prefix, local.loaded_prefix] : "${aws_s3_bucket.data[0].arn}/${prefix}*"]
        },
        {
          Sid       = "UseTheBucketsKey"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = [aws_kms_key.data[0].arn]
          Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
        },
      ],
      [for statement in local.warehouse_statements : statement if var.enable_warehouse],
    )
  })
}

resource "aws_lambda_function" "load" {
  count = local.functions_exist ? 1 : 0

  function_name                  = local.function_names["load"]
  description                    = "Loads new results into the warehouse"
  role                           = aws_iam_role.function["load"].arn
  package_type                   = "Image"
  image_uri                      = var.transcribe_image_uri
  architectures                  = [var.function_architecture]
  memory_size                    = 512
  timeout                        = 900
  reserved_concurrent_executions = var.reserve_concurrency ? 1 : -1

  image_config {
    command = ["load"]
  }

  environment {
    variables = merge(local.warehouse_environment, {
      S3_BUCKET       = aws_s3_bucket.data[0].bucket
      RESULT_PREFIX   = local.result_prefix
      MANIFEST_PREFIX = local.manifest_prefix
      LOADED_PREFIX   = local.loaded_prefix
      RESULT_FORMAT   = var.result_format
    })
  }

  vpc_config {
    subnet_ids         = local.private_subnet_ids
    security_group_ids = [aws_security_group.functions[0].id]
  }

  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_ecr_repository_policy.functions,
    aws_iam_role_policy.function_runs,
    aws_iam_role_policy.load,
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.s3,
  ]
}

# The next tick of the schedule is the retry.
resource "aws_lambda_function_event_invoke_config" "load" {
  count = local.functions_exist ? 1 : 0

  function_name                = aws_lambda_function.load[0].function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 900
}

resource "aws_iam_role" "scheduler" {
  count = local.functions_exist ? 1 : 0

  name                 = "${var.name}-scheduler"
  description          = "Starts the load function on its schedule"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = aws_scheduler_schedule_group.main[0].arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  count = local.functions_exist ? 1 : 0

  name = "start-load"
  role = aws_iam_role.scheduler[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.load[0].arn
    }]
  })
}

# A schedule itself cannot carry tags, its group can.
resource "aws_scheduler_schedule_group" "main" {
  count = local.functions_exist ? 1 : 0

  name = var.name
}

resource "aws_scheduler_schedule" "load" {
  count = local.functions_exist ? 1 : 0

  name                = "${var.name}-load"
  group_name          = aws_scheduler_schedule_group.main[0].name
  description         = "Loads new results into the warehouse"
  schedule_expression = var.load_schedule
  state               = var.enable_warehouse ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.load[0].arn
    role_arn = aws_iam_role.scheduler[0].arn

    retry_policy {
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 900
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}
