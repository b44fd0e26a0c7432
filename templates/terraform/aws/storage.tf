# Everything whose name ends in `.data` belongs to the data and stays when the rest is destroyed: the bucket, the
# settings that guard it, and the key without which it could not be read.

resource "aws_kms_key" "data" {
  count = var.enable_storage ? 1 : 0

  description             = "${var.name}: the data bucket and the warehouse with its snapshots"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # Access is given by IAM policies of this account. No service needs the key on its own behalf.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountDecidesByIamPolicies"
      Effect    = "Allow"
      Action    = "kms:*"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
      Resource  = "*"
    }]
  })

  tags = { Name = "${var.name}-data" }
}

resource "aws_kms_alias" "data" {
  count = var.enable_storage ? 1 : 0

  name          = "alias/${var.name}-data"
  target_key_id = aws_kms_key.data[0].key_id
}

resource "aws_s3_bucket" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = local.data_bucket

  # A bucket with objects in it is never emptied by Terraform.
  force_destroy = false

  tags = { Name = local.data_bucket }

  # Nothing else makes the key wait: without this it would be on its way out before S3 refuses to delete a bucket with
  # objects, and then nobody could read them.
  depends_on = [aws_kms_key.data]
}

resource "aws_s3_bucket_ownership_controls" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  count = var.enable_storage ? 1 : 0

  bucket                  = aws_s3_bucket.data[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data[0].arn
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Action    = "s3:*"
        Principal = "*"
        Resource  = [aws_s3_bucket.data[0].arn, "${aws_s3_bucket.data[0].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "DenyOldTls"
        Effect    = "Deny"
        Action    = "s3:*"
        Principal = "*"
        Resource  = [aws_s3_bucket.data[0].arn, "${aws_s3_bucket.data[0].arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ]
  })

  # S3 refuses changes of the policy and of the access block at the same time.
  depends_on = [aws_s3_bucket_public_access_block.data]
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    id     = "forget-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # A load needs what it put there until it is done, 15 minutes at most. What was loaded is noted elsewhere, for good.
  rule {
    id     = "forget-loads"
    status = "Enabled"

    filter {
      prefix = local.manifest_prefix
    }

    expiration {
      days = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.data]
}

resource "aws_s3_bucket_logging" "data" {
  count = var.enable_storage ? 1 : 0

  bucket        = aws_s3_bucket.data[0].id
  target_bucket = aws_s3_bucket.access_logs[0].id
  target_prefix = "data/"

  # S3 checks that it may write there.
  depends_on = [aws_s3_bucket_policy.access_logs]
}

# Access logs: who read or wrote what in the data bucket. Destroyed with the rest.

resource "aws_s3_bucket" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket        = "${var.name}-logs-${local.account_id}-${var.region}"
  force_destroy = true

  tags = { Name = "${var.name}-logs" }
}

resource "aws_s3_bucket_ownership_controls" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket                  = aws_s3_bucket.access_logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# S3's own key: server access logs are not delivered to a bucket whose default is a KMS key.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "S3DeliversAccessLogs"
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Resource  = "${aws_s3_bucket.access_logs[0].arn}/data/*"
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = local.data_bucket_arn }
        }
      },
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Action    = "s3:*"
        Principal = "*"
        Resource  = [aws_s3_bucket.access_logs[0].arn, "${aws_s3_bucket.access_logs[0].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.access_logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  count = var.enable_storage ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.access_log_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
