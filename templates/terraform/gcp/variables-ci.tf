variable "github_repository" {
  description = "Repository whose workflows may deploy, as OWNER/NAME."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be OWNER/NAME."
  }
}

variable "github_branch" {
  description = "Branch whose workflows may deploy."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*$", var.github_branch))
    error_message = "github_branch must be the name of one branch, without refs/heads/ and without wildcards."
  }

  validation {
    condition     = !startswith(var.github_branch, "refs/")
    error_message = "github_branch must be the name of one branch, without refs/heads/ and without wildcards."
  }
}

variable "github_repository_id" {
  description = "Numeric id of the repository. With it, someone who takes over the name of a deleted repository does not get in."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository_id == null || can(regex("^[1-9][0-9]*$", var.github_repository_id))
    error_message = "github_repository_id must be a number: gh api repos/OWNER/NAME --jq .id"
  }
}

variable "github_pool_id" {
  description = "Id of the identity pool. Null: github-NAME. Google keeps a deleted pool's id for 30 days: to make it again sooner, choose another."
  type        = string
  default     = null

  validation {
    condition     = var.github_pool_id == null || can(regex("^[a-z][a-z0-9-]{2,30}[a-z0-9]$", var.github_pool_id))
    error_message = "github_pool_id must be 4 to 32 lower-case letters, digits and dashes, starting with a letter."
  }

  validation {
    condition     = var.github_pool_id == null || !startswith(coalesce(var.github_pool_id, "-"), "gcp-")
    error_message = "github_pool_id must not start with gcp-: Google reserves it."
  }
}
