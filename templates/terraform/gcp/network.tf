locals {
  ranges = {
    "control_plane_cidr" = var.control_plane_cidr
    "nodes_cidr"         = var.nodes_cidr
    "pods_cidr"          = var.pods_cidr
    "services_cidr"      = var.services_cidr
  }

  # Two ranges overlap when the longer one, cut to the prefix of the shorter one, is the shorter one.
  overlaps = flatten([
    for i, a in keys(local.ranges) : [
      for j, b in keys(local.ranges) : "${a} and ${b}"
      if i < j && length(distinct([
        for range in [local.ranges[a], local.ranges[b]] : cidrsubnet(
          "${split("/", range)[0]}/${min(split("/", local.ranges[a])[1], split("/", local.ranges[b])[1])}", 0, 0
        )
      ])) == 1
    ]
  ])
}

resource "google_compute_network" "main" {
  count = var.enable_network ? 1 : 0

  name                    = "${local.prefix}-network"
  description             = "Network of ${var.name}, made by mlops"
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"

  depends_on = [google_project_service.api]
}

resource "google_compute_subnetwork" "nodes" {
  count = var.enable_network ? 1 : 0

  name                     = "${local.prefix}-nodes"
  description              = "Nodes, pods and services of ${var.name}"
  network                  = google_compute_network.main[0].id
  region                   = var.region
  ip_cidr_range            = var.nodes_cidr
  private_ip_google_access = true
  stack_type               = "IPV4_ONLY"

  secondary_ip_range {
    range_name    = "pods"
    ip_cidr_range = var.pods_cidr
  }

  secondary_ip_range {
    range_name    = "services"
    ip_cidr_range = var.services_cidr
  }

  dynamic "log_config" {
    for_each = var.enable_flow_logs ? [1] : []

    content {
      aggregation_interval = "INTERVAL_10_MIN"
      flow_sampling        = 0.5
      metadata             = "INCLUDE_ALL_METADATA"
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.overlaps) == 0
      error_message = "Address ranges overlap: ${join(", ", local.overlaps)}."
    }
  }
}

# Private nodes have no address of their own on the internet: they go out, and nothing comes in.
resource "google_compute_router" "main" {
  count = var.enable_network ? 1 : 0

  name    = "${local.prefix}-router"
  network = google_compute_network.main[0].id
  region  = var.region
}

resource "google_compute_router_nat" "main" {
  count = var.enable_network ? 1 : 0

  name                               = "${local.prefix}-nat"
  router                             = google_compute_router.main[0].name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.nodes[0].id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# A LoadBalancer service of GKE is a regional network load balancer, so its address is regional too.
resource "google_compute_address" "load_balancer" {
  count = var.enable_gke && var.enable_fixed_address ? 1 : 0

  name         = "${local.prefix}-load-balancer"
  description  = "Fixed address of the LoadBalancer service of ${var.name}"
  region       = var.region
  address_type = "EXTERNAL"
  network_tier = "PREMIUM"
  labels       = local.labels

  depends_on = [google_project_service.api]
}
