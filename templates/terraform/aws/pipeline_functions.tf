# What the functions of the pipeline share. Each has a file of its own: pipeline_transcribe.tf and pipeline_load.tf.

locals {
  functions_exist = var.enable_pipeline && var.transcribe_image_uri != null
  function_names = {
    for function in ["transcribe", "load"] : function => "${var.name}-${function}" if local.functions_exist
  }
}

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
