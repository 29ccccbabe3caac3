import { setTimeout as sleep } from 'node:timers/promises';
import { type Assumption, readAssumption } from '../../doctor/assumption.ts';
import { type AwsSettings, calling, clientSettings } from '../eks/aws-settings.ts';

/** LookupEvents takes 2 requests a second in each Region (FACTS); the service asks too. */
const BETWEEN_REQUESTS_MS = 600;
/** Pages a role: the latest 500 events tell what is in use. */
const MOST_PAGES = 10;

/** CloudTrail LookupEvents in the Region of the settings: the latest AssumeRole of each role since then. */
export async function recentAssumptions(
  settings: AwsSettings,
  roleArns: readonly string[],
  since: Date,
): Promise<readonly Assumption[]> {
  const { CloudTrailClient, paginateLookupEvents } = await import('@aws-sdk/client-cloudtrail');
  return calling(
    'cloudtrail:LookupEvents',
    settings,
    new CloudTrailClient(clientSettings(settings)),
    async (client) => {
      const found: Assumption[] = [];
      for (const roleArn of roleArns) {
        let pages = 0;
        const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: roleArn }];
        const input = { LookupAttributes, StartTime: since, MaxResults: 50 };
        for await (const { Events } of paginateLookupEvents({ client, stopOnSameToken: true }, input)) {
          found.push(...(Events ?? []).flatMap(({ CloudTrailEvent }) => readAssumption(CloudTrailEvent ?? '') ?? []));
          await sleep(BETWEEN_REQUESTS_MS);
          pages += 1;
          if (pages === MOST_PAGES) break;
        }
      }
      return found;
    },
  );
}
