import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { Multimap } from '../../lib/attribution/multimap.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { SECOND } from '../../lib/time.ts';
import { ACCOUNT, utc } from '../builders/company.ts';
import { awsService } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';

const drawnSteps = fc.array(
  fc.record({
    how: fc.constantFrom('add' as const, 'add' as const, 'add' as const, 'delete' as const, 'get' as const),
    at: fc.nat(80),
  }),
  {
    minLength: 50,
    maxLength: 300,
    size: 'max',
  },
);

describe('several values for a key', () => {
  it('are those that were added and not deleted, in any order', () => {
    const values = Array.from({ length: 81 }, (_, at) => ({ at }));
    fc.assert(
      fc.property(drawnSteps, (steps) => {
        const map = new Multimap<string, object>();
        const plain = new Set<object>();
        for (const { how, at } of steps) taken[how](map, plain, values[at] ?? {});
        expect(map.first('key') === undefined).toBe(plain.size === 0);
        expect([...map.values()]).toHaveLength(plain.size);
        expect(map.get('key')).toHaveLength(plain.size);
        expect(new Set(map.get('key'))).toEqual(plain);
      }),
    );
  });
});

const taken = {
  get: (map: Multimap<string, object>, plain: Set<object>) => expect(map.get('key')).toHaveLength(plain.size),
  add: (map: Multimap<string, object>, plain: Set<object>, value: object) => {
    if (!plain.has(value)) map.add('key', value);
    plain.add(value);
  },
  delete: (map: Multimap<string, object>, plain: Set<object>, value: object) => {
    map.delete('key', value);
    plain.delete(value);
  },
};

describe('calls that were logged in two accounts, all of one name', () => {
  /** Returns how many grants of the name are read while their copies are merged. */
  function looks(calls: number): number {
    const own = Array.prototype.filter;
    let looked = 0;
    const index = new KnownGrants();
    const spy = vi.spyOn(Array.prototype, 'filter').mockImplementation(function (this: unknown[], ...given) {
      looked += this.length;
      return own.apply(this, given);
    });
    try {
      for (const account of ['444455556666', '111122223333']) {
        for (let call = 0; call < calls; call += 1) {
          const fields = { sharedEventID: `shared-${call}`, recipientAccountId: account };
          const facts = parseTrailRecord(grant({ ...callOf(call), id: `${account}-${call}`, fields }));
          if (typeof facts !== 'string') index.add(facts);
        }
      }
    } finally {
      spy.mockRestore();
    }
    expect(index.size).toBe(calls);
    return looked;
  }

  function callOf(call: number) {
    const at = new Date(Date.parse(utc('12:00:00')) + call * SECOND).toISOString().replace('.000', '');
    return { session: 'EKSGetTokenAuth', key: `ASIATOKEN${String(call).padStart(11, '0')}`, at };
  }

  it('take twice the work if there are twice as many', () => {
    const [half, whole] = [looks(1_000), looks(2_000)];
    expect(half).toBeGreaterThan(1_000);
    expect(whole / half).toBeLessThan(2.1); // each with all others it would be 4
  });
});

it('a grant to a service without a role ID counts once, after its copy of another account came', () => {
  const service = awsService('lambda.amazonaws.com');
  const copy = (id: string) =>
    grant({ id, by: service, session: 'deploy', key: null, namesRoleUser: false, fields: { sharedEventID: 'shared' } });
  const index = new KnownGrants();
  for (const id of ['one', 'two']) {
    const facts = parseTrailRecord(copy(id));
    if (typeof facts !== 'string') index.add(facts);
  }
  for (const account of [ACCOUNT, undefined])
    expect(index.unnamedServiceGrants('deploy', account)).toMatchObject([{ eventIds: ['one', 'two'] }]);
});
