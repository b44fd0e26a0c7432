locals {
  # The account id of a service account has at most 30 characters, the longest suffix here takes 9 of them. A longer
  # name is shortened to its beginning and a hash, so that two long names stay apart.
  prefix = length(var.name) <= 20 ? var.name : "${trimsuffix(substr(var.name, 0, 13), "-")}-${substr(sha256(var.name), 0, 6)}"

  labels = merge(var.labels, {
    "mlops-project" = var.name
    "managed-by"    = "mlops"
  })

  # A zone makes a zonal cluster (one control plane, cheaper); none makes a regional one.
  cluster_location = var.zone == null ? var.region : var.zone

  # Cloud Run needs an image that exists: until one is named there is no service.
  run_service = var.enable_run && var.run_image != null

  registry_url = var.enable_registry ? "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.main[0].repository_id}" : null
}
