# Written by `npm run terraform` from the template of the release.

output "alarms_topic" {
  description = "Where alarms are published"
  value       = lookup(aws_cloudformation_stack.this.outputs, "AlarmsTopic", null)
}

output "dashboard_url" {
  description = "The dashboard"
  value       = lookup(aws_cloudformation_stack.this.outputs, "DashboardUrl", null)
}
