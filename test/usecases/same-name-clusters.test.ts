import { describe, expect, it } from 'vitest';
import { clusterKeyOf, clusterLabels, clusterText } from '../../lib/identity/cluster.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { summary } from '../../lib/usecases/query/summary.ts';
import { eventBy } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { auditPayload } from '../evidence/over-files.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, Service, SetClock } from './service.ts';

/** Two clusters `prod` of two accounts, and events of a cluster that is known by name only: issue 27, case 2. */

const [ONE, NINE] = ['111122223333', '999900001111'];
const arnOf = (account: string, region = 'eu-west-1') => `arn:aws:eks:${region}:${account}:cluster/prod`;

const inCluster = (event: JsonObject, account?: string): JsonObject =>
  auditPayload(
    [event],
    'prod',
    account === undefined ? {} : { extractedFields: { '@aws.account': account, '@aws.region': 'eu-west-1' } },
  );

const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const letIn = { verb: 'delete', annotations: { 'authorization.k8s.io/decision': 'allow' } };

async function world() {
  const clock = new SetClock(utc('12:21:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  const deliver = async (auditID: string, account?: string) => {
    const event = eventBy(anonymous, { auditID, requestReceivedTimestamp: utc('12:10:00'), ...letIn });
    await service.ingestPayload(inCluster(event, account), auditID);
  };
  await deliver('one', ONE);
  await deliver('nine', NINE);
  await deliver('unknown');
  await service.settle();
  const found = async (filter: Parameters<typeof asking>[0]) =>
    (await queryRecords({ question: asking(filter), limit: 10 }, stores)).records.map(({ auditId }) => auditId).sort();
  return { service, stores, clock, found };
}

describe('clusters of one name', () => {
  it('have records that say which', async () => {
    const { service } = await world();
    expect(await service.only('one')).toMatchObject({
      cluster: 'prod',
      clusterArn: arnOf(ONE),
      accountId: ONE,
      region: 'eu-west-1',
      origin: { logGroup: '/aws/eks/prod/cluster' },
    });
    expect((await service.only('unknown')).clusterArn).toBeUndefined();
  });

  it('are all meant by the name, and one by its ARN or key', async () => {
    const { found, service } = await world();
    const own = (await service.only('one')).request?.namespace ?? '';
    for (const namespace of [{}, { namespace: own }]) {
      expect(await found({ cluster: 'prod', ...namespace })).toEqual(['nine', 'one', 'unknown']);
      expect(await found({ cluster: arnOf(NINE), ...namespace })).toEqual(['nine']);
      expect(await found({ cluster: 'name:prod', ...namespace })).toEqual(['unknown']);
      expect(await found({ cluster: arnOf(ONE, 'us-east-1'), ...namespace })).toEqual([]);
    }
  });

  it('are listed in the first page of an answer to their name, and in no other', async () => {
    const { stores } = await world();
    const answer = async (cluster: string, limit = 10) =>
      queryRecords({ question: asking({ cluster }), limit }, stores);
    expect((await answer('prod')).clusters).toEqual([arnOf(ONE), arnOf(NINE), 'prod']);
    expect((await answer(arnOf(ONE))).clusters).toBeUndefined();
    expect((await answer('staging')).clusters).toBeUndefined();
    const { cursor } = await answer('prod', 1);
    const next = await queryRecords({ question: asking({ cluster: 'prod' }), limit: 1, cursor }, stores);
    expect(next).toMatchObject({ records: [{}], examined: 1 });
    expect(next.clusters).toBeUndefined();
  });

  it('have namespaces and entries of their own', async () => {
    const { stores } = await world();
    const page = { limit: 10, position: undefined };
    const { known } = await listKnown('cluster', 'prod', page, stores);
    expect(known.map(({ name, arn }) => [name, arn])).toHaveLength(3);
    expect(new Set(known.map(({ arn }) => arn))).toEqual(new Set([undefined, arnOf(ONE), arnOf(NINE)]));
    const namespaces = (await listKnown('namespace', '', page, stores)).known;
    expect(new Set(namespaces.map(clusterKeyOf))).toEqual(new Set(['name:prod', arnOf(ONE), arnOf(NINE)]));
  });

  it('are counted apart, and together by their name', async () => {
    const { stores, clock } = await world();
    const answerTo = (clusters?: readonly string[]) =>
      summary(
        {
          from: instant(utc('12:00:00')),
          to: epochMillis(instant(utc('12:00:00')) + 3_600_000),
          bucket: 'hour',
          by: 'cluster',
          clusters,
        },
        { counts: stores.counts, clock: clock.now },
      );
    expect(new Set((await answerTo()).values.map(({ value }) => value))).toEqual(
      new Set(['prod', arnOf(ONE), arnOf(NINE)]),
    );
    expect((await answerTo(['prod'])).total).toBe(3);
    expect((await answerTo([arnOf(NINE)])).total).toBe(1);
  });

  it('raise an alert each, whose command asks for that cluster alone', async () => {
    const { service } = await world();
    const { alerts } = service.outbox;
    expect(new Set(alerts.map(({ clusters }) => clusters.join()))).toEqual(new Set(['prod', arnOf(ONE), arnOf(NINE)]));
    const ofNine = alerts.find(({ clusters }) => clusters.includes(arnOf(NINE)));
    expect(ofNine?.query).toContain(`--cluster '${arnOf(NINE)}'`);
  });

  it('stand with their account, and their Region if that is needed, where several are shown', () => {
    expect([...clusterLabels([arnOf(ONE)]).values()]).toEqual(['prod']);
    expect([...clusterLabels([arnOf(ONE), arnOf(NINE), 'prod', 'staging']).values()]).toEqual([
      `prod (${ONE})`,
      `prod (${NINE})`,
      'prod (account not known)',
      'staging',
    ]);
    const handedOverBy = (account: string) => clusterText({ cluster: 'prod', origin: { handedOverBy: account } });
    expect([...clusterLabels([arnOf(ONE), handedOverBy(ONE), handedOverBy(NINE)]).values()]).toEqual([
      `prod (${ONE})`,
      `prod (handed over by ${ONE})`,
      `prod (handed over by ${NINE})`,
    ]);
    expect([...clusterLabels([arnOf(ONE), arnOf(ONE, 'us-east-1'), arnOf(NINE)]).values()]).toEqual([
      `prod (${ONE}, eu-west-1)`,
      `prod (${ONE}, us-east-1)`,
      `prod (${NINE})`,
    ]);
  });
});
