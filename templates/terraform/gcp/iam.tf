# Who the service itself is, on Cloud Run and, through Workload Identity, in the cluster.
resource "google_service_account" "runtime" {
  count = var.enable_gke || var.enable_run ? 1 : 0

  account_id   = "${local.prefix}-runtime"
  display_name = "Runtime of ${var.name}"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "runtime" {
  for_each = var.enable_gke || var.enable_run ? toset(var.runtime_roles) : toset([])

  project = var.project
  role    = each.value
  member  = google_service_account.runtime[0].member
}

resource "google_secret_manager_secret_iam_member" "runtime" {
  for_each = var.enable_gke || var.enable_run ? toset(var.runtime_secrets) : toset([])

  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.runtime[0].member

  depends_on = [google_project_service.api]
}

resource "google_service_account_iam_member" "workload_identity" {
  count = var.enable_gke ? 1 : 0

  service_account_id = google_service_account.runtime[0].name
  role               = "roles/iam.workloadIdentityUser"

  # The identity pool of the project exists from the first cluster that uses it, hence through the cluster's own value.
  member = "serviceAccount:${google_container_cluster.main[0].workload_identity_config[0].workload_pool}[${var.kubernetes_namespace}/${coalesce(var.kubernetes_service_account, var.name)}]"
}

# Who the nodes are: what a node needs to log, to be measured and to pull from this registry, and nothing else.
resource "google_service_account" "nodes" {
  count = var.enable_gke ? 1 : 0

  account_id   = "${local.prefix}-nodes"
  display_name = "Cluster nodes of ${var.name}"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "nodes" {
  count = var.enable_gke ? 1 : 0

  project = var.project
  role    = "roles/container.defaultNodeServiceAccount"
  member  = google_service_account.nodes[0].member
}

resource "google_artifact_registry_repository_iam_member" "nodes" {
  count = var.enable_gke && var.enable_registry ? 1 : 0

  repository = google_artifact_registry_repository.main[0].name
  location   = google_artifact_registry_repository.main[0].location
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.nodes[0].member
}
