import { type Deployment, functionsOf } from './deployment.ts';

/** The log groups that osls makes, by logical id. */
function logGroupIds(of: Deployment): readonly string[] {
  const ofFunctions = functionsOf(of).map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}LogGroup`);
  return of.stack === 'hub' ? [...ofFunctions, 'HttpApiLogGroup'] : ofFunctions;
}

/** Under a key whose policy lets CloudWatch Logs use it (CloudWatch Logs User Guide, "Encrypt log data … using AWS KMS"). */
export function logGroupExtensions(of: Deployment) {
  if (of.logsKmsKeyArn === undefined) return {};
  return Object.fromEntries(logGroupIds(of).map((id) => [id, { Properties: { KmsKeyId: of.logsKmsKeyArn } }]));
}
