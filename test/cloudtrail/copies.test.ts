import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, knownFrom } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { accountOnly, iamUser, userId } from '../builders/trail-callers.ts';
import { type GrantOptions, grant, webIdentityToken } from '../builders/trail-records.ts';

const sharedEventID = 'shared-1';

function copy(id: string, by: JsonObject, options: GrantOptions = {}): JsonObject {
  return grant({ id, by, ...options, fields: { sharedEventID, ...options.fields } });
}

const ownersCopy = copy('z-owner', accountOnly(ACCOUNT, userId('alice')));
const callersCopy = copy('a-caller', iamUser('alice'));

describe('the copies of one call', () => {
  it.each<[string, JsonObject[]]>([
    ["the caller's first", [callersCopy, ownersCopy]],
    ["the role owner's first", [ownersCopy, callersCopy]],
    ['each twice', [ownersCopy, callersCopy, ownersCopy, callersCopy]],
  ])('are one grant, with the copy that states most about its caller: %s', (_, records) => {
    const { actor, chain } = answerOf({ event: auditEvent(), records });
    expect(actor?.name).toBe('alice');
    expect(chain?.map(({ eventIds }) => eventIds)).toEqual([['a-caller', 'z-owner']]);
    expect(knownFrom(records).size).toBe(1);
  });

  it('are found by the event ID if one call was delivered twice', () => {
    expect(knownFrom([grant({ id: 'e1' }), grant({ id: 'e1' })]).size).toBe(1);
  });

  it.each<[string, GrantOptions]>([
    ['another key', { key: ANOTHER_KEY }],
    ['another session', { session: 'bob' }],
    ['another role', { roleId: 'AROAOTHER0001' }],
    ['at another time, without a key', { key: null, at: utc('12:00:01') }],
  ])('are not records that share an id but issued %s: the ids of a forged file prove nothing', (_, options) => {
    const { key = KEY } = options;
    const own = key === null ? copy('a-caller', iamUser('alice'), { key }) : callersCopy;
    expect(knownFrom([own, copy('a-caller', iamUser('mallory'), options)]).size).toBe(2);
  });

  it('are one grant whichever second each log states, if both issued one key', () => {
    const later = copy('z-owner', accountOnly(ACCOUNT, userId('alice')), { at: utc('12:00:01') });
    for (const records of [
      [callersCopy, later],
      [later, callersCopy],
    ]) {
      const { actor, chain } = answerOf({ event: auditEvent(), records });
      expect(actor?.name).toBe('alice');
      expect(chain).toMatchObject([{ eventIds: ['a-caller', 'z-owner'], issuedAt: utc('12:00:00') }]);
    }
  });

  it('are not records of two issued tokens, even with one ID, time and caller', () => {
    const tokens = ['token-1', 'token-2'].map((token) =>
      webIdentityToken(token, { id: 'e1', fields: { sharedEventID } }),
    );
    expect(knownFrom(tokens).size).toBe(2);
    expect(knownFrom([...tokens, ...tokens]).size).toBe(2);
  });

  it('are not records with different IDs, even if all else is equal', () => {
    expect(knownFrom([grant({ id: 'e1' }), grant({ id: 'e2' })]).size).toBe(2);
  });

  it('keep the one with the smaller ID if both state as much, in either order', () => {
    const one = copy('e1', iamUser('alice'), { fields: { awsRegion: 'eu-west-1' } });
    const two = copy('e2', iamUser('alice'), { fields: { awsRegion: 'us-east-1' } });
    for (const records of [
      [one, two],
      [two, one],
    ]) {
      expect(answerOf({ event: auditEvent(), records }).chain?.[0]).toMatchObject({ region: 'eu-west-1' });
    }
  });
});

