import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import {
  type DayOfClaims,
  spreadFor,
  suffixesOfClaim,
  suffixesOfSession,
  suffixOf,
  withClaims,
} from '../../lib/adapters/dynamodb/session-spread.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY, epochMillis, HOUR } from '../../lib/time.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';
import { writeUnits } from './write-units.ts';

const claimsUpTo = (count: number) => Array.from({ length: count }, (_, at) => sha256(`claim ${at}`));
const dayOf = (claims: readonly string[]): DayOfClaims =>
  claims.reduce<DayOfClaims>((day, claim) => withClaims(day, 1, [claim]), { day: 1, least: [] });

describe("a session's spread", () => {
  it('depends on the number of claims in a day', () => {
    const shards = [1, 15, 16, 200, 1_000, 10_000].map((count) => spreadFor(dayOf(claimsUpTo(count)), 0).claims);
    expect(shards).toEqual([1, 1, 32, 32, 1_024, 1_024]);
  });

  it('is the same however often and in whatever order claims come', () => {
    const claims = claimsUpTo(40);
    expect(withClaims(dayOf(claims), 1, claims.toReversed())).toEqual(dayOf(claims.toReversed()));
    expect(withClaims(dayOf(claims), 2, ['another day'])).toMatchObject({ day: 2, least: [expect.any(Number)] });
  });

  it('has every record in a shard of its claim, and every such shard among those of the session', () => {
    for (const spread of [
      { claims: 1, writes: 1 },
      { claims: 32, writes: 4 },
      { claims: 1_024, writes: 16 },
    ]) {
      for (const claim of claimsUpTo(20)) {
        const own = suffixesOfClaim(claim, new Map([['', spread]]));
        expect(own).toContain(suffixOf(claim, `record of ${claim}`, spread));
        expect(own).toContain(suffixOf(claim, `earlier record of ${claim}`, { claims: 1, writes: 1 }));
        expect(suffixesOfSession(new Map([['', spread]]))).toEqual(expect.arrayContaining([...own]));
        expect(own.length).toBeLessThanOrEqual(3 * spread.writes);
      }
    }
  });

  it('costs no more write units for a record', () => {
    const [pending, named] = [storedRecord(), storedRecord({}, [grant({ until: utc('23:00:00') })])];
    const [plain, spread] = ['', '#1023.15'].map((shard) => {
      const inserted = recordItem(pending, 1, 1_780_000_000, { shard });
      const corrected = recordItem(named, 2, 1_780_000_000, { shard });
      return [writeUnits('records', undefined, inserted), writeUnits('records', inserted, corrected)];
    });
    expect(spread).toEqual(plain);
  });

  describe('in the table', () => {
    let dynalite: RunningDynalite;
    let counted: CountedRequests;
    let now = NOW;
    beforeAll(async () => {
      dynalite = await RunningDynalite.start();
      counted = new CountedRequests(dynalite.client);
    });
    afterAll(() => dynalite.stop());

    const robot = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => storedRecord({ auditID: `event-${from + at}` }));
    const shardsOf = async (stores: Awaited<ReturnType<RunningDynalite['stores']>>, session: string) => {
      const ids: string[] = [];
      const shards = new Set<string>();
      let position: string | undefined;
      do {
        const page = await stores.records.query({ by: 'session', session }, {}, { limit: 200, position });
        for (const { id, shard = '' } of page.records) {
          ids.push(id);
          shards.add(shard);
        }
        position = page.position;
      } while (position !== undefined);
      return { ids, shards };
    };

    it("has a busy robot's records in several partitions, those from before in the first, and finds them all", async () => {
      const stores = await dynalite.stores(() => now);
      const [before, busy, after] = [robot(0, 20), robot(1_000, 300), robot(2_000, 20)];
      const { session = '', claimId: id = '', at: first = NOW } = before[0] ?? {};
      await stores.records.insert(before);
      expect([...(await shardsOf(stores, session)).shards]).toEqual(['']);
      await stores.records.insert(busy);
      now = epochMillis(NOW + 2 * DAY);
      await stores.records.insert(after);
      const { ids, shards } = await shardsOf(stores, session);
      expect(shards.size).toBe(4);
      const all = [...before, ...busy, ...after].map((record) => record.id).toSorted();
      expect(ids.toSorted()).toEqual(all);
      const claim = { id, session, first, last: first };
      const { records } = await stores.records.ofClaim(claim, { limit: 1_000 });
      expect(records.map((record) => record.id).toSorted()).toEqual(all);
      const [some] = records.filter(({ shard }) => shard !== undefined);
      if (some === undefined) throw new Error('not spread');
      expect(some.session).toBe(session);
      expect(await stores.records.correct([some])).toEqual([{ outcome: 'corrected' }]);
      expect((await shardsOf(stores, session)).ids.toSorted()).toEqual(all);
    });

    it('is apart for each account that hands records over, so that a pass over a claim reads no entries of another one', async () => {
      const stores = await dynalite.stores(() => now);
      const sent = (handedOverBy: string, count: number) =>
        Array.from({ length: count }, (_, at): StoredRecord => {
          const site = { origin: { handedOverBy } };
          const stored = storedRecord(
            { auditID: `sent ${at}`, user: roleUser({ session: 'victim' }) },
            [],
            'prod',
            site,
          );
          return { ...stored, claimId: sha256(handedOverBy) };
        });
      const [forged, own] = [sent(OTHER_ACCOUNT, 300), sent(ACCOUNT, 2)];
      const [{ session = '', at: first = NOW } = {}] = own;
      await stores.records.insert([...forged, ...own]);
      const { ids, shards } = await shardsOf(stores, session);
      expect(ids.toSorted()).toEqual([...forged, ...own].map(({ id }) => id).toSorted());
      expect([...shards].filter((shard) => shard.startsWith(`@${ACCOUNT}`))).toEqual([`@${ACCOUNT}`]);
      const claim = { id: sha256(ACCOUNT), session, first, last: first };
      for (const [sender, partitions] of [
        [{ sender: ACCOUNT }, 2],
        [{ sender: OTHER_ACCOUNT }, 5],
        [{}, 6],
      ] as const) {
        const reading = stores.records.read({ by: 'claim', claim: { ...claim, ...sender } }, {}, undefined);
        expect(await reading.partitions()).toBe(partitions);
      }
      for (const sender of [{ sender: ACCOUNT }, {}]) {
        const { records } = await stores.records.ofClaim({ ...claim, ...sender }, { limit: 1_000 });
        expect(records.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted());
      }
    });

    it('is read in pages of limited cost, however many entries another claim has before those of the claim', async () => {
      const stores = await dynalite.stores(() => now);
      const [others, few] = [robot(0, 1_000), robot(1_000, 20)];
      const [{ session = '', at: first = NOW } = {}] = others;
      const own = { ...storedRecord({ auditID: 'own' }), claimId: sha256('own'), at: epochMillis(first + HOUR) };
      await stores.records.insert(others);
      await stores.records.insert([own, ...few.map((record, at) => ({ ...record, claimId: sha256(`few ${at}`) }))]);
      const claim = { id: sha256('own'), session, first, last: own.at };
      const pages: number[] = [];
      let position: string | undefined;
      do {
        const { requests } = await counted.during(async () => {
          const page = await stores.records.ofClaim(claim, { limit: 1, position });
          pages.push(page.records.length);
          position = page.position;
        });
        expect(requests).toBeLessThan(110);
      } while (position !== undefined);
      expect(pages.length).toBeGreaterThan(1);
      expect(pages.reduce((sum, count) => sum + count, 0)).toBe(1);
    });

    it('costs nothing more for a new claim once it is as far spread as it can be', async () => {
      const stores = await dynalite.stores(() => now);
      const insert = (at: number, claim: string) =>
        stores.records.insert(robot(at, 1).map((record) => ({ ...record, claimId: sha256(claim) })));
      const [{ session = '' } = {}] = robot(0, 1);
      const expires = Math.floor(now / 1_000) + 100 * 86_400;
      const spread = { day: 1, least: [], claims: 1_024, writes: 1, revision: 1, expires };
      const Item = { partition: `spread ${session}`, sort: 'spread ', ...spread };
      await dynalite.client.send(new PutCommand({ TableName: stores.tables.claims, Item }));
      await insert(0, 'known');
      const [known, other] = [
        await counted.during(() => insert(1, 'known')),
        await counted.during(() => insert(2, 'other')),
      ];
      expect(other).toEqual(known);
    });

    it('is not mixed with a session that looks like its shard', async () => {
      const stores = await dynalite.stores(() => now);
      const own = storedRecord({ user: roleUser({ session: 'alice' }) });
      const session = own.session ?? '';
      const other = { ...own, id: sha256('other'), session: `${session}#1` };
      const claims = Array.from({ length: 20 }, (_, at) => ({
        ...own,
        id: sha256(`record ${at}`),
        claimId: sha256(`claim ${at}`),
      }));
      await stores.records.insert([own, other, ...claims]);
      const found = await stores.records.query({ by: 'session', session }, {}, { limit: 100 });
      expect(found.records.map(({ id }) => id)).not.toContain(other.id);
      expect(found.records).toHaveLength(21);
    });
  });
});
