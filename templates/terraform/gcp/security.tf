# The policy is the project's one and only: it also holds for clusters and services of the project that are not of this
# stack, as far as they enforce it. Hence off by default.
resource "google_binary_authorization_policy" "main" {
  count = var.enable_binary_authorization ? 1 : 0

  description                   = "Only images of this project's registry, made by mlops"
  global_policy_evaluation_mode = "ENABLE" # Google's own system images stay allowed

  dynamic "admission_whitelist_patterns" {
    for_each = toset(concat(["${local.registry_url}/**"], var.binary_authorization_allowed_images))

    content {
      name_pattern = admission_whitelist_patterns.value
    }
  }

  default_admission_rule {
    evaluation_mode  = "ALWAYS_DENY"
    enforcement_mode = "ENFORCED_BLOCK_AND_AUDIT_LOG"
  }

  depends_on = [google_project_service.api]
}
