import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Bookmark } from '../../lib/ports/bookmarks.ts';
import { HOUR } from '../../lib/time.ts';
import type { Backfill } from '../../lib/usecases/backfill/backfill.ts';
import { backfillFile } from '../../lib/usecases/backfill/backfill-files.ts';
import { backfillLogs } from '../../lib/usecases/backfill/backfill-logs.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, SetClock } from '../usecases/service.ts';

const EVENTS = ['one', 'two', 'three'].map((auditID) => auditEvent({ auditID }));

/** A backfill whose first batch the tables do not take. */
function failingOnce() {
  const clock = new SetClock(utc('18:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const bookmarks = new Map<string, Bookmark>();
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
    bookmarks: {
      of: (source) => bookmarks.get(source),
      set: async (source, bookmark) => {
        bookmarks.set(source, bookmark);
      },
    },
    target: 'tables',
    known: { cluster: 'prod-1' },
    counted: [],
    signal: new AbortController().signal,
    progress: () => undefined,
    ignored: () => undefined,
  };
  vi.spyOn(stores.records, 'insert').mockRejectedValueOnce(new Error('DynamoDB does not answer'));
  return { work, stores };
}

describe('data that a backfill could not store does not count as loaded: the next run loads it', () => {
  it('from a file', async () => {
    const { work, stores } = failingOnce();
    const load = () =>
      backfillFile(
        {
          identity: 'audit.jsonl, as it is',
          source: {
            read: async ({ audit }) => {
              for (const event of EVENTS) audit(event, {}, { file: 'audit.jsonl', place: () => 'a line' });
            },
          },
        },
        'audit',
        work,
      );
    await expect(load()).rejects.toThrow('DynamoDB does not answer');
    await load();
    expect(stores.records.all()).toHaveLength(EVENTS.length);
  });

  it('from a log group, also after an empty page', async () => {
    const { work, stores } = failingOnce();
    const payload: JsonObject = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod-1/cluster',
      logStream: 'kube-apiserver-audit-1',
      logEvents: EVENTS.map((event) => ({ message: JSON.stringify(event) })),
    };
    const from = instant(utc('12:00:00'));
    const history = {
      logGroup: '/aws/eks/prod-1/cluster',
      streamPrefix: 'kube-apiserver-audit-',
      region: async () => undefined,
      page: async (interval: { readonly from: number }, token: string | undefined) => {
        if (interval.from !== from) return { payloads: [], nextToken: undefined };
        return token === undefined
          ? { payloads: [], nextToken: 'more' }
          : { payloads: [payload], nextToken: undefined };
      },
    };
    const range = { from, to: instant(utc('13:00:00')), endGiven: true, nodeTraffic: false };
    const load = () => backfillLogs(history, range, work);
    await expect(load()).rejects.toThrow('DynamoDB does not answer');
    await load();
    expect(stores.records.all()).toHaveLength(EVENTS.length);
    expect(range.to - range.from).toBe(HOUR);
  });
});
