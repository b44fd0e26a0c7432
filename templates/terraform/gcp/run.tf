resource "google_cloud_run_v2_service" "main" {
  count = local.run_service ? 1 : 0

  name        = local.prefix
  description = "Service of ${var.name}, made by mlops"
  location    = var.region
  ingress     = var.run_ingress
  labels      = local.labels

  # A service holds no data, and taking the image away has to be able to take the service away.
  deletion_protection = false

  template {
    service_account                  = google_service_account.runtime[0].email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = var.run_concurrency
    timeout                          = "${var.run_timeout_seconds}s"
    labels                           = local.labels

    scaling {
      min_instance_count = var.run_instances_min
      max_instance_count = var.run_instances_max
    }

    containers {
      image = var.run_image

      ports {
        container_port = var.run_port
      }

      resources {
        limits            = { cpu = var.run_cpu, memory = var.run_memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = var.run_env

        content {
          name  = env.key
          value = env.value
        }
      }

      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 1
        failure_threshold = 60

        http_get {
          path = "/readyz"
          port = var.run_port
        }
      }

      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 2
        failure_threshold = 3

        http_get {
          path = "/healthz"
          port = var.run_port
        }
      }
    }
  }

  dynamic "binary_authorization" {
    for_each = var.enable_binary_authorization ? [1] : []

    content {
      use_default = true
    }
  }

  lifecycle {
    # run_image is what the service starts with. Later images, revisions and the split of traffic between them belong
    # to `mlops deploy`; provisioning must never roll a deployment back.
    ignore_changes = [
      client,
      client_version,
      template[0].containers[0].image,
      template[0].labels,
      template[0].revision,
      traffic,
    ]
  }

  depends_on = [google_project_service.api, google_binary_authorization_policy.main]
}

# Without one of these two nobody may call the service: Cloud Run asks IAM before a request reaches the container.
resource "google_cloud_run_v2_service_iam_member" "public" {
  count = local.run_service && var.run_public ? 1 : 0

  name     = google_cloud_run_v2_service.main[0].name
  location = google_cloud_run_v2_service.main[0].location
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "invokers" {
  for_each = local.run_service ? toset(var.run_invokers) : toset([])

  name     = google_cloud_run_v2_service.main[0].name
  location = google_cloud_run_v2_service.main[0].location
  role     = "roles/run.invoker"
  member   = each.value
}
