# One instance in a private subnet without address, key pair or open port. Systems Manager is the way in, and through
# it the way to the private endpoint of the cluster and to the warehouse:
#
#   aws ssm start-session --target <ec2_instance_id> --document-name AWS-StartPortForwardingSessionToRemoteHost \
#     --parameters host=<eks_cluster_endpoint without https://>,portNumber=443,localPortNumber=8443

data "aws_ssm_parameter" "ami" {
  count = var.enable_compute ? 1 : 0

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.instance_architecture}"
}

resource "aws_iam_role" "compute" {
  count = var.enable_compute ? 1 : 0

  name                 = "${var.name}-compute"
  description          = "EC2 instance of ${var.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "compute_ssm" {
  count = var.enable_compute ? 1 : 0

  role       = aws_iam_role.compute[0].name
  policy_arn = "${local.iam_policy_arn}/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "compute" {
  count = var.enable_compute ? 1 : 0

  name = "${var.name}-compute"
  role = aws_iam_role.compute[0].name
}

resource "aws_security_group" "compute" {
  count = var.enable_compute ? 1 : 0

  name        = "${var.name}-compute"
  description = "EC2 instance: nothing comes in"
  vpc_id      = aws_vpc.main[0].id

  tags = { Name = "${var.name}-compute" }
}

resource "aws_vpc_security_group_egress_rule" "compute_https" {
  count = var.enable_compute ? 1 : 0

  security_group_id = aws_security_group.compute[0].id
  description       = "HTTPS to AWS and to package repositories"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "compute_vpc" {
  count = var.enable_compute ? 1 : 0

  security_group_id = aws_security_group.compute[0].id
  description       = "Anything inside the VPC, such as a load test of an internal service"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "eks_from_compute" {
  count = var.enable_compute && var.enable_eks ? 1 : 0

  security_group_id            = aws_eks_cluster.main[0].vpc_config[0].cluster_security_group_id
  description                  = "Kubernetes API from the EC2 instance"
  referenced_security_group_id = aws_security_group.compute[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_instance" "compute" {
  count = var.enable_compute ? 1 : 0

  ami                    = data.aws_ssm_parameter.ami[0].insecure_value
  instance_type          = var.instance_type
  subnet_id              = local.private_subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.compute[0].id]
  iam_instance_profile   = aws_iam_instance_profile.compute[0].name

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted             = true
    volume_type           = "gp3"
    volume_size           = var.instance_disk_gib
    delete_on_termination = true
    tags                  = { Name = "${var.name}-compute" }
  }

  tags = { Name = "${var.name}-compute" }

  lifecycle {
    # Amazon publishes a new image every few weeks; the instance is replaced when you say so:
    # terraform apply -replace='aws_instance.compute[0]'
    ignore_changes = [ami]
  }

  # Without a way out the agent cannot register with Systems Manager.
  depends_on = [
    aws_iam_role_policy_attachment.compute_ssm,
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
  ]
}
