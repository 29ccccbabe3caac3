import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { AwsSettings } from '../aws/aws-settings.ts';
import type { Connections } from './connections.ts';
import type { LookupScope, SendLookup } from './lookup-scope.ts';
import { Pacer, type Waiting } from './pacer.ts';
import { askedRegions } from './regions.ts';

/** How fast each account and Region is asked, and over which connections all are. */
export interface Pace {
  readonly waiting: Waiting;
  readonly requestsPerSecond: number;
  readonly connections: Connections;
}

/**
 * CloudTrail of one account (a profile, or the default credentials) in several Regions. Endpoints, proxies and
 * credentials follow the SDK's standard settings (`AWS_ENDPOINT_URL_CLOUDTRAIL` and the like).
 */
export function cloudTrailScopes(
  profile: string | undefined,
  regions: readonly string[],
  { waiting, requestsPerSecond, connections }: Pace,
): LookupScope[] {
  let shared: CloudTrailClient | undefined;
  const clientIn = (region: string): CloudTrailClient => {
    const client: CloudTrailClient = new CloudTrailClient({
      region,
      ...connections.requests,
      ...(profile !== undefined && { profile }),
      ...(shared && { credentials: shared.config.credentials }),
    });
    shared ??= client;
    return client;
  };
  return regions.map((region) => ({
    account: profile ?? '',
    region,
    send: sendBy(() => clientIn(region)),
    pacer: new Pacer(requestsPerSecond, waiting),
    slots: connections.slots,
  }));
}

/** The Regions that every account has, and one's own: the one that is set, else the one that the SDK finds. */
export async function everyAccountsRegions({
  profile,
  region,
}: Pick<AwsSettings, 'profile' | 'region'>): Promise<readonly string[]> {
  return askedRegions([], region ?? (await ownRegion(profile)));
}

/** The Region that the SDK finds for whoever asks: of the environment, else of the profile; undefined where neither says one. */
async function ownRegion(profile: string | undefined): Promise<string | undefined> {
  const client = new CloudTrailClient(profile === undefined ? {} : { profile });
  return client.config.region().catch(() => undefined);
}

/** Sends look-ups by a client, whosever credentials it has; it is made when it is first needed. */
export function sendBy(makeClient: () => CloudTrailClient): SendLookup {
  let client: CloudTrailClient | undefined;
  return async ({ attribute, value, from, to }, token, signal) => {
    const command = new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
      StartTime: from,
      EndTime: to,
      MaxResults: 50,
      ...(token !== undefined && { NextToken: token }),
    });
    client ??= makeClient();
    const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    const records = (answer.Events ?? []).flatMap(({ CloudTrailEvent }) => CloudTrailEvent ?? []);
    return { records, nextToken: answer.NextToken };
  };
}
