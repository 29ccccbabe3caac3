import type { Resource } from './cloudformation.ts';
import { type Deployment, functionsOf, titleOf } from './deployment.ts';
import type { FunctionName } from './parameters.ts';

/** The log group of a function, which osls makes too. */
export function logGroupId(name: FunctionName): string {
  return `${titleOf(name)}LogGroup`;
}

export function logGroup(of: Deployment, name: string): Resource {
  return {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: name, RetentionInDays: of.logDays, ...encryption(of) },
  };
}

/** Under a key whose policy lets CloudWatch Logs use it (CloudWatch Logs User Guide, "Encrypt log data … using AWS KMS"). */
function encryption({ logsKmsKeyArn }: Deployment) {
  return logsKmsKeyArn === undefined ? {} : { KmsKeyId: logsKmsKeyArn };
}

/** What osls's log groups lack. */
export function logGroupExtensions(of: Deployment) {
  if (of.logsKmsKeyArn === undefined) return {};
  return Object.fromEntries(functionsOf(of).map((name) => [logGroupId(name), { Properties: encryption(of) }]));
}
