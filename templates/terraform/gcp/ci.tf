# GitHub Actions signs in with the token GitHub gives each run; there is no key to store, leak or rotate.
locals {
  # pull_request_target runs under the name of the base branch, but on behalf of whoever opened the pull request.
  github_condition = var.enable_ci ? join(" && ", concat(
    [
      "assertion.repository == \"${var.github_repository}\"",
      "assertion.ref == \"refs/heads/${var.github_branch}\"",
      "assertion.event_name != \"pull_request_target\"",
    ],
    var.github_repository_id == null ? [] : ["assertion.repository_id == \"${var.github_repository_id}\""],
  )) : null

  deployer_roles = var.enable_ci ? toset(concat(
    var.enable_gke ? ["roles/container.developer"] : [],
    var.enable_run ? ["roles/run.developer"] : [],
  )) : toset([])
}

resource "google_iam_workload_identity_pool" "github" {
  count = var.enable_ci ? 1 : 0

  workload_identity_pool_id = coalesce(var.github_pool_id, "github-${local.prefix}")
  display_name              = "GitHub Actions"
  description               = "GitHub Actions of ${var.github_repository}"

  depends_on = [google_project_service.api]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = var.enable_ci ? 1 : 0

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  attribute_condition                = local.github_condition

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
    "attribute.ref"        = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "deployer" {
  count = var.enable_ci ? 1 : 0

  account_id   = "${local.prefix}-deployer"
  display_name = "Deployments of ${var.name}"

  depends_on = [google_project_service.api]
}

resource "google_service_account_iam_member" "github" {
  count = var.enable_ci ? 1 : 0

  service_account_id = google_service_account.deployer[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.repository/${var.github_repository}"
}

resource "google_project_iam_member" "deployer" {
  for_each = local.deployer_roles

  project = var.project
  role    = each.value
  member  = google_service_account.deployer[0].member
}

resource "google_artifact_registry_repository_iam_member" "deployer" {
  count = var.enable_ci && var.enable_registry ? 1 : 0

  repository = google_artifact_registry_repository.main[0].name
  location   = google_artifact_registry_repository.main[0].location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.deployer[0].member
}

# Deploying a revision that runs as the runtime account is acting as that account; this allows it for this one only.
resource "google_service_account_iam_member" "deployer_acts_as_runtime" {
  count = var.enable_ci && var.enable_run ? 1 : 0

  service_account_id = google_service_account.runtime[0].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer[0].member
}
