# An output of something that is switched off is null.

output "s3_bucket_name" {
  description = "Data bucket."
  value       = one(aws_s3_bucket.data[*].bucket)
}

output "eks_cluster_name" {
  description = "EKS cluster."
  value       = one(aws_eks_cluster.main[*].name)
}

output "ec2_instance_id" {
  description = "EC2 instance, the target of Systems Manager sessions."
  value       = one(aws_instance.compute[*].id)
}

output "project" {
  description = "Name of the project, the value of the tag mlops:project."
  value       = var.name
}

output "region" {
  description = "Region that everything is in."
  value       = var.region
}

output "account_id" {
  description = "Account that everything is in."
  value       = local.account_id
}

output "vpc_id" {
  description = "VPC."
  value       = one(aws_vpc.main[*].id)
}

output "private_subnet_ids" {
  description = "Private subnets, one in each zone."
  value       = var.enable_network ? local.private_subnet_ids : null
}

output "public_subnet_ids" {
  description = "Public subnets, one in each zone."
  value       = var.enable_network ? [for zone in local.zones : aws_subnet.public[zone].id] : null
}

output "service_eip_allocation_ids" {
  description = "Allocations of the fixed addresses, for service.beta.kubernetes.io/aws-load-balancer-eip-allocations."
  value       = var.enable_fixed_address ? [for zone in local.zones : aws_eip.service[zone].allocation_id] : null
}

output "service_addresses" {
  description = "The fixed addresses themselves."
  value       = var.enable_fixed_address ? [for zone in local.zones : aws_eip.service[zone].public_ip] : null
}

output "data_key_arn" {
  description = "KMS key of the data bucket and the warehouse. It outlives a destroy."
  value       = one(aws_kms_key.data[*].arn)
}

output "access_logs_bucket_name" {
  description = "Bucket with the access logs of the data bucket."
  value       = one(aws_s3_bucket.access_logs[*].bucket)
}

output "ecr_repository_url" {
  description = "Repository of the service's images."
  value       = one([for key, repository in aws_ecr_repository.main : repository.repository_url if key == "service"])
}

output "functions_repository_url" {
  description = "Repository of the functions' image."
  value       = one([for key, repository in aws_ecr_repository.main : repository.repository_url if key == "functions"])
}

output "eks_cluster_endpoint" {
  description = "Address of the Kubernetes API."
  value       = one(aws_eks_cluster.main[*].endpoint)
}

output "eks_cluster_certificate_authority" {
  description = "Certificate of the Kubernetes API, base64."
  value       = one(aws_eks_cluster.main[*].certificate_authority[0].data)
}

output "eks_cluster_version" {
  description = "Kubernetes version that runs."
  value       = one(aws_eks_cluster.main[*].version)
}

output "eks_endpoint_public" {
  description = "Whether the Kubernetes API can be reached from the internet, by api_allowed_cidrs."
  value       = var.enable_eks ? var.endpoint_public_access : null
}

output "queue_url" {
  description = "Queue of recordings to transcribe."
  value       = one(aws_sqs_queue.recordings[*].url)
}

output "dead_letter_queue_url" {
  description = "Queue of messages that failed five times."
  value       = one(aws_sqs_queue.dead_letter[*].url)
}

output "recordings_url" {
  description = "Where to upload recordings."
  value       = var.enable_pipeline ? "s3://${local.data_bucket}/${var.recordings_prefix}" : null
}

output "transcribe_function_name" {
  description = "Function that transcribes, once transcribe_image_uri is set."
  value       = one(aws_lambda_function.transcribe[*].function_name)
}

output "load_function_name" {
  description = "Function that loads, once transcribe_image_uri is set."
  value       = one(aws_lambda_function.load[*].function_name)
}

output "function_timeout_seconds" {
  description = "Longest run of each function, by what it does."
  value = local.functions_exist ? {
    transcribe = aws_lambda_function.transcribe[0].timeout
    load       = aws_lambda_function.load[0].timeout
  } : null
}

output "warehouse_workgroup" {
  description = "Redshift Serverless workgroup."
  value       = one(aws_redshiftserverless_workgroup.main[*].workgroup_name)
}

output "warehouse_cluster" {
  description = "Redshift cluster."
  value       = one(aws_redshift_cluster.main[*].cluster_identifier)
}

output "warehouse_host" {
  description = "Host name of the warehouse, reached from inside the VPC."
  value = one(concat(
    aws_redshiftserverless_workgroup.main[*].endpoint[0].address,
    aws_redshift_cluster.main[*].dns_name,
  ))
}

output "warehouse_port" {
  description = "Port of the warehouse."
  value       = one(concat(aws_redshiftserverless_workgroup.main[*].endpoint[0].port, aws_redshift_cluster.main[*].port))
}

output "warehouse_database" {
  description = "Database in the warehouse."
  value       = var.enable_warehouse ? var.warehouse_database : null
}

output "warehouse_secret_arn" {
  description = "Secret in Secrets Manager that holds the administrator's password. Its name, not its value."
  value = one(concat(
    aws_redshiftserverless_namespace.main[*].admin_password_secret_arn,
    aws_redshift_cluster.main[*].master_password_secret_arn,
  ))
}

output "warehouse_copy_role_arn" {
  description = "Role for COPY ... IAM_ROLE."
  value       = one(aws_iam_role.warehouse_copy[*].arn)
}

output "warehouse_final_snapshot" {
  description = "Name of the snapshot that a provisioned cluster leaves behind when it is destroyed."
  value       = one(aws_redshift_cluster.main[*].final_snapshot_identifier)
}

output "alarm_topic_arn" {
  description = "SNS topic for alarms."
  value       = aws_sns_topic.alarms.arn
}

output "ci_role_arn" {
  description = "Role for aws-actions/configure-aws-credentials (role-to-assume)."
  value       = one(aws_iam_role.ci[*].arn)
}

output "next_step" {
  description = "What is left to do before everything asked for is there. Null when nothing is."
  value = (
    var.enable_pipeline && var.transcribe_image_uri == null
    ? "The queue takes recordings, but no function transcribes them yet. Run `mlops build --lambda --push`, then `mlops provision` again."
    : null
  )
}
