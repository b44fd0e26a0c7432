# From an upload to a row.

mock_provider "aws" {
  source = "./tests/mocks"
}

# A key of its own: the mock gives all keys one ARN.
override_resource {
  target = aws_kms_key.data
  values = {
    arn    = "arn:aws:kms:eu-central-1:123456789012:key/data"
    key_id = "data"
  }
}

variables {
  name            = "flight-delay"
  region          = "eu-central-1"
  enable_eks      = false
  enable_compute  = false
  enable_pipeline = true
}

run "before_there_is_an_image" {
  command = apply

  assert {
    condition = (
      length(aws_lambda_function.transcribe) + length(aws_lambda_function.load) + length(aws_lambda_event_source_mapping.recordings) +
      length(aws_scheduler_schedule.load) + length(aws_iam_role.function) + length(aws_cloudwatch_log_group.function) == 0
    )
    error_message = "No functions, event source or schedule."
  }

  assert {
    condition     = output.transcribe_function_name == null && output.load_function_name == null && strcontains(output.next_step, "mlops build --lambda --push")
    error_message = "It says what comes next."
  }

  assert {
    condition     = keys(aws_ecr_repository.main) == ["functions", "service"] && output.functions_repository_url != null
    error_message = "The repository that the image is pushed to is there."
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.functions[0].policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws:lambda:eu-central-1:123456789012:function:flight-delay-*"
    error_message = "Lambda pulls for this project's functions only."
  }

  assert {
    condition     = aws_sqs_queue.recordings[0].visibility_timeout_seconds >= 6 * var.transcribe_timeout_seconds
    error_message = "A message stays hidden six times as long as the function may take."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.recordings[0].redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letter[0].arn && jsondecode(aws_sqs_queue.recordings[0].redrive_policy).maxReceiveCount == 5
    error_message = "After five failures a message goes to the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.dead_letter[0].message_retention_seconds > aws_sqs_queue.recordings[0].message_retention_seconds
    error_message = "The dead-letter queue keeps messages longer: their age comes along."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter[0].redrive_allow_policy).redrivePermission == "byQueue" && jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter[0].redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.recordings[0].arn]
    error_message = "Only that queue uses it."
  }

  assert {
    condition     = alltrue([for queue in concat(aws_sqs_queue.recordings, aws_sqs_queue.dead_letter) : queue.kms_master_key_id == aws_kms_key.platform.key_id])
    error_message = "Queues are encrypted."
  }

  assert {
    condition = (
      jsondecode(aws_sqs_queue_policy.recordings[0].policy).Statement[0].Principal.Service == "s3.amazonaws.com" &&
      jsondecode(aws_sqs_queue_policy.recordings[0].policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012" &&
      jsondecode(aws_sqs_queue_policy.recordings[0].policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == aws_s3_bucket.data[0].arn
    )
    error_message = "Only the data bucket sends."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_kms_key.platform.policy).Statement :
      try(statement.Principal.Service == "s3.amazonaws.com" && statement.Condition.ArnLike["aws:SourceArn"] == "arn:aws:s3:::flight-delay-data-123456789012-eu-central-1", false)
    ])
    error_message = "And may encrypt what it sends."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.recordings[0].queue).filter_prefix == "recordings/" && one(aws_s3_bucket_notification.recordings[0].queue).events == toset(["s3:ObjectCreated:*"])
    error_message = "Uploads under the prefix, and no others."
  }
}

