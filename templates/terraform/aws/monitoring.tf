# The key for everything that can be made again: log groups, the alarm topic, the queues, Kubernetes secrets, images.
resource "aws_kms_key" "platform" {
  description             = "${var.name}: logs, alarms, queues, Kubernetes secrets, images"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "AccountDecidesByIamPolicies"
          Effect    = "Allow"
          Action    = "kms:*"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Resource  = "*"
        },
        {
          Sid       = "LogGroupsOfThisAccount"
          Effect    = "Allow"
          Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
          Principal = { Service = "logs.${var.region}.amazonaws.com" }
          Resource  = "*"
          Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:*" } }
        },
        {
          Sid       = "AlarmsOfThisAccountPublishToTheTopic"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
          Principal = { Service = "cloudwatch.amazonaws.com" }
          Resource  = "*"
          Condition = {
            StringEquals = { "aws:SourceAccount" = local.account_id }
            ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:*" }
          }
        },
      ],
      var.enable_pipeline ? [
        {
          Sid       = "UploadsToTheDataBucketReachTheQueue"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
          Principal = { Service = "s3.amazonaws.com" }
          Resource  = "*"
          Condition = {
            StringEquals = { "aws:SourceAccount" = local.account_id }
            ArnLike      = { "aws:SourceArn" = local.data_bucket_arn }
          }
        },
      ] : [],
    )
  })

  tags = { Name = "${var.name}-platform" }
}

resource "aws_kms_alias" "platform" {
  name          = "alias/${var.name}-platform"
  target_key_id = aws_kms_key.platform.key_id
}

# Alarms publish here; `mlops alarms` makes them and subscribes people.
resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.platform.key_id
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Action    = "sns:Publish"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Resource  = aws_sns_topic.alarms.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:*" }
        }
      },
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Action    = "sns:Publish"
        Principal = "*"
        Resource  = aws_sns_topic.alarms.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_budgets_budget" "monthly" {
  count = var.enable_budget ? 1 : 0

  name         = "${var.name}-monthly"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.budget_monthly_usd)
  limit_unit   = "USD"

  dynamic "cost_filter" {
    for_each = var.budget_scope == "project" ? [1] : []

    content {
      name   = "TagKeyValue"
      values = [format("user:mlops:project$%s", var.name)]
    }
  }

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = var.budget_emails
  }

  notification {
    notification_type          = "FORECASTED"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = var.budget_emails
  }
}
