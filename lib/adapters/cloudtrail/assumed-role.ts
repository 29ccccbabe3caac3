import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LookupScope, SendLookup } from './lookup-scope.ts';
import { Pacer, type Waiting } from './pacer.ts';

const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;
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
    const requestHandler = { connectionTimeout: CONNECT_WITHIN, requestTimeout: ANSWER_WITHIN };
    const client = new CloudTrailClient({ region, credentials, maxAttempts: 1, requestHandler });
    return {
      account: roleArn.split(':')[4] ?? roleArn,
      region,
      send: sendBy(client),
      pacer: new Pacer(requestsPerSecond, waiting),
    };
  });
}

/** The SDK asks again shortly before `expiration`. */
function assumedRole(roleArn: string) {
  const sts = new STSClient({});
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

function sendBy(client: CloudTrailClient): SendLookup {
  return async ({ attribute, value, from, to }, token, signal) => {
    const command = new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
      StartTime: from,
      EndTime: to,
      MaxResults: 50,
      ...(token !== undefined && { NextToken: token }),
    });
    const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    const records = (answer.Events ?? []).flatMap(({ CloudTrailEvent }) => CloudTrailEvent ?? []);
    return { records, nextToken: answer.NextToken };
  };
}
