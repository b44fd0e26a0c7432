# Who reaches and administers the cluster, and what CI may do.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "flight-delay"
  region = "eu-central-1"
}

run "public_endpoint_for_named_addresses" {
  command = plan

  variables {
    endpoint_public_access = true
    api_allowed_cidrs      = ["203.0.113.0/24", "198.51.100.7/32"]
  }

  assert {
    condition     = aws_eks_cluster.main[0].vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24", "198.51.100.7/32"]) && aws_eks_cluster.main[0].vpc_config[0].endpoint_private_access
    error_message = "Public for these, private as well."
  }
}

run "administrators" {
  command = plan

  variables {
    eks_admin_arns = ["arn:aws:iam::123456789012:role/platform"]
  }

  assert {
    condition = (
      endswith(aws_eks_access_policy_association.admin["arn:aws:iam::123456789012:role/platform"].policy_arn, "/AmazonEKSClusterAdminPolicy") &&
      aws_eks_access_policy_association.admin["arn:aws:iam::123456789012:role/platform"].access_scope[0].type == "cluster"
    )
    error_message = "An administrator of the cluster."
  }
}

run "ci" {
  command = apply

  variables {
    enable_ci         = true
    github_repository = "acme/flight-delay"
    github_branch     = "release"
    deploy_namespaces = ["serving"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:acme/flight-delay:ref:refs/heads/release"
    error_message = "One repository, one branch."
  }

  assert {
    condition     = jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    error_message = "Tokens made for AWS only."
  }

  assert {
    condition     = !can(jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement[0].Condition.StringLike) && length(jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement) == 1
    error_message = "No wildcards."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.ci[0].policy).Statement : statement.Resource != "*" || statement.Action == "ecr:GetAuthorizationToken"
    ])
    error_message = "Named resources, but for logging in to ECR, which has none."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_iam_role_policy.ci[0].policy).Statement :
      try(statement.Action == "ssm:StartSession" && statement.Condition.BoolIfExists["ssm:SessionDocumentAccessCheck"] == "true" && endswith(statement.Resource[1], "AWS-StartPortForwardingSessionToRemoteHost"), false)
    ])
    error_message = "A port forwarded through the instance, not a shell on it."
  }

  assert {
    condition     = endswith(aws_eks_access_policy_association.ci[0].policy_arn, "/AmazonEKSEditPolicy") && aws_eks_access_policy_association.ci[0].access_scope[0].namespaces == toset(["serving"])
    error_message = "It edits its namespaces only."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && output.ci_role_arn != null && aws_iam_role.ci[0].max_session_duration == 3600
    error_message = "The provider is made, sessions last an hour."
  }
}

run "ci_with_the_accounts_provider" {
  command = plan

  variables {
    enable_ci                = true
    github_repository        = "acme/flight-delay"
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "An account has only one."
  }
}

run "ci_without_cluster_and_instance" {
  command = apply

  variables {
    enable_ci         = true
    enable_eks        = false
    enable_compute    = false
    github_repository = "acme/flight-delay"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.ci[0].policy).Statement : statement.Sid] == ["LogInToEcr", "PushImagesOfThisProject"] && length(aws_eks_access_entry.ci) == 0
    error_message = "What is not there needs no rights."
  }
}

run "ci_without_anything" {
  command = plan

  variables {
    enable_ci         = true
    enable_eks        = false
    enable_compute    = false
    enable_registry   = false
    github_repository = "acme/flight-delay"
  }

  assert {
    condition     = length(aws_iam_role_policy.ci) == 0
    error_message = "No empty policy, which IAM refuses."
  }
}
