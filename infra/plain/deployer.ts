import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../lib/json.ts';
import { TYPE_ACTIONS, type TypeActions } from './deployer-actions.ts';
import type { PlainTemplate } from './template.ts';

/**
 * Returns a template with two parts. One is the role with which CloudFormation deploys these templates. The other is
 * the policy for the people who deploy. Both have the permissions that the templates' resource types need, and no
 * others.
 * @throws Error for a resource type without listed actions.
 */
export function deployerTemplate(templates: readonly Pick<PlainTemplate, 'Resources'>[]): object {
  const types = new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(typeOf)));
  const statements = statementsFor([...types].sort());
  const policies = POLICIES.map(({ id, services }) => [id, policy(statements.filter(isOf(services)), id)] as const);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The role with which CloudFormation deploys eks-whois, and the policy for the people who deploy.',
    Parameters: PARAMETERS,
    Conditions: {
      HasPermissionsBoundary: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PermissionsBoundary' }, ''] }] },
      HasKmsKeyArn: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'KmsKeyArn' }, ''] }] },
    },
    Resources: { Deployer: role(), ...Object.fromEntries(policies), KeyPolicy: KEY_POLICY, Operators: OPERATORS },
    Outputs: {
      RoleArn: { Description: 'The role for --role-arn', Value: { 'Fn::GetAtt': ['Deployer', 'Arn'] } },
      OperatorsPolicy: { Description: 'The policy to attach to the people who deploy', Value: { Ref: 'Operators' } },
    },
  };
}

function typeOf(resource: object): string {
  return isJsonObject(resource) ? String(resource.Type) : '';
}

/**
 * Returns one statement for each resource and condition, with the actions of all types.
 * @throws Error for a type without listed actions.
 */
function statementsFor(types: readonly string[]): readonly TypeActions[] {
  const found: TypeActions[] = [];
  for (const type of types) {
    const needed = TYPE_ACTIONS[type];
    if (needed === undefined) throw new Error(`infra/plain/deployer-actions.ts has no actions for ${type}. Add them.`);
    for (const each of needed) add(found, each);
  }
  return found;
}

function add(found: TypeActions[], { actions, on, condition }: TypeActions): void {
  const service = serviceOf(actions);
  const at = found.findIndex(
    (each) =>
      serviceOf(each.actions) === service &&
      isDeepStrictEqual(each.on, on) &&
      isDeepStrictEqual(each.condition, condition),
  );
  const all = [...new Set([...(found[at]?.actions ?? []), ...actions])].sort();
  const statement = { actions: all, on, ...(condition === undefined ? {} : { condition }) };
  if (at === -1) found.push(statement);
  else found[at] = statement;
}

function serviceOf([action = '']: readonly string[]): string {
  return action.split(':')[0] ?? '';
}

/**
 * The services of each policy. There are several, because a managed policy is limited to 6,144 characters (IAM User
 * Guide, "IAM and AWS STS quotas").
 */
const POLICIES = [
  { id: 'FunctionsPolicy', services: ['lambda', 's3', 'ec2', 'logs', 'apigateway'] },
  { id: 'DataPolicy', services: ['dynamodb', 'sqs', 'sns', 'events', 'cloudwatch'] },
  { id: 'RolesPolicy', services: ['iam'] },
] as const;

function isOf(services: readonly string[]) {
  return ({ actions }: TypeActions) => services.includes(serviceOf(actions));
}

function policy(statements: readonly TypeActions[], id: string): object {
  const Statement = statements.map(({ actions, on, condition }) => ({
    Effect: 'Allow',
    Action: actions,
    Resource: on.map((each) => (each === '*' ? each : { 'Fn::Sub': each })),
    ...(condition === undefined ? {} : { Condition: condition }),
  }));
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      Description: `The permissions of CloudFormation for eks-whois: ${id}`,
      Roles: [{ Ref: 'Deployer' }],
      PolicyDocument: { Version: '2012-10-17', Statement },
    },
  };
}

