import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../lib/json.ts';
import { TYPE_ACTIONS, type TypeActions } from './deployer-actions.ts';
import type { PlainTemplate } from './template.ts';

/**
 * A template of the role by which CloudFormation deploys these templates, and of the policy for whoever tells it to: all
 * that their resources need, and nothing else. Generated from the resource types of the templates.
 */
export function deployerTemplate(templates: readonly Pick<PlainTemplate, 'Resources'>[]): object {
  const types = new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(typeOf)));
  const statements = statementsFor([...types].sort());
  const policies = POLICIES.map(({ id, services }) => [id, policy(statements.filter(isOf(services)), id)] as const);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The role by which CloudFormation deploys eks-whois, and the policy for whoever tells it to.',
    Parameters: PARAMETERS,
    Conditions: {
      HasPermissionsBoundary: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PermissionsBoundary' }, ''] }] },
      HasKmsKeyArn: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'KmsKeyArn' }, ''] }] },
    },
    Resources: { Deployer: role(), ...Object.fromEntries(policies), KeyPolicy: KEY_POLICY, Operators: OPERATORS },
    Outputs: {
      RoleArn: { Description: 'For --role-arn', Value: { 'Fn::GetAtt': ['Deployer', 'Arn'] } },
      OperatorsPolicy: { Description: 'The policy to attach to whoever deploys', Value: { Ref: 'Operators' } },
    },
  };
}

function typeOf(resource: object): string {
  return isJsonObject(resource) ? String(resource.Type) : '';
}

/** One statement for each place and condition, with the actions of all types there. @throws for a type without any. */
function statementsFor(types: readonly string[]): readonly TypeActions[] {
  const found: TypeActions[] = [];
  for (const type of types) {
    const needed = TYPE_ACTIONS[type];
    if (needed === undefined) throw new Error(`infra/plain/deployer-actions.ts says nothing of ${type}.`);
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

/** A managed policy holds 6,144 characters (IAM User Guide, "IAM and AWS STS quotas"). */
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
      Description: `What CloudFormation needs for eks-whois: ${id}`,
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

/** Tables, queues, topics and functions are made under it with the deployer's right. */
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

/** Whoever deploys: brings the release, has a change set shown and applied, and nothing of the rest. */
const OPERATORS = {
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: {
    Description: 'Lets people deploy eks-whois by its deployer role',
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
        // `aws s3 sync` compares with what is there.
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
    Description: 'The stack that is deployed; its name with * for several',
    Default: 'eks-whois-prod',
    AllowedPattern: '^[a-zA-Z][a-zA-Z0-9-]*[*]?$',
  },
  CodeBucket: {
    Type: 'String',
    Description: 'As in the template, <CodeBucket>-<Region> where each Region has its own',
  },
  Prefix: { Type: 'String', Description: 'As in the template', Default: 'eks-whois-prod' },
  RolePath: { Type: 'String', Description: 'As in the template', Default: '/' },
  RoleNamePrefix: { Type: 'String', Description: 'As in the template', Default: '' },
  LookupRole: { Type: 'String', Description: 'As in the template', Default: 'eks-whois-lookup' },
  PermissionsBoundary: {
    Type: 'String',
    Description:
      'The boundary without which no role can be made; recommended, since who makes roles without one can do what they can',
    Default: '',
  },
  KmsKeyArn: { Type: 'String', Description: 'As in the template', Default: '' },
};
