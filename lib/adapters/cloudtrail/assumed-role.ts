import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type IssuedCredentials, sharedCredentials } from '../aws/shared-credentials.ts';
import type { Connections } from './connections.ts';
import type { LookupScope } from './lookup-scope.ts';
import { Pacer } from './pacer.ts';
import { type Pace, sendBy } from './sdk.ts';

/** The role session's name in that account's own CloudTrail. */
const SESSION_NAME = 'eks-whois';

/** CloudTrail of another account, by a role to assume there, in several Regions: with one set of credentials. */
export function assumedRoleScopes(
  roleArn: string,
  regions: readonly string[],
  { waiting, requestsPerSecond, connections }: Pace,
): LookupScope[] {
  const credentials = sharedCredentials(() => assumeRole(roleArn, connections), Date.now);
  return regions.map((region) => ({
    account: roleArn.split(':')[4] ?? roleArn,
    region,
    send: sendBy(() => new CloudTrailClient({ region, credentials, ...connections.requests })),
    pacer: new Pacer(requestsPerSecond, waiting),
    slots: connections.slots,
  }));
}

/** Whoever wants them waits no longer than for CloudTrail itself. */
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
