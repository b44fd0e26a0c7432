resource "google_container_cluster" "main" {
  count = var.enable_gke ? 1 : 0

  name                = "${local.prefix}-cluster"
  description         = "Cluster of ${var.name}, made by mlops"
  location            = local.cluster_location
  deletion_protection = var.deletion_protection
  resource_labels     = local.labels

  network           = google_compute_network.main[0].id
  subnetwork        = google_compute_subnetwork.nodes[0].id
  networking_mode   = "VPC_NATIVE"
  datapath_provider = "ADVANCED_DATAPATH" # Dataplane V2: enforces network policies without an add-on

  enable_shielded_nodes    = true
  enable_legacy_abac       = false
  enable_l4_ilb_subsetting = true

  # A cluster cannot be made without a node pool. This one lives for some minutes and is removed; it still has to be
  # safe, and it must not need the default service account, which many projects have switched off.
  remove_default_node_pool = true

  node_pool {
    name               = "default-pool"
    initial_node_count = 1

    node_config {
      service_account = google_service_account.nodes[0].email
      oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
      metadata        = { "disable-legacy-endpoints" = "true" }
      resource_labels = local.labels

      shielded_instance_config {
        enable_secure_boot          = true
        enable_integrity_monitoring = true
      }

      workload_metadata_config {
        mode = "GKE_METADATA"
      }
    }
  }

  ip_allocation_policy {
    cluster_secondary_range_name  = google_compute_subnetwork.nodes[0].secondary_ip_range[0].range_name
    services_secondary_range_name = google_compute_subnetwork.nodes[0].secondary_ip_range[1].range_name
  }

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = !var.endpoint_public_access
    master_ipv4_cidr_block  = var.control_plane_cidr

    master_global_access_config {
      enabled = false
    }
  }

  # The block itself switches the allow-list on: without entries only the cluster's own nodes reach the IP endpoint.
  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled = false

    dynamic "cidr_blocks" {
      for_each = toset(var.api_allowed_cidrs)

      content {
        cidr_block   = cidr_blocks.value
        display_name = "allowed ${cidr_blocks.value}"
      }
    }
  }

  # The way in from a laptop or from CI: Google's front end checks IAM (container.clusters.connect) before a request
  # reaches the control plane, so that no address has to be opened for it.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = var.enable_dns_endpoint
    }
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }

  release_channel {
    channel = var.release_channel
  }

  maintenance_policy {
    recurring_window {
      start_time = var.maintenance_window.start_time
      end_time   = var.maintenance_window.end_time
      recurrence = var.maintenance_window.recurrence
    }
  }

  addons_config {
    http_load_balancing {
      disabled = false
    }

    horizontal_pod_autoscaling {
      disabled = false
    }

    dns_cache_config {
      enabled = true
    }
  }

  vertical_pod_autoscaling {
    enabled = true
  }

  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS", "POD", "DEPLOYMENT", "HPA"]

    managed_prometheus {
      enabled = true
    }
  }

  security_posture_config {
    mode = "BASIC"
  }

  dynamic "binary_authorization" {
    for_each = var.enable_binary_authorization ? [1] : []

    content {
      evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE"
    }
  }

  timeouts {
    create = "45m"
    update = "45m"
    delete = "45m"
  }

  lifecycle {
    # Both describe the removed first pool; without this every plan would want to make it, and the cluster, again.
    ignore_changes = [node_pool, initial_node_count]
  }

  depends_on = [
    google_project_service.api,
    google_project_iam_member.nodes,
    google_compute_router_nat.main,
    google_binary_authorization_policy.main,
  ]
}

resource "google_container_node_pool" "main" {
  count = var.enable_gke ? 1 : 0

  name           = "${local.prefix}-nodes"
  cluster        = google_container_cluster.main[0].name
  location       = google_container_cluster.main[0].location
  node_locations = length(var.node_zones) > 0 ? var.node_zones : null

  # Per zone, and only for the start: the autoscaler takes over between the two totals.
  initial_node_count = 1

  autoscaling {
    total_min_node_count = var.node_count_min
    total_max_node_count = var.node_count_max
    location_policy      = "BALANCED"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 1
    max_unavailable = 0
  }

  network_config {
    enable_private_nodes = true
  }

  node_config {
    machine_type    = var.node_machine_type
    disk_size_gb    = var.node_disk_size_gb
    disk_type       = var.node_disk_type
    image_type      = "COS_CONTAINERD"
    spot            = var.node_spot
    labels          = { "mlops-project" = var.name }
    resource_labels = local.labels
    metadata        = { "disable-legacy-endpoints" = "true" }

    # The scope only says that IAM decides; what the nodes may do is in the roles of their account (iam.tf).
    service_account = google_service_account.nodes[0].email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    workload_metadata_config {
      mode = "GKE_METADATA"
    }

    kubelet_config {
      insecure_kubelet_readonly_port_enabled = "FALSE"
    }
  }

  timeouts {
    create = "45m"
    update = "45m"
    delete = "45m"
  }

  lifecycle {
    # The autoscaler changes it; taking it back would replace the pool.
    ignore_changes = [initial_node_count]
  }
}
