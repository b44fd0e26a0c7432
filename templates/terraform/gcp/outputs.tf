# What is switched off is null. Nothing here is secret: a kubeconfig is made by a command, with the caller's own login.

output "project" {
  description = "Google Cloud project."
  value       = var.project
}

output "region" {
  description = "Region."
  value       = var.region
}

output "network_name" {
  description = "VPC network."
  value       = one(google_compute_network.main[*].name)
}

output "subnetwork_name" {
  description = "Subnetwork of the nodes."
  value       = one(google_compute_subnetwork.nodes[*].name)
}

output "gke_cluster_name" {
  description = "GKE cluster."
  value       = one(google_container_cluster.main[*].name)
}

output "gke_cluster_location" {
  description = "Region or zone of the GKE cluster."
  value       = one(google_container_cluster.main[*].location)
}

output "gke_dns_endpoint" {
  description = "DNS name of the control plane, where enable_dns_endpoint lets callers in by their Google identity."
  value       = var.enable_gke && var.enable_dns_endpoint ? one(google_container_cluster.main[*].control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint) : null
}

output "kubeconfig_command" {
  description = "Command that writes a kubeconfig for the cluster, with the login of whoever runs it."
  value = var.enable_gke ? join(" ", concat(
    ["gcloud container clusters get-credentials", google_container_cluster.main[0].name],
    ["--location", google_container_cluster.main[0].location, "--project", var.project],
    var.enable_dns_endpoint ? ["--dns-endpoint"] : var.endpoint_public_access ? [] : ["--internal-ip"],
  )) : null
}

output "load_balancer_address_name" {
  description = "Name of the fixed address for the LoadBalancer service."
  value       = one(google_compute_address.load_balancer[*].name)
}

output "load_balancer_address" {
  description = "The fixed address itself: loadBalancerIP of the LoadBalancer service."
  value       = one(google_compute_address.load_balancer[*].address)
}

output "artifact_registry_url" {
  description = "Where images are pushed to: this, a slash, and the name of the image."
  value       = local.registry_url
}

output "cloud_run_service_name" {
  description = "Cloud Run service. Null until run_image names an image."
  value       = one(google_cloud_run_v2_service.main[*].name)
}

output "cloud_run_url" {
  description = "Address of the Cloud Run service. Null until run_image names an image."
  value       = one(google_cloud_run_v2_service.main[*].uri)
}

output "runtime_service_account" {
  description = "Account that the service runs as."
  value       = one(google_service_account.runtime[*].email)
}

output "node_service_account" {
  description = "Account of the cluster's nodes."
  value       = one(google_service_account.nodes[*].email)
}

output "deployer_service_account" {
  description = "Account that GitHub Actions deploys with."
  value       = one(google_service_account.deployer[*].email)
}

output "workload_identity_provider" {
  description = "Value of workload_identity_provider for google-github-actions/auth."
  value       = one(google_iam_workload_identity_pool_provider.github[*].name)
}

output "log_bucket" {
  description = "Log bucket of this stack."
  value       = one(google_logging_project_bucket_config.main[*].id)
}
