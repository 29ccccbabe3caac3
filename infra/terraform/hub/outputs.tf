# Written by `npm run terraform` from the template of the release.

output "alarms_topic" {
  description = "Where alarms are published"
  value       = lookup(aws_cloudformation_stack.this.outputs, "AlarmsTopic", null)
}

output "dashboard_url" {
  description = "The dashboard"
  value       = lookup(aws_cloudformation_stack.this.outputs, "DashboardUrl", null)
}

output "api_url" {
  description = "Where /whois, /records, /known, /sessions, /related, /summary and /notes are answered (eks-whois whois --api)"
  value       = lookup(aws_cloudformation_stack.this.outputs, "ApiUrl", null)
}

output "analysts_policy" {
  description = "The managed policy to attach to analysts"
  value       = lookup(aws_cloudformation_stack.this.outputs, "AnalystsPolicy", null)
}

output "domain_target" {
  description = "What the own name is to point at (an alias or CNAME record)"
  value       = lookup(aws_cloudformation_stack.this.outputs, "DomainTarget", null)
}

output "alerts_topic" {
  description = "Where settle publishes alerts"
  value       = lookup(aws_cloudformation_stack.this.outputs, "AlertsTopic", null)
}

output "sessions_table_name" {
  description = "The sessions table"
  value       = lookup(aws_cloudformation_stack.this.outputs, "SessionsTableName", null)
}

output "claims_table_name" {
  description = "The claims table"
  value       = lookup(aws_cloudformation_stack.this.outputs, "ClaimsTableName", null)
}

output "records_table_name" {
  description = "The records table"
  value       = lookup(aws_cloudformation_stack.this.outputs, "RecordsTableName", null)
}

output "sts_bus_arn" {
  description = "For infra/forwarding.yml: the bus to forward to"
  value       = lookup(aws_cloudformation_stack.this.outputs, "StsBusArn", null)
}
