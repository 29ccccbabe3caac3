# The hub: tables, functions, API, and this account and Region. docs/deploy.md leads through it.
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
  template_url = "${local.address}eks-whois-${local.release}-hub.yaml"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.cloudformation_role_arn
  tags         = var.tags

  parameters = {
    CodeBucket           = var.code_bucket
    CodeBucketOfRegion   = tostring(var.code_bucket_of_region)
    CodePrefix           = var.code_prefix
    Prefix               = var.prefix
    ProtectTables        = tostring(var.protect_tables)
    FindClusters         = join(",", var.find_clusters)
    FindClustersByTag    = var.find_clusters_by_tag
    NodeTraffic          = tostring(var.node_traffic)
    ServiceAccounts      = var.service_accounts
    ControlPlane         = var.control_plane
    Trail                = var.trail
    TrailLogGroup        = var.trail_log_group
    Uses                 = tostring(var.uses)
    Regions              = join(",", var.regions)
    Accounts             = join(",", var.accounts)
    Organization         = var.organization
    OrganizationPaths    = join(",", var.organization_paths)
    LookupRole           = var.lookup_role
    UsernameTemplates    = jsonencode(var.username_templates)
    TrustedProxies       = jsonencode(var.trusted_proxies)
    IdentityStores       = jsonencode(var.identity_stores)
    LogGroups            = jsonencode(var.log_groups)
    Record               = var.record
    Anonymous            = var.anonymous
    DeadlineMinutes      = tostring(var.deadline_minutes)
    BeforeIssueSeconds   = tostring(var.before_issue_seconds)
    AfterExpirySeconds   = tostring(var.after_expiry_seconds)
    RecordDays           = tostring(var.record_days)
    SessionDays          = tostring(var.session_days)
    LogDays              = var.log_days
    AlertEmail           = var.alert_email
    AlertOn              = join(",", var.alert_on)
    AlertWindowMinutes   = tostring(var.alert_window_minutes)
    AlarmUnattributed    = tostring(var.alarm_unattributed)
    HeartbeatHours       = tostring(var.heartbeat_hours)
    Authorizer           = var.authorizer
    JwtIssuer            = var.jwt_issuer
    JwtAudience          = join(",", var.jwt_audience)
    JwtScopes            = join(",", var.jwt_scopes)
    JwtGroups            = jsonencode(var.jwt_groups)
    JwtGroupClaim        = var.jwt_group_claim
    ConsoleClientId      = var.console_client_id
    ConsoleScopes        = join(",", var.console_scopes)
    ConsoleToken         = var.console_token
    ConsoleOrigins       = join(",", var.console_origins)
    KmsKeyArn            = var.kms_key_arn
    IngestConcurrency    = tostring(var.ingest_concurrency)
    QueueConcurrency     = tostring(var.queue_concurrency)
    LogsKmsKeyArn        = var.logs_kms_key_arn
    PermissionsBoundary  = var.permissions_boundary
    RolePath             = var.role_path
    RoleNamePrefix       = var.role_name_prefix
    Subnets              = join(",", var.subnets)
    SecurityGroups       = join(",", var.security_groups)
    DomainName           = var.domain_name
    DomainCertificateArn = var.domain_certificate_arn
    AlarmTopicArn        = var.alarm_topic_arn
    Tables               = var.tables
  }

  depends_on = [aws_s3_object.artifact]
}
