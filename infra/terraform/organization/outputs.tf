# Written by `npm run terraform` from the template of the release.

output "stack_set_id" {
  description = "The StackSet"
  value       = lookup(aws_cloudformation_stack.this.outputs, "StackSetId", null)
}
