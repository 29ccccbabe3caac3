import { describe, expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { type Actor, identified } from '../../lib/attribution/actor.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { parseSamePersons } from '../../lib/attribution/same-person.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { readConfig } from '../../lib/config.ts';
import { traitsOf } from '../../lib/counts/traits.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import type { EpochMillis } from '../../lib/time.ts';
import { isActorNamed } from '../../lib/usecases/query/anything/usernames.ts';
import { inMemory } from '../browser/own-service.ts';
import { NOW } from '../contract/now.ts';
import { recordBy } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores } from './service.ts';

const [HERE, THERE] = ['111122223333', '444455556666'];
const [OWN, OTHER, MALLORY] = [`iam-user/${HERE}/AIDAANN`, `iam-user/${THERE}/AIDABEA`, `iam-user/${THERE}/AIDAANN`];
const [ANN, BEA, OTHER_ANN] = [
  user('ann', HERE, 'AIDAANN'),
  user('bea', THERE, 'AIDABEA'),
  user('ann', THERE, 'AIDAANN'),
];

function user(name: string, accountId: string, principalId: string): Actor {
  return identified({ kind: 'iam-user', name, accountId, principalId });
}

/** Asks a service that has these records, where the operator says this of persons. */
async function service(joined: readonly string[], ...actors: readonly Actor[]) {
  return serviceAt(
    NOW,
    joined,
    actors.map((actor, at) => recordBy(actor, `2026-03-0${at + 1}`, actor.id)),
  );
}

async function serviceAt(now: EpochMillis, joined: readonly string[], records: readonly StoredRecord[]) {
  const stores = memoryStores(calmWorld(() => now));
  await stores.records.insert(records);
  const counted = records.map(({ id, at = now, record }) => {
    return { id, revision: 1, at, clusterKey: clusterKeyOf(record), traits: traitsOf(record) };
  });
  await stores.counts.add(counted, 'test');
  const routes = routesOf(
    {
      tables: inMemory(stores),
      clock: () => now,
      settings: { ...DEFAULT_SETTINGS, samePerson: parseSamePersons(joined) },
      deadline: DEFAULT_DEADLINE,
    },
    'all',
  );
  return async (question: string) => {
    const [path = '', query = ''] = question.split('?');
    return JSON.parse(JSON.stringify(await routes[path]?.(query, () => undefined)));
  };
}

const JOINED = [`${OWN}=${OTHER}`];
const idsIn = ({ records }: { readonly records: readonly { readonly auditId: string }[] }) =>
  records.map(({ auditId }) => auditId).sort();

describe('ids that the operator says are one person, in the service', () => {
  it('have the sessions of all in files too, pasted as any of them', async () => {
    const { records } = await (await service(JOINED, ANN, BEA, OTHER_ANN))(`/records?actor=${OTHER}`);
    for (const id of [OWN, OTHER])
      expect(idsIn({ records: records.filter((each: AuditRecord) => isActorNamed(each, id)) }), id).toEqual([
        OWN,
        OTHER,
      ]);
  });

  it('are all found by the name of one and by each ID, and each record keeps its own', async () => {
    const ask = await service(JOINED, ANN, BEA);
    for (const actor of ['ann', 'bea', OWN, OTHER]) {
      const answer = await ask(`/records?actor=${actor}`);
      expect(idsIn(answer), actor).toEqual([OWN, OTHER]);
      expect(answer.ambiguousName).toBeUndefined();
    }
    const { records } = await ask('/records?actor=ann');
    for (const { auditId, attribution } of records)
      expect(attribution.actor).toMatchObject({ id: auditId, samePerson: [OWN, OTHER] });
    expect(idsIn(await ask(`/records?notActor=${OTHER}&from=2026-01-01T00:00:00Z`))).toEqual([]);
    expect((await ask(`/whois?auditId=${encodeURIComponent(OTHER)}`)).attribution.actor.samePerson).toEqual([
      OWN,
      OTHER,
    ]);
  });

  it('are the ones that are configured, and no other two', async () => {
    const apart = await service([], ANN, BEA);
    expect(idsIn(await apart('/records?actor=ann'))).toEqual([OWN]);
    const ask = await service(JOINED, ANN, BEA, OTHER_ANN);
    const answer = await ask('/records?actor=ann');
    expect(idsIn(answer)).toEqual([OWN, OTHER, MALLORY].sort());
    expect(answer).toMatchObject({
      ambiguousName: true,
      people: [{ id: MALLORY }, { id: OWN, samePerson: [OWN, OTHER] }],
    });
  });

  it('make no name ambiguous that both have', async () => {
    const both = [`${OWN}=${MALLORY}`];
    expect(await (await service([], ANN, OTHER_ANN))('/records?actor=ann')).toMatchObject({ ambiguousName: true });
    const ask = await service(both, ANN, OTHER_ANN);
    expect((await ask('/records?actor=ann')).ambiguousName).toBeUndefined();
    const found = await ask('/whois?q=ann&at=2026-03-01T12:10:00Z');
    expect(found.ambiguousName).toBeUndefined();
    expect(found.sessions).toHaveLength(2);
  });

  it('are one entry of /known, under the first, whichever name or page it is found by', async () => {
    const person = {
      id: OWN,
      accountId: HERE,
      samePerson: [OWN, OTHER],
      name: 'bea',
      names: [{ name: 'bea' }, { name: 'ann' }],
      first: '2026-03-01T12:10:00Z',
      last: '2026-03-02T12:10:00Z',
    };
    const ask = await service(JOINED, ANN, BEA);
    for (const prefix of ['', '&prefix=a', '&prefix=b'])
      expect((await ask(`/known?kind=actor${prefix}`)).known, prefix).toMatchObject([person]);
    const { known, cursor } = await ask('/known?kind=actor&limit=1');
    const next = await ask(`/known?kind=actor&limit=1&cursor=${encodeURIComponent(cursor)}`);
    expect([...known, ...next.known]).toMatchObject([person]);
  });

  it('are listed by another ID if the first has no record, without its account', async () => {
    const ask = await service(JOINED, BEA);
    const [only] = (await ask('/known?kind=actor')).known;
    expect(only).toMatchObject({ id: OWN, idBasis: 'principal', name: 'bea', samePerson: [OWN, OTHER] });
    expect(only.accountId).toBeUndefined();
  });

  it('count as one in a summary', async () => {
    const records = [ANN, BEA, OTHER_ANN].map((actor) => recordBy(actor, '2026-03-01', actor.id));
    const ask = await serviceAt(instant('2026-03-01T12:30:00Z'), JOINED, records);
    const { values } = await ask('/summary?from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z&by=actor');
    expect(values).toEqual([
      { value: OWN, name: expect.any(String), samePerson: [OWN, OTHER], count: 2 },
      { value: MALLORY, name: 'ann', count: 1 },
    ]);
  });
});

describe('the configuration of the functions', () => {
  const TABLES = { SESSIONS_TABLE: 's', CLAIMS_TABLE: 'c', RECORDS_TABLE: 'r' };

  it('has the ids for questions, and none for the records that are stored', () => {
    const { samePerson, attribution } = readConfig({ ...TABLES, SAME_PERSON: JSON.stringify(JOINED) });
    expect(samePerson.get(OTHER)).toEqual([OWN, OTHER]);
    expect(attribution.samePerson.size).toBe(0);
  });

  it('names the variable if it is wrong', () => {
    expect(() => readConfig({ ...TABLES, SAME_PERSON: '["alice"]' })).toThrow(
      /variable SAME_PERSON: "alice" is not the ID of an actor/,
    );
  });
});
