import { describe, expect, it } from 'vitest';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { AskedService } from './asked-service.ts';
import { moved } from './attacker.ts';
import { AROUND, GRANTS, REQUESTS } from './honest-world.ts';

const [deleted] = REQUESTS;
const earlier = AROUND.filter(({ cluster }) => cluster === deleted?.cluster);
const ARN = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${deleted?.cluster}`;
const id = String(deleted?.event.auditID);

/** The service after another account handed over a later event with the audit ID of alice's request, by somebody else. */
async function withCopy(cluster: string): Promise<AskedService> {
  const service = new AskedService();
  const events = [...earlier, ...REQUESTS.slice(0, 1)].map(({ event }) => event);
  await service.take(GRANTS, [{ account: ACCOUNT, cluster: 'prod-1', events }]);
  const copy = moved({ ...deleted?.event, user: { username: 'system:serviceaccount:shop:web' } }, 60_000);
  await service.take([], [{ account: OTHER_ACCOUNT, cluster, events: [copy] }]);
  return service;
}

async function answerOf(service: AskedService, text: string) {
  const answer = await service.ask(text);
  return answer?.found[0]?.outcome;
}

describe('an audit ID that another account copied', () => {
  it.each(['prod-1', 'another'])(
    'is of the request in the cluster that the text states, copied in %s',
    async (cluster) => {
      const service = await withCopy(cluster);
      expect(await answerOf(service, `auditID=${id} cluster=${ARN}`)).toMatchObject({
        attribution: { status: 'attributed', actor: { name: 'alice' } },
        note: expect.stringContaining('Requests in other clusters have this audit ID too'),
      });
    },
  );

  it.each(['prod-1', 'another'])('is ambiguous if the text states no cluster, copied in %s', async (cluster) => {
    const service = await withCopy(cluster);
    for (const text of [id, `auditID=${id} cluster=arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/unknown`])
      expect(await answerOf(service, text)).toMatchObject({
        attribution: { status: 'ambiguous' },
        note: expect.stringContaining('state the ARN of the cluster'),
      });
  });
});