function role(): object {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'cloudformation.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  };
  return {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] } },
  };
}

/**
 * The permissions to use the KMS key. CloudFormation creates tables, queues, topics and functions under it with the
 * deployer's permissions.
 */
const KEY_POLICY = {
  Type: 'AWS::IAM::ManagedPolicy',
  Condition: 'HasKmsKeyArn',
  Properties: {
    Description: 'The key of eks-whois',
    Roles: [{ Ref: 'Deployer' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
          Resource: [{ Ref: 'KmsKeyArn' }],
        },
      ],
    },
  },
};

const STACK = {
  'Fn::Sub': 'arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${StackName}/*',
};

/**
 * The policy of the people who deploy. They may upload the release, create, show and apply change sets, and see what
 * the script checks.
 */
const OPERATORS = {
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: {
    Description: 'Lets people deploy eks-whois with its deployer role',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            ...['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DeleteChangeSet', 'DescribeStacks'],
            ...[
              'DescribeStackEvents',
              'DescribeStackResources',
              'GetTemplate',
              'DeleteStack',
              // If an update cannot be rolled back, the stack accepts nothing else.
              'ContinueUpdateRollback',
              'TagResource',
              'UntagResource',
            ],
          ].map((action) => `cloudformation:${action}`),
          Resource: [STACK],
        },
        {
          Effect: 'Allow',
          Action: ['cloudformation:GetTemplateSummary', 'cloudformation:ValidateTemplate'],
          Resource: ['*'],
        },
        // The script warns if nobody gets the alerts or alarms.
        {
          Effect: 'Allow',
          Action: ['sns:GetTopicAttributes'],
          Resource: [{ 'Fn::Sub': 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Prefix}-*' }],
        },
        // The script warns of tables that do not expire or cannot be restored, and refuses a hub that does not exist.
        {
          Effect: 'Allow',
          Action: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTimeToLive'],
          Resource: [
            { 'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Prefix}-*' },
          ],
        },
        {
          Effect: 'Allow',
          Action: ['events:DescribeEventBus'],
          Resource: [{ 'Fn::Sub': 'arn:${AWS::Partition}:events:*:${AWS::AccountId}:event-bus/${Prefix}-spokes' }],
        },
        {
          Effect: 'Allow',
          Action: ['iam:PassRole'],
          Resource: [{ 'Fn::GetAtt': ['Deployer', 'Arn'] }],
          Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
        },
        {
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: [{ 'Fn::Sub': 'arn:${AWS::Partition}:s3:::${CodeBucket}/*' }],
        },
        // `aws s3 sync` compares files with those in the bucket.
        {
          Effect: 'Allow',
          Action: ['s3:ListBucket'],
          Resource: [{ 'Fn::Sub': 'arn:${AWS::Partition}:s3:::${CodeBucket}' }],
        },
      ],
    },
  },
};

const PARAMETERS = {
  StackName: {
    Type: 'String',
    Description: 'The name of the stack. The script names a spoke eks-whois-spoke. End it with * for several stacks',
    Default: 'eks-whois-prod',
    AllowedPattern: '^[a-zA-Z][a-zA-Z0-9-]*[*]?$',
  },
  CodeBucket: {
    Type: 'String',
    Description: 'The same as in the template; <CodeBucket>-<Region> if each Region has its own bucket',
  },
  Prefix: { Type: 'String', Description: 'The same as in the template', Default: 'eks-whois-prod' },
  RolePath: { Type: 'String', Description: 'The same as in the template', Default: '/' },
  RoleNamePrefix: { Type: 'String', Description: 'The same as in the template', Default: '' },
  LookupRole: { Type: 'String', Description: 'The same as in the template', Default: 'eks-whois-lookup' },
  PermissionsBoundary: {
    Type: 'String',
    Description:
      'The permissions boundary that every new role must have. Recommended: without one, the deployer role can create roles with any permissions',
    Default: '',
  },
  KmsKeyArn: { Type: 'String', Description: 'The same as in the template', Default: '' },
};
