import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { type Assumption, readAssumption } from '../../doctor/assumption.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/**
 * The minimum time between the starts of two requests, in milliseconds. LookupEvents allows 2 requests a second for an
 * account and Region (FACTS), and the service uses it too. Other calls of doctor have no such limit and no pace.
 */
const BETWEEN_REQUESTS_MS = 600;
/** Limits the pages for one role. The latest 500 events show which names and callers are in use. */
const MOST_PAGES = 10;

/**
 * Calls CloudTrail LookupEvents in the Region of the settings. Returns the latest AssumeRole events of each role since
 * a time. It reports the number of the current role, from 1.
 */
export async function recentAssumptions(
  settings: AwsSettings,
  roleArns: readonly string[],
  since: Date,
  report: (role: number) => void,
): Promise<readonly Assumption[]> {
  const { CloudTrailClient } = await import('@aws-sdk/client-cloudtrail');
  const client = new CloudTrailClient(clientSettings(settings));
  return callAws('cloudtrail:LookupEvents', settings, client, async () => {
    const found: Assumption[] = [];
    const turn = createPacer();
    for (const [index, roleArn] of roleArns.entries()) {
      report(index + 1);
      found.push(...(await assumptionsOf(client, roleArn, since, turn)));
    }
    return found;
  });
}

async function assumptionsOf(client: CloudTrailClient, roleArn: string, since: Date, turn: () => Promise<void>) {
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  const found: Assumption[] = [];
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: roleArn }];
  const input = { LookupAttributes, StartTime: since, MaxResults: 50 };
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    await turn();
    const { Events = [], NextToken } = await client.send(new LookupEventsCommand({ ...input, NextToken: token }));
    found.push(...Events.flatMap(({ CloudTrailEvent }) => readAssumption(CloudTrailEvent ?? '') ?? []));
    if (NextToken === undefined || NextToken === token) break;
    token = NextToken;
  }
  return found;
}

/** Returns a function that waits until the next request may start. The first one starts at once. */
function createPacer(): () => Promise<void> {
  let next = 0;
  return async () => {
    const wait = next - performance.now();
    if (wait > 0) await sleep(wait);
    next = performance.now() + BETWEEN_REQUESTS_MS;
  };
}
