# The functions of the pipeline, the event source that feeds one and the schedule that starts the other.

locals {
  functions_exist = var.enable_pipeline && var.transcribe_image_uri != null
  function_names = {
    for function in ["transcribe", "load"] : function => "${var.name}-${function}" if local.functions_exist
  }

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

# Functions: what both have

resource "aws_security_group" "functions" {
  count = local.functions_exist ? 1 : 0

  name        = "${var.name}-functions"
  description = "Lambda functions: nothing comes in"
  vpc_id      = aws_vpc.main[0].id

  tags = { Name = "${var.name}-functions" }
}

resource "aws_vpc_security_group_egress_rule" "functions_https" {
  count = local.functions_exist ? 1 : 0

  security_group_id = aws_security_group.functions[0].id
  description       = "HTTPS to AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.function_names

  name              = "/aws/lambda/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.platform.arn
}

resource "aws_iam_role" "function" {
  for_each = local.function_names

  name                 = each.value
  description          = "Lambda function ${each.value}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })
}

# Lambda itself attaches the function to the VPC, with these rights; the function's code has no use for them.
# They cannot be narrowed by resource: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
resource "aws_iam_role_policy" "function_runs" {
  for_each = local.function_names

  name = "run-in-vpc-and-log"
  role = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WriteItsLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
      },
      {
        Sid    = "LambdaAttachesItToTheVpc"
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = "*"
      },
      {
        Sid    = "ItsCodeDoesNot"
        Effect = "Deny"
        Action = [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ]
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:${local.partition}:lambda:${var.region}:${local.account_id}:function:${each.value}" } }
      },
    ]
  })
}

# transcribe

resource "aws_iam_role_policy" "transcribe" {
  count = local.functions_exist ? 1 : 0

  name = "transcribe-recordings"
  role = aws_iam_role.function["transcribe"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "TakeMessages"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = aws_sqs_queue.recordings[0].arn
      },
      {
        Sid       = "DecryptMessages"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = aws_kms_key.platform.arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
      },
      {
        Sid      = "ReadRecordings"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${aws_s3_bucket.data[0].arn}/${var.recordings_prefix}*"
      },
      {
        Sid    = "WriteResults"
        Effect = "Allow"
        Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = [
          "${aws_s3_bucket.data[0].arn}/${local.result_prefix}*",
          "${aws_s3_bucket.data[0].arn}/${local.failed_prefix}*",
        ]
      },
      {
        # So that an object that is not there is a 404 and not a 403.
        Sid       = "SeeWhatIsThere"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = aws_s3_bucket.data[0].arn
        Condition = { StringLike = { "s3:prefix" = [for prefix in [var.recordings_prefix, local.result_prefix, local.failed_prefix] : "${prefix}*"] } }
      },
      {
        Sid       = "UseTheBucketsKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = aws_kms_key.data[0].arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_lambda_function" "transcribe" {
  count = local.functions_exist ? 1 : 0

  function_name                  = local.function_names["transcribe"]
  description                    = "Transcribes recordings and writes the results"
  role                           = aws_iam_role.function["transcribe"].arn
  package_type                   = "Image"
  image_uri                      = var.transcribe_image_uri
  architectures                  = [var.function_architecture]
  memory_size                    = var.transcribe_memory_mb
  timeout                        = var.transcribe_timeout_seconds
  reserved_concurrent_executions = var.reserve_concurrency ? var.transcribe_concurrency : -1

  image_config {
    command = ["transcribe"]
  }

  # /tmp, in MB: a recording is fetched there whole. An hour of CD-quality stereo is 635 MB as WAV.
  ephemeral_storage {
    size = 4096
  }

  environment {
    variables = {
      S3_BUCKET         = aws_s3_bucket.data[0].bucket
      RECORDINGS_PREFIX = var.recordings_prefix
      RESULT_PREFIX     = local.result_prefix
      FAILED_PREFIX     = local.failed_prefix
      MANIFEST_PREFIX   = local.manifest_prefix
      LOADED_PREFIX     = local.loaded_prefix
      RESULT_FORMAT     = var.result_format
    }
  }

  vpc_config {
    subnet_ids         = local.private_subnet_ids
    security_group_ids = [aws_security_group.functions[0].id]
  }

  # Lambda would make the log group itself, without an end, and detaches the function by its role when it is deleted.
  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_ecr_repository_policy.functions,
    aws_iam_role_policy.function_runs,
    aws_iam_role_policy.transcribe,
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.s3,
  ]
}

resource "aws_lambda_event_source_mapping" "recordings" {
  count = local.functions_exist ? 1 : 0

  event_source_arn        = aws_sqs_queue.recordings[0].arn
  function_name           = aws_lambda_function.transcribe[0].arn
  function_response_types = ["ReportBatchItemFailures"]

  # One recording may need all of the timeout.
  batch_size = 1

  # What the queue sends never exceeds what is reserved, so nothing is throttled into the dead-letter queue.
  scaling_config {
    maximum_concurrency = var.transcribe_concurrency
  }
}

# load

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
