import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { overHttp } from '../../cli/access/service-access.ts';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { GAP_KINDS } from '../../lib/heartbeats/ceiling-gap.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { ceilingEntriesIn, ceilingText } from '../../lib/usecases/query/ceiling-gaps.ts';
import type { VisibleClusters } from '../../lib/usecases/query/visible-tables.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, SetClock } from '../usecases/service.ts';

const ACCOUNT = '444455556666';
const LOG = { messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };

function hub(recorded: number) {
  const clock = new SetClock('2026-03-10T10:00:00Z');
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const taking = {
    ...stores,
    ...{ rejects: outbox, metrics: outbox, clock: clock.now, digest: sha256, settings: DEFAULT_SETTINGS },
    ...{ alertOn: [], memory: new KeyMemory(), recording: RECORD_ALL, ceiling: 100 },
  };
  const routes = (clusters: VisibleClusters) =>
    routesOf(
      {
        tables: { ...stores, within: () => stores },
        clock: clock.now,
        settings: DEFAULT_SETTINGS,
        deadline: DEFAULT_DEADLINE,
      },
      clusters,
    );
  return {
    stores,
    clock,
    async send(fields: JsonObject, envelope: JsonObject = {}) {
      await stores.volumes.add(ACCOUNT, { recorded });
      const logEvents = [{ id: '1', message: JSON.stringify(auditEvent(fields)) }];
      const data = gzipSync(JSON.stringify({ ...LOG, owner: ACCOUNT, logEvents })).toString('base64');
      const event = { ...busEvent({ awslogs: { data } }, ACCOUNT), ...envelope };
      return takeHandedOver(event, { inflate: inflatePayload, samples: 20 }, taking);
    },
    async ask(path: string, query: string, clusters: VisibleClusters = 'all') {
      const answer = await routes(clusters)[path]?.(query, () => undefined);
      return ceilingEntriesIn(JSON.parse(JSON.stringify(answer instanceof NotFoundAnswer ? answer.also : answer)));
    },
    service: (clusters: VisibleClusters = 'all') =>
      overHttp(async (path, query) => {
        const answer = await routes(clusters)[path]?.(query.toString(), () => undefined);
        return JSON.parse(JSON.stringify(answer));
      }),
  };
}

const READ = { verb: 'get', requestReceivedTimestamp: '2026-03-10T09:58:00.000000Z' };
const END = '2026-03-10T23:59:59.999Z';

describe('an answer about a time when an account was over its ceiling', () => {
  it('says since when its reads are missing: since the earliest event that was left out', async () => {
    const { send, ask } = hub(100);
    expect(await send(READ)).toMatchObject({ recorded: 0, omitted: 1 });
    const gap = { accountId: ACCOUNT, what: 'reads', since: '2026-03-10T09:58:00Z', until: END };
    expect(await ask('/records', 'from=2026-03-10T09:00:00Z')).toEqual([gap]);
    expect(await ask('/records', 'from=2026-03-10T09:00:00Z&to=2026-03-10T09:57:00Z')).toEqual([]);
  });

  it('says since when whole deliveries are missing: a quarter of an hour before the bus received the first', async () => {
    const { send, ask } = hub(1_000);
    expect(await send({ verb: 'delete' }, { time: '2026-03-10T09:50:00Z' })).toMatchObject({ isLeftOut: true });
    const gap = { accountId: ACCOUNT, what: 'deliveries', since: '2026-03-10T09:35:00Z', until: END };
    expect(await ask('/whois', 'auditId=gone')).toEqual([gap]);
  });

  it('says nothing if nothing was left out', async () => {
    const { send, ask } = hub(1);
    await send(READ);
    expect(await ask('/records', 'from=2026-03-10T09:00:00Z')).toEqual([]);
  });

  it('says it before the events are gone: if it cannot be noted, the delivery is tried again', async () => {
    const { send, stores } = hub(100);
    vi.spyOn(stores.volumes, 'noteGap').mockRejectedValue(new Error('throttled'));
    await expect(send(READ)).rejects.toThrow('throttled');
    vi.restoreAllMocks();
  });

  it('does not tell somebody who may see some clusters only which account it is', async () => {
    const { send, ask } = hub(100);
    await send(READ);
    const [gap] = await ask('/records', 'from=2026-03-10T09:00:00Z', ['other']);
    expect(gap).toEqual({ what: 'reads', since: '2026-03-10T09:58:00Z', until: END });
    expect(ceilingText(gap ?? { what: 'reads', since: '', until: '' })).toContain('an account was over its ceiling');
  });

  it('lists an account once before one with many entries again, and says what it does not list', async () => {
    const { stores, clock, ask } = hub(1);
    const other = '777788889999';
    await stores.volumes.noteGap(other, 'deliveries', epochMillis(clock.at));
    for (let day = 0; day < 60; day += 1) {
      clock.pass(DAY);
      for (const what of GAP_KINDS) await stores.volumes.noteGap(ACCOUNT, what, epochMillis(clock.at));
    }
    const rest = { what: 'reads', since: '2026-03-11T10:00:00Z', until: '2026-03-21T23:59:59.999Z', further: 21 };
    for (const clusters of ['all', ['other']] as const) {
      const entries = await ask('/sessions', '', clusters);
      expect(entries).toHaveLength(101);
      expect(entries.at(-1)?.further).toBe(21);
      expect(entries.some(({ since }) => since === '2026-03-10T10:00:00Z')).toBe(true);
    }
    const entries = await ask('/sessions', '');
    expect(entries.filter(({ accountId }) => accountId === other)).toHaveLength(1);
    expect(entries.at(-1)).toEqual({ ...rest, what: 'deliveries' });
    expect(ceilingText({ ...rest, what: 'reads' })).toBe(
      'From 2026-03-11T10:00:00Z to 2026-03-21T23:59:59.999Z, accounts were over their ceilings (maxEventsPerDay) 21 more times. Their allowed reads of these times may be missing from this answer. To list these times, ask about a shorter time range, or name each cluster by its ARN.',
    );
  });
});

it('the command line writes it once, and keeps it for the report', async () => {
  const { send, service } = hub(100);
  await send(READ);
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const question = service();
  await question.sessions({});
  await question.known({ kind: 'actor' });
  vi.restoreAllMocks();
  expect(written).toEqual([
    `eks-whois: From 2026-03-10T09:58:00Z to ${END}, account ${ACCOUNT} was over its ceiling (maxEventsPerDay). Its allowed reads of that time may be missing from this answer. Its log groups have them: load them with eks-whois backfill.\n`,
  ]);
  expect(question.leftOutByCeiling()).toMatchObject([{ accountId: ACCOUNT, what: 'reads' }]);
});

it('an entry of an unknown form is left out', () => {
  const entries = [{ what: 'writes', since: 'a', until: 'b' }, { what: 'reads' }, 'x'];
  expect(ceilingEntriesIn({ leftOutByCeiling: entries })).toEqual([]);
});