/** Only a forged file has such records; even then the order in which they are read must not matter. */
describe('records that contradict one another', () => {
  const answers = (records: readonly JsonObject[]) =>
    ordersOf(records).map((order) => answerOf({ event: eventBy(bareRoleUser('admin', { key: KEY })), records: order }));

  it('make both sessions candidates if they have one ID, key and time, in a fixed order', () => {
    const [first, ...others] = answers([
      copy('e1', iamUser('alice')),
      copy('e1', iamUser('bob'), { session: 'bob' }),
      copy('e1', iamUser('carol'), { session: 'carol' }),
    ]);
    expect(first?.candidates).toHaveLength(3);
    for (const other of others) expect(other).toEqual(first);
  });

  it('connect all copies of two shared IDs if they have both', () => {
    const shared = (id: string) => ({ fields: { sharedEventID: id } });
    const [first, ...others] = answers([
      copy('e1', iamUser('alice'), shared('s1')),
      copy('e1', iamUser('alice'), shared('s2')),
      copy('e2', iamUser('bob'), shared('s2')),
      copy('e3', accountOnly(ACCOUNT, userId('alice')), shared('s1')),
    ]);
    expect(first?.candidates?.map(({ actor }) => actor.name)).toEqual(['bob', 'alice']);
    for (const { chain } of first?.candidates ?? []) {
      expect(chain).toMatchObject([{ eventIds: ['e1', 'e2', 'e3'] }]);
    }
    for (const other of others) expect(other).toEqual(first);
  });

  it('are evidence in one way if one ID is for two roles, with a copy that names none', () => {
    const [first, ...others] = answers([
      copy('e1', iamUser('alice')),
      copy('e2', iamUser('alice'), { namesRoleUser: false }),
      copy('e3', iamUser('bob'), { roleId: 'AROAOTHER0001' }),
    ]);
    for (const other of others) expect(other).toEqual(first);
  });
});

function ordersOf<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((one, at) => ordersOf(all.toSpliced(at, 1)).map((others) => [one, ...others]));
}

describe('the names of an AIDA id', () => {
  it('are in the order of their times, whatever the order of the records', () => {
    const renamed = (name: string, at: string) =>
      grant({ at, key: ANOTHER_KEY, by: iamUser('alice', { userName: name }) });
    const nameOf = ({ name }: { readonly name: string }) => name;
    const records = [renamed('alice-new', utc('11:00:00')), renamed('alice-old', utc('10:00:00'))];
    expect(knownFrom(records).sightingsOf(userId('alice')).map(nameOf)).toEqual(['alice-old', 'alice-new']);
    expect(knownFrom(records.reverse()).sightingsOf(userId('alice')).map(nameOf)).toEqual(['alice-old', 'alice-new']);
  });
});

describe('a forged file with thousands of copies of one call', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => copy(`e${String(at).padStart(5, '0')}`, iamUser('alice')));

  it.each([
    ['as it is', many],
    ['backwards', many.toReversed()],
  ])('is one grant with the first IDs, %s', (_, records) => {
    const { chain } = answerOf({ event: auditEvent(), records });
    expect(chain?.[0]?.eventIds).toHaveLength(64);
    expect(chain?.[0]?.eventIds.slice(-1)).toEqual(['e00063']);
    expect(knownFrom(records).size).toBe(1);
  });

  it('always keeps the ID of the copy that the answer uses', () => {
    const winner = copy('z-last', iamUser('alice'));
    const owners = many.map((_, at) => copy(`e${at}`, accountOnly(ACCOUNT, userId('alice'))));
    expect(answerOf({ event: auditEvent(), records: [...owners, winner] }).chain?.[0]?.eventIds).toContain('z-last');
  });
});

describe('copies that differ in what they state about the grant itself', () => {
  it('are the same grant in either order, because only a forged file has them', () => {
    const sso = grant({ id: 'e1', fields: { eventName: 'AssumeRoleWithSAML' } });
    const plain = grant({ id: 'e1' });
    const [one, other] = [
      [sso, plain],
      [plain, sso],
    ].map((records) => answerOf({ event: auditEvent(), records }));
    expect(one).toEqual(other);
    expect(one?.flags).toEqual(['conflicting-grant-copies']);
  });
});
