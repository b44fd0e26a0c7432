# The pipeline from recordings to rows, and the warehouse.

variable "recordings_prefix" {
  description = "Prefix in the data bucket under which uploads are transcribed."
  type        = string
  default     = "recordings/"
  nullable    = false

  validation {
    condition = (
      can(regex("^[A-Za-z0-9][A-Za-z0-9!_.-]*(/[A-Za-z0-9!_.-]+)*/$", var.recordings_prefix)) &&
      !contains(["processed", "failed", "loads", "loaded"], split("/", var.recordings_prefix)[0])
    )
    error_message = "recordings_prefix must end in / and must not lie under processed/, failed/, loads/ or loaded/, which the functions write: their own output would start them again."
  }
}

variable "transcribe_image_uri" {
  description = "Image of the functions in ECR, by digest: <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>. Null: no functions, event source or schedule yet, for Lambda takes only an image that exists."
  type        = string
  default     = null

  validation {
    condition     = var.transcribe_image_uri == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}$", var.transcribe_image_uri))
    error_message = "transcribe_image_uri must name an image in ECR by digest (...@sha256:...), not by tag: a tag could mean another image tomorrow."
  }
}

variable "function_architecture" {
  description = "Processor that the functions' image was built for."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.function_architecture)
    error_message = "function_architecture must be x86_64 or arm64."
  }
}

variable "transcribe_memory_mb" {
  description = "Memory of the transcribe function in MB. CPU grows with it; new accounts are limited to 3008."
  type        = number
  default     = 3008
  nullable    = false

  validation {
    condition     = var.transcribe_memory_mb >= 512 && var.transcribe_memory_mb <= 10240 && floor(var.transcribe_memory_mb) == var.transcribe_memory_mb
    error_message = "transcribe_memory_mb must be a whole number from 512 to 10240."
  }
}

variable "transcribe_timeout_seconds" {
  description = "Seconds that one recording may take. A message stays hidden six times as long, as AWS advises."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.transcribe_timeout_seconds >= 30 && var.transcribe_timeout_seconds <= 900 && floor(var.transcribe_timeout_seconds) == var.transcribe_timeout_seconds
    error_message = "transcribe_timeout_seconds must be a whole number from 30 to 900, Lambda's limit. Longer recordings go to `mlops transcribe --queue`."
  }
}

variable "transcribe_concurrency" {
  description = "Recordings transcribed at once, at most."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.transcribe_concurrency >= 2 && var.transcribe_concurrency <= 1000 && floor(var.transcribe_concurrency) == var.transcribe_concurrency
    error_message = "transcribe_concurrency must be a whole number from 2 to 1000, the limits of an SQS event source."
  }
}

variable "reserve_concurrency" {
  description = "Reserve that concurrency for the functions. An account whose limit is still 10 cannot reserve any: ask for more in Service Quotas, or turn this off."
  type        = bool
  default     = true
  nullable    = false
}

variable "result_format" {
  description = "Format of the results that the transcribe function writes."
  type        = string
  default     = "jsonl"
  nullable    = false

  validation {
    condition     = contains(["jsonl", "csv"], var.result_format)
    error_message = "result_format must be jsonl or csv."
  }
}

variable "load_schedule" {
  description = "When new results are loaded into the warehouse, as an EventBridge Scheduler expression."
  type        = string
  default     = "rate(15 minutes)"
  nullable    = false

  validation {
    condition     = can(regex("^(rate\\([1-9][0-9]* (minute|minutes|hour|hours|day|days)\\)|cron\\([^()]+\\))$", var.load_schedule))
    error_message = "load_schedule must be rate(15 minutes), cron(0 * * * ? *) or alike."
  }
}

variable "warehouse_type" {
  description = "serverless: Redshift Serverless, billed while queries run. provisioned: a cluster, billed while it exists."
  type        = string
  default     = "serverless"
  nullable    = false

  validation {
    condition     = contains(["serverless", "provisioned"], var.warehouse_type)
    error_message = "warehouse_type must be serverless or provisioned."
  }
}

variable "warehouse_database" {
  description = "Name of the first database."
  type        = string
  default     = "mlops"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.warehouse_database)) && !contains(["template0", "template1", "padb_harvest"], var.warehouse_database)
    error_message = "warehouse_database must be 1 to 63 lower-case letters, digits and underscores, beginning with a letter, and none of Redshift's own databases."
  }
}

variable "warehouse_table" {
  description = "Table that the load function fills."
  type        = string
  default     = "transcription_results"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,126}$", var.warehouse_table))
    error_message = "warehouse_table must be a lower-case SQL identifier."
  }
}

variable "warehouse_admin_username" {
  description = "Name of the administrator. Its password is made, kept and rotated by Redshift in Secrets Manager and is never in the state."
  type        = string
  default     = "mlops_admin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.warehouse_admin_username)) && !contains(["admin", "public", "user"], var.warehouse_admin_username)
    error_message = "warehouse_admin_username must be lower-case letters, digits and underscores, beginning with a letter, and no reserved word."
  }
}

variable "warehouse_base_capacity" {
  description = "Redshift Processing Units that Redshift Serverless starts with."
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = var.warehouse_base_capacity >= 8 && var.warehouse_base_capacity <= 512 && var.warehouse_base_capacity % 8 == 0
    error_message = "warehouse_base_capacity must be a multiple of 8 from 8 to 512."
  }
}

variable "warehouse_max_capacity" {
  description = "Redshift Processing Units that Redshift Serverless may grow to. It bounds the price of an hour."
  type        = number
  default     = 32
  nullable    = false

  validation {
    condition     = var.warehouse_max_capacity >= var.warehouse_base_capacity && var.warehouse_max_capacity <= 1024 && var.warehouse_max_capacity % 8 == 0
    error_message = "warehouse_max_capacity must be a multiple of 8, not less than warehouse_base_capacity and at most 1024."
  }
}

variable "warehouse_node_type" {
  description = "Node type of a provisioned warehouse."
  type        = string
  default     = "ra3.large"
  nullable    = false

  validation {
    condition     = contains(["ra3.large", "ra3.xlplus", "ra3.4xlarge", "ra3.16xlarge"], var.warehouse_node_type)
    error_message = "warehouse_node_type must be one of ra3.large, ra3.xlplus, ra3.4xlarge and ra3.16xlarge: the others cannot move between zones."
  }
}

variable "warehouse_node_count" {
  description = "Nodes of a provisioned warehouse."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.warehouse_node_count >= 1 && var.warehouse_node_count <= 32 && floor(var.warehouse_node_count) == var.warehouse_node_count
    error_message = "warehouse_node_count must be a whole number from 1 to 32."
  }
}
