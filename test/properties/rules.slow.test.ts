import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventDigest } from '../../cli/attribute/event-digest.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { JsonObject } from '../../lib/json.ts';
import { SeenEvents } from '../../lib/usecases/attribute/seen-events.ts';
import { answerOf } from '../builders/answer.ts';
import { cases } from '../builders/chance.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { product } from '../oracle/product.ts';
import { anyEvent, anyRecord } from './input.ts';

const RUNS = { numRuns: cases(1_000) };
const records = fc.uniqueArray(anyRecord, { maxLength: 12, selector: (record) => JSON.stringify(record) });
const templates = fc.constantFrom<string[]>([], ['admin:{{SessionName}}'], ['{{SessionNameRaw}}']);
const shuffled = records.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

describe('the answer on an audit event', () => {
  it('does not depend on the order of the records', () => {
    fc.assert(
      fc.property(anyEvent, shuffled, templates, (event, [records, others], templates) => {
        expect(answerOf({ event, records: others, templates })).toEqual(answerOf({ event, records, templates }));
      }),
      RUNS,
    );
  });

  it('does not change if records come more than once', () => {
    fc.assert(
      fc.property(anyEvent, records, (event, records) => {
        expect(answerOf({ event, records: [...records, ...records] })).toEqual(answerOf({ event, records }));
      }),
      RUNS,
    );
  });

  it('is not changed by an unrelated grant', () => {
    const unrelated = fc.record({ name: fc.constantFrom('dave', 'erin'), number: fc.nat(9) }).map(({ name, number }) =>
      grant({
        by: iamUser(name),
        id: `unrelated-${number}`,
        roleId: `AROAUNRELATED0000000${number}`,
        roleName: `unrelated-${number}`,
        session: `unrelated-${number}`,
        key: `ASIAUNRELATED000000${number}`,
      }),
    );
    fc.assert(
      fc.property(anyEvent, records, fc.array(unrelated, { minLength: 1, maxLength: 5 }), (event, records, more) => {
        expect(answerOf({ event, records: [...records, ...more] })).toEqual(answerOf({ event, records }));
      }),
      RUNS,
    );
  });

  it('by access key of one person stays the same, whichever grants of other keys become known', () => {
    fc.assert(
      fc.property(anyEvent, records, anyRecord, (event, records, more) => {
        const before = answerOf({ event, records, settled: false });
        if (before.provisional || before.method !== 'access-key' || shares(before.chain, more)) return;
        const after = answerOf({ event, records: [...records, more], settled: false });
        expect([after.status, after.actor?.name]).toEqual([before.status, before.actor?.name]);
      }),
      RUNS,
    );
  });

  it('names no actor that is not in its evidence', () => {
    fc.assert(
      fc.property(anyEvent, records, (event, records) => {
        const { status, actor, method, chain, candidates, reason } = answerOf({ event, records });
        const named = status === 'attributed' || status === 'partial';
        expect([actor !== undefined, method !== undefined]).toEqual([named, named]);
        expect(named && method !== 'direct').toBe(chain !== undefined);
        expect(candidates !== undefined).toBe(status === 'ambiguous');
        expect(reason !== undefined).toBe(status === 'partial' || status === 'unattributed');
      }),
      RUNS,
    );
  });
});

/** Returns whether the record could be one more way to a session of the chain: of its keys, ids, or callers. */
function shares(chain: Attribution['chain'], record: JsonObject): boolean {
  const text = JSON.stringify(record);
  return (chain ?? []).some(
    (link) =>
      link.eventName !== 'TokenRequest' &&
      (text.includes(String(link.accessKeyId)) || text.includes(String(link.roleId))),
  );
}

describe('a run over files', () => {
  const world = (audit: JsonObject[], cloudtrail: JsonObject[]) =>
    product({ audit, cloudtrail, usernameTemplates: [], trustedProxies: [], identityStores: [] });
  const events = fc
    .array(anyEvent, { maxLength: 6 })
    .map((all) => all.map((event, at) => ({ ...event, auditID: `a${at}` })));

  it('gives each event the answer that it would have alone', async () => {
    await fc.assert(
      fc.asyncProperty(events, records, async (events, records) => {
        const together = await world(events, records);
        const alone = await Promise.all(events.map((event) => world([event], records)));
        expect(together).toEqual(alone.flat());
      }),
      { numRuns: cases(200) },
    );
  });

  it('gives each record once if it gets everything twice', async () => {
    await fc.assert(
      fc.asyncProperty(events, records, async (events, records) => {
        const twice = await world([...events, ...events], [...records, ...records]);
        expect(twice).toEqual(await world(events, records));
      }),
      { numRuns: cases(200) },
    );
  });

  it('gives the same answers for any order of the files', async () => {
    await fc.assert(
      fc.asyncProperty(events, shuffled, async (events, [records, others]) => {
        const byId = (all: readonly { auditId: string }[]) => all.toSorted((a, b) => (a.auditId < b.auditId ? -1 : 1));
        expect(byId(await world(events.toReversed(), others))).toEqual(byId(await world(events, records)));
      }),
      { numRuns: cases(200) },
    );
  });
});

it('which events were seen is known exactly, through all growth of the table', () => {
  const seen = new SeenEvents();
  const reference = new Set<string>();
  for (let at = 0; at < 60_000; at += 1) {
    const identity = `event ${(at * 7_919) % 40_009}`;
    expect(seen.isNew(eventDigest(identity))).toBe(!reference.has(identity));
    reference.add(identity);
  }
});
