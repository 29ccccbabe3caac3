import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LookupScope } from './lookup-scope.ts';
import { Pacer, type Waiting } from './pacer.ts';
import { LOOKUP_REQUESTS, sendBy } from './sdk.ts';

/** The role session's name in that account's own CloudTrail. */
const SESSION_NAME = 'eks-whois';

/** CloudTrail of another account, by a role to assume there, in several Regions. */
export function assumedRoleScopes(
  roleArn: string,
  regions: readonly string[],
  { waiting, requestsPerSecond }: { readonly waiting: Waiting; readonly requestsPerSecond: number },
): LookupScope[] {
  const credentials = assumedRole(roleArn);
  return regions.map((region) => {
    const client = new CloudTrailClient({ region, credentials, ...LOOKUP_REQUESTS });
    return {
      account: roleArn.split(':')[4] ?? roleArn,
      region,
      send: sendBy(client),
      pacer: new Pacer(requestsPerSecond, waiting),
    };
  });
}

/** The SDK asks again shortly before `expiration`; whoever wants them waits no longer than for CloudTrail itself. */
function assumedRole(roleArn: string) {
  const sts = new STSClient(LOOKUP_REQUESTS);
  return async () => {
    const { Credentials: issued } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: SESSION_NAME }),
    );
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
  };
}
