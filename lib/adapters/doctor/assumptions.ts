import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { type Assumption, readAssumption } from '../../doctor/assumption.ts';
import { type AwsSettings, calling, clientSettings } from '../aws/aws-settings.ts';

/**
 * From the beginning of one request to that of the next: LookupEvents takes 2 requests a second of an account in each
 * Region (FACTS), and the service asks too. The other calls of doctor have no such limit and are not held back.
 */
const BETWEEN_REQUESTS_MS = 600;
/** Pages a role: the latest 500 events tell what is in use. */
const MOST_PAGES = 10;

/**
 * CloudTrail LookupEvents in the Region of the settings: the latest AssumeRole of each role since then. It tells which
 * role it has come to, from 1.
 */
export async function recentAssumptions(
  settings: AwsSettings,
  roleArns: readonly string[],
  since: Date,
  tell: (role: number) => void,
): Promise<readonly Assumption[]> {
  const { CloudTrailClient } = await import('@aws-sdk/client-cloudtrail');
  const client = new CloudTrailClient(clientSettings(settings));
  return calling('cloudtrail:LookupEvents', settings, client, async () => {
    const found: Assumption[] = [];
    const turn = paced();
    for (const [index, roleArn] of roleArns.entries()) {
      tell(index + 1);
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

/** Waits until the next request may begin; the first begins at once. */
function paced(): () => Promise<void> {
  let next = 0;
  return async () => {
    const wait = next - performance.now();
    if (wait > 0) await sleep(wait);
    next = performance.now() + BETWEEN_REQUESTS_MS;
  };
}
