import { availableParallelism } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventDigest } from '../../cli/attribute/event-digest.ts';
import { Batching } from '../../cli/attribute/reading-thread/batching.ts';
import { readingThread } from '../../cli/attribute/reading-thread/reading-thread.ts';
import { SharedMemory } from '../../cli/attribute/reading-thread/shared-memory.ts';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import type { Action } from '../../lib/attribution/answer.ts';
import { senderOf } from '../../lib/fast/sender.ts';
import type { PackedEventSink, ReadyEvent, ReadyEventSource } from '../../lib/ports/input.ts';
import { epochMillis } from '../../lib/time.ts';
import { readyEvents } from '../../lib/usecases/attribute/ready-events.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { GRANT, good, ids } from './good.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

/** Nothing of it lies in S3. */
const NO_S3 = {
  s3: {
    access: {
      aws: { profile: undefined, region: undefined, credentials: undefined },
      requesterPays: false,
      byPath: false,
    },
    wanted: { content: 'audit', regions: [] },
  },
} as const;

/** All that a source hands over, what it ignored summed up. */
async function handedOver(source: ReadyEventSource) {
  const [events, rejected]: [unknown[], unknown[]] = [[], []];
  const ignored = new Map<string, number>();
  let read = 0;
  await source.read(
    {
      event: ({ identity, head, action }) => events.push(comparable({ identity, head, action })),
      packed: unpacking((event) => events.push(comparable(event))),
      reject: (piece) => rejected.push(piece),
      ignored: (what, count) => ignored.set(what, (ignored.get(what) ?? 0) + count),
    },
    (progress) => {
      read = progress.read;
      return undefined;
    },
  );
  return JSON.parse(JSON.stringify({ events, rejected, ignored: [...ignored], read })) as { events: unknown[] };
}

/** Digests as far as both have them, callers as far as the rules read them. */
function comparable({ identity, head, action: { caller, impersonated, moment, cluster } }: ReadyEvent) {
  const { groups: _groups, pod: _pod, ...acting } = caller as Action['caller'] & { groups?: unknown; pod?: unknown };
  const { credentialId } = caller;
  const of = credentialId === undefined ? {} : { cluster }; // the rules ask for it only where there is a token
  return { identity: identity.slice(0, 16), head, caller: acting, impersonated, moment, ...of };
}

/** Events that came packed, one by one. */
function unpacking(each: (event: ReadyEvent) => void): PackedEventSink['packed'] {
  const places = new Map<number, Omit<Action, 'moment'>>();
  return (events, texts) => {
    let sender = 0;
    for (let at = 0; at < events.count; at += 1) {
      const told = events.places[at] ?? 0;
      const place = told < 0 ? -1 - told : told;
      if (told < 0) {
        places.set(place, senderOf(texts.sender(...rangeOf(events.senderEnds, sender))));
        sender += 1;
      }
      each({
        identity: Buffer.from(events.identities.slice(at * 4, at * 4 + 4).buffer).toString('latin1'),
        head: texts.head(...rangeOf(events.headEnds, at)),
        action: { ...(places.get(place) as Action), moment: momentOf(events.moments[at]) },
      });
    }
  };
}

function rangeOf(ends: Int32Array, at: number): [from: number, to: number] {
  return [at === 0 ? 0 : (ends[at - 1] ?? 0), ends[at] ?? 0];
}

function momentOf(moment = Number.NaN): Action['moment'] {
  return Number.isNaN(moment) ? 'unreadable' : epochMillis(moment);
}

