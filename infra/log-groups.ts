import type { Resource } from './cloudformation.ts';
import { type Deployment, functionsOf, titleOf } from './deployment.ts';
import type { FunctionName } from './parameters.ts';

/** Returns the logical ID of a function's log group. osls uses the same. */
export function logGroupId(name: FunctionName): string {
  return `${titleOf(name)}LogGroup`;
}

/** Returns a log group with the retention and the key of the deployment. */
export function logGroup(of: Deployment, name: string): Resource {
  return {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: name, RetentionInDays: of.logDays, ...encryption(of) },
  };
}

/**
 * Returns the key of log groups. Its policy must let CloudWatch Logs use it (CloudWatch Logs User Guide, "Encrypt log
 * data … using AWS KMS").
 */
function encryption({ logsKmsKeyArn }: Deployment) {
  return logsKmsKeyArn === undefined ? {} : { KmsKeyId: logsKmsKeyArn };
}

/** Returns the properties that the log groups of osls lack. */
export function logGroupExtensions(of: Deployment) {
  if (of.logsKmsKeyArn === undefined) return {};
  return Object.fromEntries(functionsOf(of).map((name) => [logGroupId(name), { Properties: encryption(of) }]));
}
