# The function that transcribes, and the queue's hold on it.

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
