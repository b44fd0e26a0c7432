# GitHub Actions gets temporary credentials by OIDC: no key is stored anywhere.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.enable_ci && var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  github_oidc_provider_arn = var.github_oidc_provider_arn != null ? var.github_oidc_provider_arn : one(aws_iam_openid_connect_provider.github[*].arn)

  # What the role may do follows from what there is.
  ci_permissions = [
    {
      enabled = var.enable_registry
      statement = {
        Sid      = "LogInToEcr"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      }
    },
    {
      enabled = var.enable_registry
      statement = {
        Sid    = "PushImagesOfThisProject"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImages",
          "ecr:DescribeRepositories",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [for repository in aws_ecr_repository.main : repository.arn]
      }
    },
    {
      enabled = var.enable_eks
      statement = {
        Sid      = "FindTheCluster"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = local.cluster_arn
      }
    },
    {
      # The way in to the private endpoint. The check of the document keeps this from being a shell on the instance.
      enabled = var.enable_eks && var.enable_compute
      statement = {
        Sid    = "ForwardAPortThroughTheInstance"
        Effect = "Allow"
        Action = "ssm:StartSession"
        Resource = [
          one(aws_instance.compute[*].arn),
          "arn:${local.partition}:ssm:${var.region}::document/AWS-StartPortForwardingSessionToRemoteHost",
        ]
        Condition = { BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" } }
      }
    },
    {
      enabled = var.enable_eks && var.enable_compute
      statement = {
        Sid      = "EndItsOwnSessions"
        Effect   = "Allow"
        Action   = "ssm:TerminateSession"
        Resource = "arn:${local.partition}:ssm:${var.region}:${local.account_id}:session/$${aws:userid}-*"
      }
    },
  ]
}

resource "aws_iam_role" "ci" {
  count = var.enable_ci ? 1 : 0

  name                 = "${var.name}-ci"
  description          = "GitHub Actions of ${coalesce(var.github_repository, "-")}, branch ${var.github_branch}"
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github_oidc_provider_arn }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:${coalesce(var.github_repository, "-")}:ref:refs/heads/${var.github_branch}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "ci" {
  count = var.enable_ci && (var.enable_registry || var.enable_eks) ? 1 : 0

  name = "build-and-deploy"
  role = aws_iam_role.ci[0].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for permission in local.ci_permissions : permission.statement if permission.enabled]
  })
}

# Inside the cluster: change what runs in its namespaces, and nothing else.

resource "aws_eks_access_entry" "ci" {
  count = var.enable_ci && var.enable_eks ? 1 : 0

  cluster_name  = aws_eks_cluster.main[0].name
  principal_arn = aws_iam_role.ci[0].arn
}

resource "aws_eks_access_policy_association" "ci" {
  count = var.enable_ci && var.enable_eks ? 1 : 0

  cluster_name  = aws_eks_cluster.main[0].name
  principal_arn = aws_eks_access_entry.ci[0].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = var.deploy_namespaces
  }
}
