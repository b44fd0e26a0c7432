locals {
  # Pods of these service accounts, and of no other, get the role by EKS Pod Identity.
  addon_roles = var.enable_eks ? {
    vpc-cni = {
      namespace       = "kube-system"
      service_account = "aws-node"
      policy          = "AmazonEKS_CNI_Policy"
    }
    amazon-cloudwatch-observability = {
      namespace       = "amazon-cloudwatch"
      service_account = "cloudwatch-agent"
      policy          = "CloudWatchAgentServerPolicy"
    }
  } : {}

  # A node is ready only once these run, and they run on the host's network, so they come before the nodes.
  # Network policies are enforced by the VPC CNI, and only when told to.
  addons_before_nodes = var.enable_eks ? {
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    kube-proxy             = null
    eks-pod-identity-agent = null
  } : {}

  # These need nodes to become active.
  addons_after_nodes = var.enable_eks ? toset(["coredns", "metrics-server", "amazon-cloudwatch-observability"]) : toset([])
}

# Control plane

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

# Nodes

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

# Add-ons

resource "aws_iam_role" "eks_addon" {
  for_each = local.addon_roles

  name                 = "${var.name}-${each.value.service_account}"
  description          = "Add-on ${each.key} of the EKS cluster ${local.cluster_name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-arn"            = local.cluster_arn
          "aws:RequestTag/kubernetes-namespace"       = each.value.namespace
          "aws:RequestTag/kubernetes-service-account" = each.value.service_account
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "eks_addon" {
  for_each = local.addon_roles

  role       = aws_iam_role.eks_addon[each.key].name
  policy_arn = "${local.iam_policy_arn}/${each.value.policy}"
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.addons_before_nodes

  cluster_name                = aws_eks_cluster.main[0].name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = contains(keys(local.addon_roles), each.key) ? [local.addon_roles[each.key]] : []

    content {
      role_arn        = aws_iam_role.eks_addon[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [aws_iam_role_policy_attachment.eks_addon]
}

# The CloudWatch agent that the Kubernetes manifests bring (component cloudwatch) sends the counters of the SLOs as log
# events. Its service account is in the namespaces that the service is deployed to.

resource "aws_iam_role" "slo_agent" {
  count = var.enable_eks ? 1 : 0

  name                 = "${var.name}-slo-agent"
  description          = "CloudWatch agent of the SLOs in the EKS cluster ${local.cluster_name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-arn"            = local.cluster_arn
          "aws:RequestTag/kubernetes-namespace"       = sort(var.deploy_namespaces)
          "aws:RequestTag/kubernetes-service-account" = "${var.name}-cloudwatch-agent"
        }
      }
    }]
  })
}

# Projects of an account share the log group: the agent makes it, and the events say whose they are.
resource "aws_iam_role_policy" "slo_agent" {
  count = var.enable_eks ? 1 : 0

  name = "write-slo-counters"
  role = aws_iam_role.slo_agent[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:/mlops/slo:*"
    }]
  })
}

resource "aws_eks_pod_identity_association" "slo_agent" {
  for_each = var.enable_eks ? var.deploy_namespaces : toset([])

  cluster_name    = aws_eks_cluster.main[0].name
  namespace       = each.value
  service_account = "${var.name}-cloudwatch-agent"
  role_arn        = aws_iam_role.slo_agent[0].arn

  depends_on = [aws_iam_role_policy.slo_agent]
}

# Container Insights would make these itself, unencrypted and without an end.
resource "aws_cloudwatch_log_group" "container_insights" {
  for_each = var.enable_eks ? toset(["application", "dataplane", "host", "performance"]) : toset([])

  name              = "/aws/containerinsights/${local.cluster_name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.platform.arn
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.addons_after_nodes

  cluster_name                = aws_eks_cluster.main[0].name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = contains(keys(local.addon_roles), each.key) ? [local.addon_roles[each.key]] : []

    content {
      role_arn        = aws_iam_role.eks_addon[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [
    aws_cloudwatch_log_group.container_insights,
    aws_eks_node_group.main,
    aws_iam_role_policy_attachment.eks_addon,
  ]
}
