import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { AwsSettings } from '../aws/aws-settings.ts';
import type { Connections } from './connections.ts';
import type { LookupScope, SendLookup } from './lookup-scope.ts';
import { Pacer, type PaceTimer } from './pacer.ts';
import { regionsToSearch } from './regions.ts';

/** The pace of each account and Region, and the connections that all of them share. */
export interface Pace {
  readonly waiting: PaceTimer;
  readonly requestsPerSecond: number;
  readonly connections: Connections;
}

/**
 * Returns CloudTrail of one account in several Regions. The account is that of a profile or of the default credentials.
 * Endpoints, proxies and credentials follow the SDK's standard settings, such as `AWS_ENDPOINT_URL_CLOUDTRAIL`.
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

/**
 * Returns the Regions that every account has, and the user's own. That is the one in the settings, or else the one that
 * the SDK finds.
 */
export async function everyAccountsRegions({
  profile,
  region,
}: Pick<AwsSettings, 'profile' | 'region'>): Promise<readonly string[]> {
  return regionsToSearch([], region ?? (await ownRegion(profile)));
}

/** Returns the Region that the SDK finds in the environment, or else in the profile. Undefined if neither has one. */
async function ownRegion(profile: string | undefined): Promise<string | undefined> {
  const client = new CloudTrailClient(profile === undefined ? {} : { profile });
  return client.config.region().catch(() => undefined);
}

/** Returns a function that sends look-ups with a client. The client is made when it is first used. */
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
