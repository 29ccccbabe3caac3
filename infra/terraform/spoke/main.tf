# A spoke: hands the audit events of a further account or Region to a hub. docs/deploy.md leads through it.
# Written by `npm run terraform` from the template of the release.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

data "aws_region" "this" {}

data "aws_partition" "this" {}

locals {
  release = "0.1.0"
  bucket  = var.code_bucket_of_region ? "${var.code_bucket}-${data.aws_region.this.region}" : var.code_bucket
  address = "https://${local.bucket}.s3.${data.aws_region.this.region}.${data.aws_partition.this.dns_suffix}/${var.code_prefix}"
}

resource "aws_s3_object" "artifact" {
  for_each = var.artifacts_folder == null ? toset([]) : fileset(var.artifacts_folder, "eks-whois-${local.release}-*.{zip,yaml}")

  bucket      = local.bucket
  key         = "${var.code_prefix}${each.value}"
  source      = "${var.artifacts_folder}/${each.value}"
  source_hash = filemd5("${var.artifacts_folder}/${each.value}")
}

resource "aws_cloudformation_stack" "this" {
  name         = var.stack_name
  template_url = "${local.address}eks-whois-${local.release}-spoke.yaml"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.cloudformation_role_arn
  tags         = var.tags

  parameters = {
    CodeBucket          = var.code_bucket
    CodeBucketOfRegion  = tostring(var.code_bucket_of_region)
    CodePrefix          = var.code_prefix
    Prefix              = var.prefix
    Forward             = tostring(var.forward)
    LookupRoleRegion    = var.lookup_role_region
    FindClusters        = join(",", var.find_clusters)
    FindClustersByTag   = var.find_clusters_by_tag
    NodeTraffic         = tostring(var.node_traffic)
    ServiceAccounts     = var.service_accounts
    ControlPlane        = var.control_plane
    LookupRole          = var.lookup_role
    HubAccount          = var.hub_account
    HubRegion           = var.hub_region
    LogDays             = var.log_days
    AlertEmail          = var.alert_email
    HeartbeatHours      = tostring(var.heartbeat_hours)
    KmsKeyArn           = var.kms_key_arn
    LogsKmsKeyArn       = var.logs_kms_key_arn
    PermissionsBoundary = var.permissions_boundary
    RolePath            = var.role_path
    RoleNamePrefix      = var.role_name_prefix
    Subnets             = join(",", var.subnets)
    SecurityGroups      = join(",", var.security_groups)
    AlarmTopicArn       = var.alarm_topic_arn
  }

  depends_on = [aws_s3_object.artifact]
}