describe('the reading thread', () => {
  it('hands over what a reader in the main thread does', async () => {
    const odd = [
      good('a'),
      good('a'),
      '{"kind":"Event","apiVersion":"audit.k8s.io/v1","user":{}}',
      'I1126 10:00:00.000000       1 klog.go:1] of another stream',
      GRANT,
      GRANT,
      '{"half":',
      good('without a name', { user: {} }),
      good('ünïcödé – 日本'),
      good('without a time', { requestReceivedTimestamp: 'no time' }),
      good('for another', { impersonatedUser: { username: 'bob', groups: ['admins'] } }),
      good('long', { userAgent: 'x'.repeat(10_000), requestURI: '/ü'.repeat(10_000) }),
    ].join('\n');
    folder.file('in/1', odd);
    folder.file('in/2.gz', gzipSync(odd).subarray(0, 400));
    const logged = (logGroup: string) =>
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        logGroup,
        logStream: 's',
        logEvents: [{ message: good(logGroup) }],
      });
    folder.file('in/3', `${logged('/company/audit')}\n${logged('/company/logs')}`);
    const counted = [{ names: '/company/a*', content: 'audit' }] as const;
    const order = { paths: [folder.at('in'), folder.at('missing')], cluster: 'prod', counted, ...NO_S3 };
    const here = await handedOver(readyEvents(fileSource(order.paths, counted), { ...order, digest: eventDigest }));
    expect(here.events).toHaveLength(8);
    const ignored = expect.arrayContaining([
      ['cloudtrail-record', 2],
      ['other-origin', 1],
    ]);
    expect(here).toMatchObject({ ignored });
    const thread = readingThread(order);
    expect(await handedOver(thread)).toEqual(here);
    await thread.end();
  });

  it('ends when it is told to, however much there is to read', async () => {
    folder.file('in', Array.from({ length: 20_000 }, (_, at) => good(`${at}`)).join('\n'));
    const thread = readingThread({ paths: [folder.at('in')], cluster: undefined, counted: [], ...NO_S3 });
    await thread.end();
    await expect(handedOver(thread)).rejects.toThrow('ended before');
  });

  it('hands over a million pieces of one line, which came in a few kilobytes', async () => {
    const numbers = gzipSync(`{"messageType":"DATA_MESSAGE","logEvents":[${'5,'.repeat(1_000_000)}5]}`);
    folder.file('in', [JSON.stringify({ awslogs: { data: numbers.toString('base64') } }), good('behind')].join('\n'));
    const thread = readingThread({ paths: [folder.at('in')], cluster: undefined, counted: [], ...NO_S3 });
    let rejected = 0;
    const heads: string[] = [];
    const sink = {
      event: ({ head }: ReadyEvent) => heads.push(head),
      packed: unpacking(({ head }) => heads.push(head)),
      reject: () => {
        rejected += 1;
      },
      ignored: () => undefined,
    };
    await thread.read(sink, () => undefined);
    await thread.end();
    expect(rejected).toBe(1_000_001);
    expect(heads).toEqual([expect.stringContaining('"auditId":"behind"')]);
  });

  it('sends in small batches, also within one line', () => {
    const lengths: number[] = [];
    const batching = new Batching(new SharedMemory(), undefined, ({ rejected }) => lengths.push(rejected.length));
    const piece = { file: 'f', place: 'line 1', reason: 'unrecognised', sample: '5' } as const;
    for (let sent = 0; sent < 100_000; sent += 1) batching.reject(piece);
    batching.send();
    expect(lengths.reduce((sum, length) => sum + length)).toBe(100_000);
    expect(Math.max(...lengths)).toBeLessThan(5_000);
  });

  it.skipIf(availableParallelism() === 1)(
    'keeps the order of the input, with far more events than may wait',
    async () => {
      const names = Array.from({ length: 12_000 }, (_, at) => `event-${at}`);
      const text = (some: readonly string[]) => some.map((name) => good(name)).join('\n');
      folder.file('in/1', text(names.slice(0, 10_000)));
      folder.file('in/2.gz', gzipSync(text(['event-0', ...names.slice(10_000)])));
      const result = await attributeFiles(folder, { audit: [folder.at('in')] });
      expect(ids(result)).toEqual(names);
      expect(result.errors).toContain('1 duplicate');
      expect(folder.read('in/1').length).toBeGreaterThan(8 * 1024 * 1024);
    },
  );
});
