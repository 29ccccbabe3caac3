import { type Resource, type Resources, sub } from './cloudformation.ts';
import { type Deployment, functionName, functionsOf } from './deployment.ts';
import type { FunctionName } from './parameters.ts';
import { policyOf } from './policies.ts';

/** One role for each function, so that none has what only another needs. */
export function roleResources(of: Deployment): Resources {
  return Object.fromEntries(functionsOf(of).map((name) => [roleId(name), role(of, name)]));
}

export function roleId(name: FunctionName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Role`;
}

/** IAM is global: the Region in the name lets one stage run in several. */
function role(of: Deployment, name: FunctionName): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: sub(`${of.roleNamePrefix ?? ''}${functionName(of, name)}-\${AWS::Region}`),
      ...(of.rolePath === '/' ? {} : { Path: of.rolePath }),
      ...(of.permissionsBoundary === undefined ? {} : { PermissionsBoundary: of.permissionsBoundary }),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'function', PolicyDocument: { Version: '2012-10-17', Statement: policyOf(of, name) } }],
    },
  };
}
