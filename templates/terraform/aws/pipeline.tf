# A recording under recordings_prefix -> notification -> queue -> transcribe -> processed/ -> load, on a schedule -> warehouse.
# Queue and notification are there from the first apply; the functions (pipeline_transcribe.tf, pipeline_load.tf) once
# transcribe_image_uri names an image.

# Queue

resource "aws_sqs_queue" "recordings" {
  count = var.enable_pipeline ? 1 : 0

  name              = "${var.name}-recordings"
  kms_master_key_id = aws_kms_key.platform.key_id

  # Six times the function's timeout leaves room for its retries: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  visibility_timeout_seconds = 6 * var.transcribe_timeout_seconds

  # A message keeps its age when it moves to the dead-letter queue, so that one must keep them longer.
  message_retention_seconds = 7 * 24 * 3600

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[0].arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letter" {
  count = var.enable_pipeline ? 1 : 0

  name                      = "${var.name}-recordings-dead-letter"
  kms_master_key_id         = aws_kms_key.platform.key_id
  message_retention_seconds = 14 * 24 * 3600
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter" {
  count = var.enable_pipeline ? 1 : 0

  queue_url = aws_sqs_queue.dead_letter[0].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.recordings[0].arn]
  })
}

resource "aws_sqs_queue_policy" "recordings" {
  count = var.enable_pipeline ? 1 : 0

  queue_url = aws_sqs_queue.recordings[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UploadsToTheDataBucket"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Principal = { Service = "s3.amazonaws.com" }
        Resource  = aws_sqs_queue.recordings[0].arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = aws_s3_bucket.data[0].arn }
        }
      },
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Action    = "sqs:*"
        Principal = "*"
        Resource  = aws_sqs_queue.recordings[0].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_s3_bucket_notification" "recordings" {
  count = var.enable_pipeline ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  queue {
    id            = "recordings"
    queue_arn     = aws_sqs_queue.recordings[0].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.recordings_prefix
  }

  # S3 sends a test message and refuses the notification if it may not.
  depends_on = [aws_sqs_queue_policy.recordings]
}
