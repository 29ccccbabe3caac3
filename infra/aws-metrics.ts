/**
 * The metrics of AWS itself that alarms and the dashboard read, with the dimensions that they come with
 * (CloudWatch Logs, Lambda, SQS, EventBridge, DynamoDB and API Gateway guides, "Monitoring … with CloudWatch metrics").
 */
export const AWS_METRICS = {
  'AWS/Logs': {
    names: ['DeliveryErrors', 'ForwardedLogEvents'],
    dimensions: ['LogGroupName', 'DestinationType', 'FilterName'],
  },
  'AWS/Lambda': {
    names: ['Errors', 'Invocations', 'Throttles', 'Duration', 'DestinationDeliveryFailures'],
    dimensions: ['FunctionName'],
  },
  'AWS/SQS': {
    names: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    dimensions: ['QueueName'],
  },
  'AWS/DynamoDB': {
    names: ['ReadThrottleEvents', 'WriteThrottleEvents'],
    dimensions: ['TableName'],
    // An index's are not among its table's (DynamoDB Developer Guide, "DynamoDB metrics and dimensions").
    ofParts: ['TableName', 'GlobalSecondaryIndexName'],
  },
  'AWS/ApiGateway': { names: ['5xx'], dimensions: ['ApiId'] },
  'AWS/Events': { names: ['FailedInvocations', 'MatchedEvents'], dimensions: ['RuleName'] },
} as const;

type Namespace = keyof typeof AWS_METRICS;

export type AwsMetric = {
  [N in Namespace]: { readonly namespace: N; readonly name: (typeof AWS_METRICS)[N]['names'][number] };
}[Namespace];
