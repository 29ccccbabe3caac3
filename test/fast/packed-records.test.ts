import { expect, it } from 'vitest';
import { bytesDigest, eventDigest } from '../../cli/attribute/event-digest.ts';
import { completeRecordText, restText } from '../../lib/attribution/record.ts';
import { isJsonObject, textAt } from '../../lib/json.ts';
import type { ReadyEventSource, RecordSource, Rejected } from '../../lib/ports/input.ts';
import { parseInstant } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { cases } from '../builders/thoroughness.ts';
import { settingsOf } from '../evidence/settings.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { mutated } from './mutations.ts';
import { bytesSource, packedSource, plainSource } from './packed-source.ts';

type World = ReturnType<typeof generateWorld>;

/** So long that the file is read in its bytes. */
const FILLER = {
  eventSource: 'ec2.amazonaws.com',
  eventName: 'DescribeVpcs',
  requestParameters: 'x'.repeat(16 * 1024),
};

/** The world's records as one of CloudTrail's files, read in its bytes or in the plain way. */
function trailSource({ cloudtrail }: World, inBytes: boolean): RecordSource {
  const source = bytesSource(Buffer.from(JSON.stringify({ Records: [FILLER, ...cloudtrail] })));
  if (inBytes) return source;
  return { read: ({ record: _, ...sink }, pause) => source.read(sink, pause) };
}

/** All that comes out of a run: the records as they are written, the rejects, the counts. */
async function outcome(audit: ReadyEventSource, world: World, asBytes: boolean) {
  const lines: string[] = [];
  const rejected: Rejected[] = [];
  const tally = await attributeFiles({
    audit,
    cloudtrail: trailSource(world, asBytes),
    settings: settingsOf({
      templates: world.usernameTemplates,
      proxies: world.trustedProxies,
      stores: world.identityStores,
    }),
    record: (head, answer) => lines.push(completeRecordText(head, answer)),
    ...(asBytes && {
      whole: {
        rest: (attribution) => restText(attribution, ''),
        record: (heads, from, to, rest) => lines.push(Buffer.from(heads.subarray(from, to)).toString() + rest),
      },
    }),
    reject: (piece) => rejected.push(piece),
    pause: () => undefined,
  });
  return { lines, rejected, tally };
}

async function expectSame(source: () => RecordSource, world: World, cluster?: string): Promise<void> {
  const plain = await outcome(plainSource(source(), cluster), world, false);
  expect(await outcome(packedSource(source(), cluster), world, true)).toEqual(plain);
  expect(await outcome(packedSource(source(), cluster), world, false)).toEqual(plain);
}

/** The world's events as lines, each several times at other times of its day. */
function linesOf({ audit }: World, seed: number): string[] {
  const draw = drawFrom(seed);
  const moved = audit.flatMap((value) => {
    const time = isJsonObject(value) ? textAt(value, 'requestReceivedTimestamp') : undefined;
    const at = time === undefined ? undefined : parseInstant(time);
    if (!isJsonObject(value) || at === undefined) return [value];
    return [0, 0, 1, 1, 20, 20, 90].map((minutes) => ({
      ...value,
      requestReceivedTimestamp: new Date(at + draw.below(120_000) * (minutes - 10)).toISOString(),
    }));
  });
  return draw.shuffle(moved).map((event) => JSON.stringify(event));
}

it('events that are packed get the answers that each gets by itself, however often a caller comes, and when', async () => {
  for (let seed = 0; seed < cases(5, 1_500); seed += 1) {
    const world = generateWorld(seed);
    const bytes = Buffer.from(linesOf(world, seed).join(seed % 2 === 0 ? '\n' : '\r\n'));
    await expectSame(() => bytesSource(bytes), world, seed % 3 === 0 ? 'prod' : undefined);
  }
});

it('damaged lines between them are the same rejects at the same places', async () => {
  const draw = drawFrom(3);
  for (let seed = 0; seed < cases(3, 1_000); seed += 1) {
    const world = generateWorld(seed);
    const lines = linesOf(world, seed).map((line) => (draw.below(3) === 0 ? mutated(line, draw) : line));
    await expectSame(() => bytesSource(Buffer.from(lines.join('\n')), 1_000 + draw.below(9_000)), world);
  }
});

it('an event that is larger than what is shared stands where it stood', async () => {
  const groups = Array.from({ length: 64 }, (_, at) => '\u0001'.repeat(1_020) + at);
  const large = { impersonatedUser: { username: 'bob', groups }, user: { username: 'alice', groups } };
  const events = ['a', 'b', 'c'].map((auditID) => auditEvent({ auditID, ...(auditID === 'b' && large) }));
  const bytes = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
  await expectSame(() => bytesSource(bytes), generateWorld(1));
});

it('the digest of a text in UTF-8 is that of the text', () => {
  const text = 'a “text” – 日本';
  expect(bytesDigest(Buffer.from(text))).toBe(eventDigest(text));
});

it('what anonymous callers got is told of each request, though they are one caller', async () => {
  const user = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
  const of = (auditID: string, code: number, requestURI = '/api/v1/secrets') =>
    auditEvent({
      auditID,
      user,
      verb: 'get',
      requestURI,
      objectRef: undefined,
      responseStatus: { metadata: {}, code },
    });
  const events = [
    of('a', 403),
    of('b', 200),
    of('c', 200, '/healthz'),
    of('d', 200),
    of('e', 404),
    { ...of('f', 200), user: {} },
    { ...of('g', 401), user: {} },
  ];
  const world = {
    ...generateWorld(1),
    audit: events,
    cloudtrail: [],
    trustedProxies: [],
    usernameTemplates: [],
    identityStores: [],
  };
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const source = () => bytesSource(Buffer.from(text));
  await expectSame(source, world, 'prod-1');
  const { lines } = await outcome(packedSource(source(), 'prod-1'), world, true);
  expect(lines.filter((line) => line.includes('"anonymous-access"'))).toHaveLength(3);
});
