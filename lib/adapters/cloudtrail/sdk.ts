import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { LookupScope, SendLookup } from './lookup-scope.ts';
import { Pacer, type Waiting } from './pacer.ts';

const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;

/**
 * CloudTrail of one account (a profile, or the default credentials) in several Regions. Endpoints, proxies and
 * credentials follow the SDK's standard settings (`AWS_ENDPOINT_URL_CLOUDTRAIL` and the like).
 */
export function cloudTrailScopes(
  profile: string | undefined,
  regions: readonly string[],
  { waiting, requestsPerSecond }: { readonly waiting: Waiting; readonly requestsPerSecond: number },
): LookupScope[] {
  let shared: CloudTrailClient | undefined;
  return regions.map((region) => {
    const client: CloudTrailClient = new CloudTrailClient({
      region,
      maxAttempts: 1, // asked again by `lookupPage`, which keeps the pace
      requestHandler: { connectionTimeout: CONNECT_WITHIN, requestTimeout: ANSWER_WITHIN, throwOnRequestTimeout: true },
      ...(profile !== undefined && { profile }),
      ...(shared && { credentials: shared.config.credentials }),
    });
    shared ??= client;
    return { account: profile ?? '', region, send: sendBy(client), pacer: new Pacer(requestsPerSecond, waiting) };
  });
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
