import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type IssuedCredentials, sharedCredentials } from '../aws/shared-credentials.ts';
import type { Connections } from './connections.ts';
import type { LookupScope } from './lookup-scope.ts';
import { Pacer } from './pacer.ts';
import { type Pace, sendBy } from './sdk.ts';

/** The session name that eks-whois has in CloudTrail of other accounts. */
const SESSION_NAME = 'eks-whois';

/**
 * Returns CloudTrail of another account in several Regions, through a role in that account. All Regions share one set
 * of credentials.
 */
export function assumedRoleScopes(
  roleArn: string,
  regions: readonly string[],
  { waiting, requestsPerSecond, connections }: Pace,
  credentials = credentialsOfRole(roleArn, connections),
): LookupScope[] {
  return regions.map((region) => ({
    account: roleArn.split(':')[4] ?? roleArn,
    region,
    send: sendBy(() => new CloudTrailClient({ region, credentials, ...connections.requests })),
    pacer: new Pacer(requestsPerSecond, waiting),
    slots: connections.slots,
  }));
}

/** Returns a provider of the role's credentials. It assumes the role when they are needed. */
export function credentialsOfRole(roleArn: string, connections: Connections): () => Promise<IssuedCredentials> {
  return sharedCredentials(() => assumeRole(roleArn, connections), Date.now);
}

/** Assumes the role. It takes no longer than a request to CloudTrail may take. */
async function assumeRole(roleArn: string, { sts }: Connections): Promise<IssuedCredentials> {
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: SESSION_NAME });
  const { Credentials: issued } = await sts.send(command);
  if (!issued?.AccessKeyId || !issued.SecretAccessKey || !issued.SessionToken || !issued.Expiration) {
    throw new Error(`STS issued no credentials for ${roleArn}.`);
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = issued;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
