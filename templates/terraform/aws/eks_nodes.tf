# The node group of the EKS cluster.

resource "aws_iam_role" "eks_node" {
  count = var.enable_eks ? 1 : 0

  name                 = "${var.name}-eks-node"
  description          = "Nodes of the EKS cluster ${local.cluster_name}"
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

# Joining the cluster and pulling images. What pods need they get by their own roles.
resource "aws_iam_role_policy_attachment" "eks_node" {
  for_each = var.enable_eks ? toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"]) : toset([])

  role       = aws_iam_role.eks_node[0].name
  policy_arn = "${local.iam_policy_arn}/${each.key}"
}

resource "aws_launch_template" "eks_node" {
  count = var.enable_eks ? 1 : 0

  name                   = "${var.name}-eks-node"
  description            = "Nodes of the EKS cluster ${local.cluster_name}"
  update_default_version = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # One hop ends at the node itself, so that no pod can take the node's role. The add-ons that need the metadata
    # (VPC CNI, CloudWatch agent) run on the host's network.
    http_put_response_hop_limit = 1
  }

  # The account's default key for EBS: a key of our own would need its policy to name the role of EC2 Auto Scaling,
  # which a new account does not have yet.
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted             = true
      volume_type           = "gp3"
      volume_size           = var.node_disk_gib
      delete_on_termination = true
    }
  }

  # default_tags do not reach what a launch template starts.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.key
      tags          = merge(local.tags, { Name = "${var.name}-eks-node" })
    }
  }
}

resource "aws_eks_node_group" "main" {
  count = var.enable_eks ? 1 : 0

  cluster_name           = aws_eks_cluster.main[0].name
  node_group_name_prefix = "${var.name}-main-"
  node_role_arn          = aws_iam_role.eks_node[0].arn
  subnet_ids             = local.private_subnet_ids
  ami_type               = var.node_ami_type
  capacity_type          = var.node_capacity_type
  instance_types         = var.node_instance_types

  # The nodes follow the control plane, by hand or when EKS upgrades it. Otherwise they would stay at their first version.
  version = aws_eks_cluster.main[0].version

  launch_template {
    id      = aws_launch_template.eks_node[0].id
    version = aws_launch_template.eks_node[0].latest_version
  }

  scaling_config {
    min_size     = var.node_min_size
    desired_size = var.node_desired_size
    max_size     = var.node_max_size
  }

  update_config {
    max_unavailable_percentage = 33
  }

  # Another type of node is another node group: the new one stands before the pods of the old one are moved.
  lifecycle {
    create_before_destroy = true
  }

  # A node registers through NAT, pulls its images by its role, and must be gone before either is.
  depends_on = [
    aws_eks_addon.before_nodes,
    aws_iam_role_policy_attachment.eks_node,
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
  ]
}
