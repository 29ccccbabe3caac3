import { expect, it } from 'vitest';
import { knownCluster } from '../../cli/options/known-cluster.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { Backfill } from '../../lib/usecases/backfill/backfill.ts';
import { backfillFile } from '../../lib/usecases/backfill/backfill-files.ts';
import { backfillLogs } from '../../lib/usecases/backfill/backfill-logs.ts';
import { readHandedOver } from '../../lib/usecases/ingest/batch.ts';
import { ingest } from '../../lib/usecases/ingest/ingest.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { eventBy } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { valuesSource } from '../builders/values-source.ts';
import { auditPayload } from '../evidence/over-files.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, SetClock } from '../usecases/service.ts';

/** A backfill from logs of two accounts with a cluster `prod` each: what the user says of the cluster never joins them. */

const [ONE, NINE] = ['111122223333', '999900001111'];
const ARN = `arn:aws:eks:eu-west-1:${ONE}:cluster/prod`;
const event = (auditID: string) =>
  eventBy({ username: 'carol', groups: ['staff'] }, { auditID, requestReceivedTimestamp: utc('12:10:00') });
const payload = (owner: string) => ({ ...auditPayload([event('a1')], 'prod'), owner });

function backfill(clusterArn: string) {
  const clock = new SetClock(utc('18:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const left: string[] = [];
  const work: Backfill = {
    service: {
      ...stores,
      rejects: outbox,
      metrics: outbox,
      clock: clock.now,
      digest: sha256,
      settings: DEFAULT_SETTINGS,
      alertOn: [],
      memory: new KeyMemory(),
      recording: RECORD_ALL,
    },
    bookmarks: { of: () => undefined, set: async () => undefined },
    target: 'tables',
    known: { ...knownCluster({ clusterArn }), leave: (owner) => void left.push(owner) },
    counted: [],
    signal: new AbortController().signal,
    progress: () => undefined,
    ignored: () => undefined,
  };
  const stored = () => stores.records.all().map(({ record }) => record);
  return { work, stores, left, stored };
}

const fromFiles = (work: Backfill) =>
  backfillFile({ identity: undefined, source: valuesSource([payload(ONE), payload(NINE)]) }, 'audit', work);

it('from files keeps them apart, with people of their own, and each is found by its key', async () => {
  const { work, stores, left, stored } = backfill(ARN);
  await fromFiles(work);
  expect(stored().map(clusterKeyOf).sort()).toEqual([ARN, `name:${NINE}/prod`]);
  expect(new Set(stored().map(({ attribution }) => attribution.actor?.id)).size).toBe(2);
  expect(stored().flatMap(({ attribution: { flags } }) => flags)).not.toContain('conflicting-copies');
  expect(left).toEqual([NINE]);
  const found = async (cluster: string) =>
    (await queryRecords({ question: asking({ cluster }), limit: 10 }, stores)).records.map(clusterKeyOf).sort();
  expect(await found('prod')).toEqual([ARN, `name:${NINE}/prod`]);
  expect(await found(`name:${NINE}/prod`)).toEqual([`name:${NINE}/prod`]);
  expect(await found(ARN)).toEqual([ARN]);
});

it('from files joins them if the user says that the other account has copies', async () => {
  const { work, left, stored } = backfill(`${NINE}=${ARN}`);
  await fromFiles(work);
  expect(stored().map(clusterKeyOf)).toEqual([ARN]);
  expect(left).toEqual([]);
});

it.each([
  [`${NINE}=${ARN}`, ARN, []],
  [ARN, `arn:aws:eks:us-east-1:${NINE}:cluster/prod`, [NINE]],
])('from a log group of another account, with --cluster-arn %s, is of %s', async (given, key, others) => {
  const { work, left, stored } = backfill(given);
  const [from, to] = [instant(utc('12:00:00')), instant(utc('12:59:59'))];
  const history = {
    logGroup: '/aws/eks/prod/cluster',
    streamPrefix: 'kube-apiserver-audit-',
    region: async () => 'us-east-1',
    page: async () => ({ payloads: [payload(NINE)] }),
  };
  await backfillLogs(history, { from, to, endGiven: true, nodeTraffic: false }, work);
  expect(stored().map(clusterKeyOf)).toEqual([key]);
  expect(left).toEqual(others);
});

it('from a log group of another account adds only what its spoke did not hand over', async () => {
  const { work, stored } = backfill(ARN);
  const at = { account: NINE, region: 'us-east-1' };
  const text = JSON.stringify(payload(NINE));
  const inflate = () => ({ ok: true, text, bytes: new TextEncoder().encode(text) }) as const;
  const batch = readHandedOver({ ...at, data: '' }, 'delivery', { inflate });
  if ('reason' in batch) throw new Error(batch.reason);
  await ingest(batch, { id: 'delivery', isLive: true }, work.service);
  const [handedOver] = stored();
  const lost = { ...auditPayload([event('a1'), event('a2')], 'prod'), owner: NINE };
  const [from, to] = [instant(utc('12:00:00')), instant(utc('12:59:59'))];
  const history = {
    logGroup: '/aws/eks/prod/cluster',
    streamPrefix: 'kube-apiserver-audit-',
    region: async () => at.region,
    handedOverBy: NINE,
    page: async () => ({ payloads: [lost] }),
  };
  await backfillLogs(history, { from, to, endGiven: true, nodeTraffic: false }, work);
  const [first, second, ...more] = stored().toSorted((a, b) => (a.auditId < b.auditId ? -1 : 1));
  expect(first).toEqual(handedOver);
  expect(second).toMatchObject({ auditId: 'a2', origin: handedOver?.origin });
  expect(more).toEqual([]);
});
