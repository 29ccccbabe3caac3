import { boundaryArn } from '../roles.ts';

/**
 * The actions with which CloudFormation creates, reads, changes and deletes resources of a type. Only those that the
 * templates need are listed.
 */
export interface TypeActions {
  readonly actions: readonly string[];
  /** The resources, as ARNs for `Fn::Sub`. `*` if the actions take no resource, or if its name is not known before. */
  readonly on: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const HERE = '${AWS::Region}:${AWS::AccountId}';
const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
const FUNCTIONS = [arn(`lambda:${HERE}:function:\${Prefix}-*`)];
const ROLES = [
  arn('iam::${AWS::AccountId}:role${RolePath}${RoleNamePrefix}${Prefix}-*'),
  arn('iam::${AWS::AccountId}:role/${LookupRole}'),
];
const QUEUES = [arn(`sqs:${HERE}:\${Prefix}-*`), arn(`sqs:${HERE}:\${StackName}-*`)];
const TOPICS = [arn(`sns:${HERE}:\${Prefix}-*`)];
const APIS = ['/apis', '/apis/*', '/domainnames', '/domainnames/*', '/tags/*'].map((path) =>
  arn(`apigateway:\${AWS::Region}::${path}`),
);
const OWN_GROUPS = ['/aws/lambda/${Prefix}-*', '/aws/http-api/${Prefix}'].map((name) =>
  arn(`logs:${HERE}:log-group:${name}`),
);

const prefixed = (service: string, names: string): string[] => names.split(' ').map((name) => `${service}:${name}`);
const api: TypeActions = {
  actions: prefixed('apigateway', 'GET POST PATCH PUT DELETE'),
  on: APIS,
};

/**
 * The actions by resource type. They come from the handlers' permissions in the types' schemas (CloudFormation
 * registry, `describe-type`). Actions that none of our properties needs are left out. For types without handlers in
 * their schema, they come from the service's API.
 */
export const TYPE_ACTIONS: Readonly<Record<string, readonly TypeActions[]>> = {
  'AWS::ApiGatewayV2::Api': [api],
  'AWS::ApiGatewayV2::ApiMapping': [api],
  'AWS::ApiGatewayV2::Authorizer': [api],
  'AWS::ApiGatewayV2::DomainName': [api],
  'AWS::ApiGatewayV2::Integration': [api],
  'AWS::ApiGatewayV2::Route': [api],
  // Access logs: API Gateway Developer Guide, "Configure logging for HTTP APIs".
  'AWS::ApiGatewayV2::Stage': [
    api,
    {
      actions: prefixed(
        'logs',
        'CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy DescribeResourcePolicies DescribeLogGroups',
      ),
      on: ['*'],
    },
  ],
  'AWS::CloudWatch::Alarm': [
    {
      actions: prefixed(
        'cloudwatch',
        'PutMetricAlarm DescribeAlarms DeleteAlarms TagResource UntagResource ListTagsForResource',
      ),
      on: [arn(`cloudwatch:${HERE}:alarm:\${Prefix}-*`), arn(`cloudwatch:${HERE}:alarm:\${StackName}-*`)],
    },
  ],
  'AWS::CloudWatch::Dashboard': [
    {
      actions: prefixed('cloudwatch', 'PutDashboard GetDashboard DeleteDashboards'),
      on: [arn('cloudwatch::${AWS::AccountId}:dashboard/${Prefix}-*')],
    },
  ],
  'AWS::DynamoDB::Table': [
    {
      actions: prefixed(
        'dynamodb',
        'CreateTable DescribeTable UpdateTable DeleteTable DescribeTimeToLive UpdateTimeToLive DescribeContinuousBackups UpdateContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy ListTagsOfResource TagResource UntagResource',
      ),
      on: [arn(`dynamodb:${HERE}:table/\${Prefix}-*`)],
    },
  ],
  'AWS::Events::EventBus': [
    {
      actions: prefixed(
        'events',
        'CreateEventBus DescribeEventBus UpdateEventBus DeleteEventBus TagResource UntagResource ListTagsForResource',
      ),
      on: [arn(`events:${HERE}:event-bus/\${Prefix}-*`)],
    },
  ],
  'AWS::Events::EventBusPolicy': [
    {
      actions: prefixed('events', 'DescribeEventBus PutPermission RemovePermission'),
      on: [arn(`events:${HERE}:event-bus/\${Prefix}-*`)],
    },
  ],
  'AWS::Events::Rule': [
    {
      actions: prefixed(
        'events',
        'PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource ListTagsForResource',
      ),
      on: ['${Prefix}-*', '${Prefix}-sts/${Prefix}-*', '${StackName}-*'].map((name) =>
        arn(`events:${HERE}:rule/${name}`),
      ),
    },
    passing('events.amazonaws.com'),
  ],
  'AWS::IAM::ManagedPolicy': [
    {
      actions: prefixed(
        'iam',
        'CreatePolicy GetPolicy GetPolicyVersion ListPolicyVersions CreatePolicyVersion DeletePolicyVersion DeletePolicy ListEntitiesForPolicy TagPolicy UntagPolicy',
      ),
      on: [arn('iam::${AWS::AccountId}:policy/${Prefix}-analysts-*')],
    },
  ],
  'AWS::IAM::Role': [
    {
      actions: prefixed(
        'iam',
        'GetRole DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy GetRolePolicy ListRolePolicies ListAttachedRolePolicies TagRole UntagRole',
      ),
      on: ROLES,
    },
    // Requires the boundary, if one is given. Otherwise the people who deploy could create any role.
    {
      actions: prefixed('iam', 'CreateRole PutRolePolicy DeleteRolePolicy PutRolePermissionsBoundary'),
      on: ROLES,
      condition: underBoundary(),
    },
  ],
  'AWS::Lambda::EventInvokeConfig': [
    {
      actions: prefixed(
        'lambda',
        'PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
      ),
      on: FUNCTIONS,
    },
  ],
  'AWS::Lambda::EventSourceMapping': [
    {
      actions: prefixed('lambda', 'CreateEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping'),
      on: ['*'], // Lambda chooses their IDs
      condition: { ArnLike: { 'lambda:FunctionArn': FUNCTIONS.map((each) => ({ 'Fn::Sub': each })) } },
    },
    { actions: prefixed('lambda', 'GetEventSourceMapping ListTags TagResource UntagResource'), on: ['*'] },
  ],
  'AWS::Lambda::Function': [
    {
      actions: prefixed(
        'lambda',
        'CreateFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction PutFunctionConcurrency DeleteFunctionConcurrency GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetFunctionScalingConfig GetRuntimeManagementConfig ListTags TagResource UntagResource',
      ),
      on: FUNCTIONS,
    },
    { actions: prefixed('s3', 'GetObject GetObjectVersion'), on: [arn('s3:::${CodeBucket}/*')] },
    // For functions in a VPC. These actions have no resource.
    {
      actions: prefixed('ec2', 'DescribeSecurityGroups DescribeSubnets DescribeVpcs DescribeNetworkInterfaces'),
      on: ['*'],
    },
    passing('lambda.amazonaws.com'),
  ],
  'AWS::Lambda::Permission': [
    { actions: prefixed('lambda', 'AddPermission RemovePermission GetPolicy'), on: FUNCTIONS },
  ],
  'AWS::Logs::LogGroup': [
    {
      actions: prefixed(
        'logs',
        'CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey GetDataProtectionPolicy ListTagsForResource TagResource UntagResource',
      ),
      on: OWN_GROUPS.flatMap((group) => [group, `${group}:*`]),
    },
    { actions: prefixed('logs', 'DescribeLogGroups DescribeIndexPolicies'), on: ['*'] },
  ],
  'AWS::Logs::SubscriptionFilter': [
    {
      actions: prefixed('logs', 'PutSubscriptionFilter DescribeSubscriptionFilters DeleteSubscriptionFilter'),
      on: [arn(`logs:${HERE}:log-group:*`)], // The trail's log group can have any name.
    },
  ],
  'AWS::SNS::Subscription': [
    {
      actions: prefixed(
        'sns',
        'Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes ListSubscriptionsByTopic',
      ),
      on: TOPICS,
    },
  ],
  'AWS::SNS::Topic': [
    {
      actions: prefixed(
        'sns',
        'CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic GetDataProtectionPolicy ListTagsForResource TagResource UntagResource',
      ),
      on: TOPICS,
    },
  ],
  'AWS::SNS::TopicPolicy': [{ actions: prefixed('sns', 'SetTopicAttributes GetTopicAttributes'), on: TOPICS }],
  'AWS::SQS::Queue': [
    {
      actions: prefixed(
        'sqs',
        'CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes ListQueueTags TagQueue UntagQueue',
      ),
      on: QUEUES,
    },
  ],
  'AWS::SQS::QueuePolicy': [{ actions: prefixed('sqs', 'SetQueueAttributes GetQueueAttributes'), on: QUEUES }],
  // CloudFormation invokes the function of a custom resource with the permissions of whoever deploys.
  'Custom::FoundSubscriptions': [{ actions: ['lambda:InvokeFunction'], on: FUNCTIONS }],
};

function passing(service: string): TypeActions {
  return { actions: ['iam:PassRole'], on: ROLES, condition: { StringEquals: { 'iam:PassedToService': service } } };
}

function underBoundary(): NonNullable<TypeActions['condition']> {
  return {
    StringEquals: {
      'Fn::If': [
        'HasPermissionsBoundary',
        { 'iam:PermissionsBoundary': boundaryArn('${PermissionsBoundary}') },
        { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } },
      ],
    },
  };
}
