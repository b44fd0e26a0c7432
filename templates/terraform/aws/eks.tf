# The EKS cluster: its control plane and who may administer it. Nodes are in eks_nodes.tf, add-ons in eks_addons.tf.

resource "aws_cloudwatch_log_group" "eks" {
  count = var.enable_eks ? 1 : 0

  name              = "/aws/eks/${local.cluster_name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.platform.arn
}

resource "aws_iam_role" "eks_cluster" {
  count = var.enable_eks ? 1 : 0

  name                 = "${var.name}-eks-cluster"
  description          = "Control plane of the EKS cluster ${local.cluster_name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "eks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = local.cluster_arn }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "eks_cluster" {
  count = var.enable_eks ? 1 : 0

  role       = aws_iam_role.eks_cluster[0].name
  policy_arn = "${local.iam_policy_arn}/AmazonEKSClusterPolicy"
}

resource "aws_iam_role_policy" "eks_cluster_secrets" {
  count = var.enable_eks ? 1 : 0

  name = "encrypt-kubernetes-secrets"
  role = aws_iam_role.eks_cluster[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"]
      Resource = aws_kms_key.platform.arn
    }]
  })
}

resource "aws_eks_cluster" "main" {
  count = var.enable_eks ? 1 : 0

  name     = local.cluster_name
  role_arn = aws_iam_role.eks_cluster[0].arn
  version  = var.kubernetes_version

  # Add-ons are managed below, from the first one on.
  bootstrap_self_managed_addons = false
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.platform.arn
    }
  }

  upgrade_policy {
    support_type = var.kubernetes_support_type
  }

  vpc_config {
    subnet_ids              = local.private_subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = var.endpoint_public_access
    public_access_cidrs     = var.endpoint_public_access ? var.api_allowed_cidrs : null
  }

  # EKS would make the log group itself, unencrypted and without an end; and it needs its role until it is gone.
  depends_on = [
    aws_cloudwatch_log_group.eks,
    aws_iam_role_policy.eks_cluster_secrets,
    aws_iam_role_policy_attachment.eks_cluster,
  ]
}

resource "aws_eks_access_entry" "admin" {
  for_each = var.enable_eks ? var.eks_admin_arns : toset([])

  cluster_name  = aws_eks_cluster.main[0].name
  principal_arn = each.key
}

resource "aws_eks_access_policy_association" "admin" {
  for_each = var.enable_eks ? var.eks_admin_arns : toset([])

  cluster_name  = aws_eks_cluster.main[0].name
  principal_arn = aws_eks_access_entry.admin[each.key].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}