run "with_an_image" {
  command = apply

  variables {
    transcribe_image_uri = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/flight-delay-functions@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  assert {
    condition     = output.transcribe_function_name == "flight-delay-transcribe" && output.load_function_name == "flight-delay-load" && output.function_timeout_seconds.load == 900 && output.next_step == null
    error_message = "Both functions, and nothing left to do."
  }

  assert {
    condition = alltrue([
      for function in concat(aws_lambda_function.transcribe, aws_lambda_function.load) :
      function.package_type == "Image" && function.image_uri == var.transcribe_image_uri && length(function.vpc_config[0].subnet_ids) >= 1 && length(function.vpc_config[0].security_group_ids) == 1
    ])
    error_message = "From the image by digest, in the VPC."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].image_config[0].command == tolist(["transcribe"]) && aws_lambda_function.load[0].image_config[0].command == tolist(["load"])
    error_message = "One image, two handlers."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].reserved_concurrent_executions == 5 && aws_lambda_function.load[0].reserved_concurrent_executions == 1
    error_message = "Concurrency is reserved, and loads never overlap."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.recordings[0].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.recordings[0].scaling_config[0].maximum_concurrency == aws_lambda_function.transcribe[0].reserved_concurrent_executions
    )
    error_message = "Only what failed comes again, and the queue asks for no more than is reserved."
  }

  assert {
    condition = alltrue([
      for group in aws_cloudwatch_log_group.function : group.retention_in_days == 30 && group.kms_key_id == aws_kms_key.platform.arn
    ]) && aws_cloudwatch_log_group.function["transcribe"].name == "/aws/lambda/flight-delay-transcribe"
    error_message = "Logs are encrypted and end."
  }

  assert {
    condition = alltrue([
      for policy in aws_iam_role_policy.function_runs : anytrue([
        for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" && can(statement.Condition.ArnEquals["lambda:SourceFunctionArn"])
      ]) && !strcontains(policy.policy, "logs:CreateLogGroup")
    ])
    error_message = "The functions' code does nothing to the network, and makes no log groups."
  }

  assert {
    condition = alltrue([
      for statement in concat(jsondecode(aws_iam_role_policy.transcribe[0].policy).Statement, jsondecode(aws_iam_role_policy.load[0].policy).Statement) :
      !contains(flatten([statement.Resource]), "*") && alltrue([for action in flatten([statement.Action]) : !endswith(action, "*")])
    ])
    error_message = "Named actions on named resources."
  }

  assert {
    condition = alltrue([
      for role, needs in {
        transcribe = {
          (aws_sqs_queue.recordings[0].arn)           = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          (aws_kms_key.platform.arn)                  = ["kms:Decrypt"]
          (aws_kms_key.data[0].arn)                   = ["kms:Decrypt", "kms:GenerateDataKey"]
          (aws_s3_bucket.data[0].arn)                 = ["s3:ListBucket"]
          "${aws_s3_bucket.data[0].arn}/recordings/*" = ["s3:GetObject", "s3:GetObjectVersion"]
          "${aws_s3_bucket.data[0].arn}/processed/*"  = ["s3:GetObject", "s3:PutObject"]
          "${aws_s3_bucket.data[0].arn}/failed/*"     = ["s3:GetObject", "s3:PutObject"]
        }
        load = {
          (aws_kms_key.data[0].arn)                  = ["kms:Decrypt", "kms:GenerateDataKey"]
          (aws_s3_bucket.data[0].arn)                = ["s3:ListBucket"]
          "${aws_s3_bucket.data[0].arn}/processed/*" = ["s3:GetObject", "s3:GetObjectVersion"]
          "${aws_s3_bucket.data[0].arn}/loads/*"     = ["s3:GetObject", "s3:PutObject"]
          "${aws_s3_bucket.data[0].arn}/loaded/*"    = ["s3:GetObject", "s3:PutObject"]
        }
        } : alltrue([
          for resource, actions in needs : length(setsubtract(actions, flatten([
            for statement in jsondecode(role == "load" ? aws_iam_role_policy.load[0].policy : aws_iam_role_policy.transcribe[0].policy).Statement :
            statement.Action if statement.Effect == "Allow" && contains(flatten([statement.Resource]), resource)
          ]))) == 0
      ])
    ])
    error_message = "Each function may do what it has to."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].ephemeral_storage[0].size == 4096
    error_message = "There is room for long recordings."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].environment[0].variables["MANIFEST_PREFIX"] == aws_lambda_function.load[0].environment[0].variables["MANIFEST_PREFIX"]
    error_message = "The one function knows what the other writes."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].environment[0].variables["RESULT_PREFIX"] == "processed/" && !anytrue([for name in keys(aws_lambda_function.load[0].environment[0].variables) : strcontains(name, "PASSWORD")])
    error_message = "No password in the environment."
  }

  assert {
    condition     = aws_scheduler_schedule.load[0].state == "DISABLED" && aws_scheduler_schedule.load[0].schedule_expression == "rate(15 minutes)"
    error_message = "Without a warehouse there is nothing to load into."
  }

  assert {
    condition = (
      jsondecode(aws_iam_role.scheduler[0].assume_role_policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == aws_scheduler_schedule_group.main[0].arn &&
      jsondecode(aws_iam_role_policy.scheduler[0].policy).Statement[0].Resource == aws_lambda_function.load[0].arn
    )
    error_message = "This schedule starts this function."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.load[0].maximum_retry_attempts == 0
    error_message = "The schedule is the retry."
  }
}

run "settings" {
  command = plan

  variables {
    transcribe_image_uri       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/flight-delay-functions@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    transcribe_timeout_seconds = 300
    transcribe_concurrency     = 20
    reserve_concurrency        = false
    recordings_prefix          = "calls/2026/"
    result_format              = "csv"
    log_retention_days         = 365
  }

  assert {
    condition     = aws_sqs_queue.recordings[0].visibility_timeout_seconds == 1800 && aws_lambda_function.transcribe[0].timeout == 300
    error_message = "The queue follows the timeout."
  }

  assert {
    condition     = aws_lambda_function.transcribe[0].reserved_concurrent_executions == -1 && aws_lambda_event_source_mapping.recordings[0].scaling_config[0].maximum_concurrency == 20
    error_message = "Bounded by the event source alone."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.recordings[0].queue).filter_prefix == "calls/2026/" && aws_lambda_function.transcribe[0].environment[0].variables["RESULT_FORMAT"] == "csv"
    error_message = "Prefix and format."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.retention_in_days == 365])
    error_message = "One retention for all."
  }
}
