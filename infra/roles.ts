import { PATHS, POST_PATHS } from './api.ts';
import { type Resource, type Resources, type Substitution, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionsOf, titleOf } from './deployment.ts';
import type { FunctionName } from './parameters.ts';
import { policyOf, type Statement } from './policies.ts';
import { indexArns, TABLE_IDS, tableArn } from './tables.ts';

/** Returns one role for each function, so that each has only the permissions that it needs. */
export function roleResources(of: Deployment): Resources {
  return Object.fromEntries(functionsOf(of).map((name) => [roleId(name), role(of, name)]));
}

export function roleId(name: FunctionName): string {
  return `${titleOf(name)}Role`;
}

function role(of: Deployment, name: FunctionName): Resource {
  return ownRole(of, name, {
    trusts: { Principal: { Service: 'lambda.amazonaws.com' } },
    may: policyOf(of, name),
    policyName: 'function',
  });
}

/**
 * Returns a role of the stack for a service of AWS. IAM is global, so the Region in the name lets one stage run in
 * several Regions.
 */
export function ownRole(
  of: Deployment,
  name: string,
  {
    trusts,
    may,
    policyName = name,
  }: {
    readonly trusts: { readonly Principal: Value; readonly Condition?: Value };
    readonly may: readonly Statement[];
    readonly policyName?: string;
  },
): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: sub(`${of.roleNamePrefix ?? ''}${of.prefix}-${name}-\${AWS::Region}`),
      ...(of.rolePath === '/' ? {} : { Path: of.rolePath }),
      ...(of.permissionsBoundary === undefined ? {} : { PermissionsBoundary: boundaryArn(of.permissionsBoundary) }),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', ...trusts, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: policyName, PolicyDocument: { Version: '2012-10-17', Statement: may } }],
    },
  };
}

/** Returns the ARN of a boundary in the stack's own account. So one parameter fits all accounts of an organization. */
export function boundaryArn(name: string): Substitution {
  return sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${name}`);
}

const API = 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}';

/**
 * Returns the policy of analysts. They may query and decrypt the tables, ask the API, and write notes with it. The API
 * records the author of a note.
 */
export function analystResources(of: Deployment): Resources {
  if (of.stack !== 'hub') return {};
  const tables = TABLE_IDS.flatMap((table) => [tableArn(of, table), ...indexArns(of, table)]);
  const query = {
    Sid: 'QueryTables',
    Effect: 'Allow',
    Action: ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:DescribeTable'],
    Resource: tables,
  };
  const ask = {
    Sid: 'AskApi',
    Effect: 'Allow',
    Action: ['execute-api:Invoke'],
    Resource: [
      ...PATHS.map((path) => sub(`${API}/$default/GET${path}`)),
      ...POST_PATHS.map((path) => sub(`${API}/$default/POST${path}`)),
    ],
  };
  const decrypt =
    of.kmsKeyArn === undefined
      ? []
      : [{ Sid: 'UseKey', Effect: 'Allow', Action: ['kms:Decrypt'], Resource: [of.kmsKeyArn] }];
  return {
    AnalystsPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        ManagedPolicyName: sub(`${of.prefix}-analysts-\${AWS::Region}`),
        Description: `Lets analysts query the tables of ${of.prefix} and ask its API`,
        PolicyDocument: { Version: '2012-10-17', Statement: [query, ask, ...decrypt] },
      },
    },
  };
}
