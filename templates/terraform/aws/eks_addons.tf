# Add-ons of the EKS cluster, those that nodes need to become ready and those that need nodes.

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
