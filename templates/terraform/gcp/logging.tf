# The project's own _Default bucket keeps logs for 30 days and belongs to the whole project. To keep the logs of this
# stack for another time they get a bucket of their own; they are then stored, and paid for, in both.
resource "google_logging_project_bucket_config" "main" {
  count = var.enable_log_bucket ? 1 : 0

  project        = var.project
  location       = var.region
  bucket_id      = "${local.prefix}-logs"
  description    = "Logs of ${var.name}"
  retention_days = var.log_retention_days

  depends_on = [google_project_service.api]
}

resource "google_logging_project_sink" "main" {
  count = var.enable_log_bucket ? 1 : 0

  name        = "${local.prefix}-logs"
  description = "Logs of ${var.name} to their own bucket"
  destination = "logging.googleapis.com/${google_logging_project_bucket_config.main[0].id}"
  filter = join(" OR ", [
    "resource.labels.cluster_name=\"${local.prefix}-cluster\"",
    "(resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.prefix}\")",
  ])

  unique_writer_identity = true
}
