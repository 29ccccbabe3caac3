import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { LookupScope, SendLookup } from './lookup-scope.ts';
import { Pacer, type Waiting } from './pacer.ts';

/** CloudTrail, and STS for its credentials: asked again by `lookupPage`, which keeps the pace, not by the SDK. Times in milliseconds. */
const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;
export const LOOKUP_REQUESTS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: CONNECT_WITHIN, requestTimeout: ANSWER_WITHIN, throwOnRequestTimeout: true },
};

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
      ...LOOKUP_REQUESTS,
      ...(profile !== undefined && { profile }),
      ...(shared && { credentials: shared.config.credentials }),
    });
    shared ??= client;
    return { account: profile ?? '', region, send: sendBy(client), pacer: new Pacer(requestsPerSecond, waiting) };
  });
}

/** Sends look-ups by a client, whosever credentials it has. */
export function sendBy(client: CloudTrailClient): SendLookup {
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
