# The APIs that the features need. They stay enabled when the stack is destroyed, because something else in the project
# may use them. resourcemanager and serviceusage themselves must be enabled before the first run (README.md).
locals {
  services = toset(concat(
    ["cloudresourcemanager.googleapis.com", "iam.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com"],
    var.enable_network ? ["compute.googleapis.com"] : [],
    var.enable_gke ? ["container.googleapis.com"] : [],
    var.enable_registry ? ["artifactregistry.googleapis.com"] : [],
    var.enable_registry && var.enable_image_scanning ? ["containerscanning.googleapis.com"] : [],
    var.enable_run ? ["run.googleapis.com"] : [],
    var.enable_ci ? ["iamcredentials.googleapis.com", "sts.googleapis.com"] : [],
    var.enable_binary_authorization ? ["binaryauthorization.googleapis.com"] : [],
    length(var.runtime_secrets) > 0 ? ["secretmanager.googleapis.com"] : [],
  ))
}

resource "google_project_service" "api" {
  for_each = local.services

  project            = var.project
  service            = each.value
  disable_on_destroy = false
}
