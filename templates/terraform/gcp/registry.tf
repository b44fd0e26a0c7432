resource "google_artifact_registry_repository" "main" {
  count = var.enable_registry ? 1 : 0

  repository_id = local.prefix
  description   = "Images of ${var.name}"
  location      = var.region
  format        = "DOCKER"
  mode          = "STANDARD_REPOSITORY"
  labels        = local.labels

  # A tag once given cannot be moved or deleted, so what was deployed under it stays what it was.
  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = var.enable_image_scanning ? "INHERITED" : "DISABLED"
  }

  cleanup_policy_dry_run = false

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.registry_keep_count
    }
  }

  cleanup_policies {
    id     = "delete-untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "${var.registry_untagged_days * 86400}s"
    }
  }

  depends_on = [google_project_service.api]
}
