import { describe, expect, it } from 'vitest';
import { type Actor, identified } from '../../lib/attribution/actor.ts';
import type { KnownEntry } from '../../lib/claims/known.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { NameDirectory } from '../../lib/ports/directory.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { recordsRequest } from '../../lib/usecases/query/parameters.ts';
import { resolvePeople } from '../../lib/usecases/query/people.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { NOW } from '../contract/now.ts';
import { recordBy } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

const [HERE, THERE] = ['111122223333', '999999999999'];

const user = (name: string, accountId: string, nameToday?: string, principalId = `AIDA${accountId}`): Actor =>
  identified({ kind: 'iam-user', name, accountId, principalId, ...(nameToday && { nameToday }) });

async function ask(query: string, ...records: readonly StoredRecord[]) {
  const stores = memoryStores(calmWorld(() => NOW));
  await stores.records.insert(records);
  const answer = await queryRecords(recordsRequest(query), stores);
  const { people = [], morePeople, ambiguousName, records: found } = answer;
  return { ids: found.map(({ auditId }) => auditId), people, morePeople, ambiguousName };
}

it('an empty answer about forged names says that only whole names are compared', async () => {
  const noteOf = async (query: string) =>
    (await queryRecords(recordsRequest(query), memoryStores(calmWorld(() => NOW)))).note;
  expect(await noteOf('flag=session-name-claims-other-actor')).toContain('Only whole names are compared');
  expect(await noteOf('flag=impersonation&from=2026-03-01T00:00:00Z')).toBeUndefined();
});

describe('a name of two people', () => {
  const records = [
    recordBy(user('admin', HERE), '2026-03-01', 'here'),
    recordBy(user('admin', THERE), '2026-03-02', 'there'),
  ];

  it('lists a hundred at most, those of each account in turns, and says how many more there are', async () => {
    const invented = Array.from({ length: 150 }, (_, at) =>
      recordBy(user('admin', THERE, undefined, `AIDAINVENTED${at}`), '2026-03-02', `invented-${at}`),
    );
    const { people, morePeople } = await ask('actor=admin', ...records, ...invented);
    expect([people.length, morePeople]).toEqual([100, 52]);
    expect(people.filter(({ accountId }) => accountId === HERE)).toHaveLength(1);
  });

  it('answers the requests of both, and says who they are, the last seen first', async () => {
    expect(await ask('actor=admin', ...records)).toMatchObject({
      ids: ['there', 'here'],
      ambiguousName: true,
      people: [
        { query: 'admin', id: `iam-user/${THERE}/AIDA${THERE}`, accountId: THERE, last: '2026-03-02T12:10:00Z' },
        { query: 'admin', id: `iam-user/${HERE}/AIDA${HERE}`, accountId: HERE },
      ],
    });
  });

  it('is not ambiguous if the ID of one is given', async () => {
    expect(await ask(`actor=iam-user/${HERE}/AIDA${HERE}`, ...records)).toEqual({
      ids: ['here'],
      people: [],
      ambiguousName: undefined,
    });
    expect((await ask(`notActor=iam-user/${HERE}/AIDA${HERE}&from=2026-01-01T00:00:00Z`, ...records)).ids).toEqual([
      'there',
    ]);
  });

  it('leaves out users of other clusters than the one in the question', async () => {
    const carol = (cluster: string) => {
      const actor = identified({ kind: 'kubernetes-user', name: 'carol' }, `name:${cluster}` as never);
      const stored = recordBy(actor, '2026-03-01', cluster);
      return { ...stored, record: { ...stored.record, cluster } };
    };
    const both = [carol('prod'), carol('staging')];
    expect((await ask('actor=carol', ...both)).ambiguousName).toBe(true);
    expect(await ask('actor=carol&cluster=prod', ...both)).toMatchObject({ ids: ['prod'], ambiguousName: undefined });
  });

  it('is not ambiguous for a service with several roles', async () => {
    const ec2 = (role: string) =>
      recordBy(identified({ kind: 'aws-service', name: 'ec2.amazonaws.com', roleArn: role }), '2026-03-01', role);
    const answer = await ask('actor=ec2.amazonaws.com', ec2('a'), ec2('b'));
    expect(answer).toMatchObject({ people: [], ambiguousName: undefined });
    expect(answer.ids).toHaveLength(2);
  });
});

describe('a person with several names', () => {
  const records = [
    recordBy(user('ann', HERE), '2026-03-01', 'as ann'),
    recordBy(user('bea', HERE), '2026-03-05', 'as bea'),
    recordBy(user('cat', HERE), '2026-03-09', 'as cat'),
  ];
  const found = async (query: string) => (await ask(query, ...records)).ids.toReversed();

  it('is found with all requests by each name that they had within the time range', async () => {
    for (const name of ['ann', 'bea', 'cat'])
      expect(await found(`actor=${name}`)).toEqual(['as ann', 'as bea', 'as cat']);
    expect(await found('actor=ann&from=2026-03-03T00:00:00Z')).toEqual(['as bea', 'as cat']);
    expect(await found('actor=ann&from=2026-03-06T00:00:00Z')).toEqual([]);
    expect(await found('actor=cat&to=2026-03-06T00:00:00Z')).toEqual([]);
    expect(await found('notActor=ann&from=2026-03-01T00:00:00Z')).toEqual([]);
  });

  it('is listed with all names', async () => {
    const { people, ambiguousName } = await ask('actor=bea', ...records);
    expect(ambiguousName).toBeUndefined();
    expect(people).toMatchObject([
      { query: 'bea', name: 'cat', names: [{ name: 'cat' }, { name: 'bea' }, { name: 'ann' }] },
    ]);
  });
});

describe('a name that was given to somebody else later', () => {
  const mallory = recordBy(user('mallory', HERE, 'alice', 'AIDAMALLORY'), '2026-03-01', 'the deed');
  const alice = recordBy(user('alice', HERE, 'old-alice', 'AIDAALICE'), '2026-03-01', "alice's");

  it('means only its bearer at that time, and both if the range reaches to today', async () => {
    expect(await ask('actor=alice&to=2026-03-02T00:00:00Z', mallory, alice)).toMatchObject({
      ids: ["alice's"],
      ambiguousName: undefined,
    });
    const today = await ask('actor=alice', mallory, alice);
    expect([today.ids.toSorted(), today.ambiguousName]).toEqual([["alice's", 'the deed'], true]);
    expect((await ask('actor=mallory&to=2026-03-02T00:00:00Z', mallory, alice)).ids).toEqual(['the deed']);
  });
});

describe('a caller who calls themselves like somebody else', () => {
  const alice = user('alice', HERE);
  const imitating = (name: string, day: string) =>
    recordBy(identified({ kind: 'kubernetes-user', name }, clusterKeyOf({ cluster: 'prod' })), day, `by ${name}`);

  it.each([
    ["alice's ID", alice.id],
    ["alice's ARN", `arn:aws:iam::${HERE}:user/alice`],
    ["alice's principal ID", 'AIDAALICE00000000001'],
  ])('is not found by %s', async (_, name) => {
    const own = { ...alice, arn: `arn:aws:iam::${HERE}:user/alice`, principalId: 'AIDAALICE00000000001' };
    const records = [recordBy(own, '2026-03-01', 'alice'), imitating(name, '2026-03-02')];
    expect((await ask(`actor=${encodeURIComponent(name)}`, ...records)).ids).toEqual(['alice']);
    expect((await ask('actor=alice', ...records)).ids).toEqual(['alice']);
  });

  it('is found by their own ID', async () => {
    const id = `k8s-user/name:prod/iam-user%2F${HERE}%2FAIDA${HERE}`;
    const records = [recordBy(alice, '2026-03-01', 'alice'), imitating(alice.id, '2026-03-02')];
    expect((await ask(`actor=${encodeURIComponent(id)}`, ...records)).ids).toEqual([`by ${alice.id}`]);
  });
});

describe('a name with wildcards', () => {
  const records = [
    recordBy(user('ann', HERE), '2026-03-01', 'as ann'),
    recordBy(user('anders', HERE), '2026-03-05', 'as anders'),
    recordBy(user('anna', THERE), '2026-03-09', 'anna'),
    recordBy(identified({ kind: 'role-session', sessionName: 'anonymous-1' }), '2026-03-09', 'a session'),
  ];
  const found = async (query: string) => (await ask(query, ...records)).ids.toReversed();

  it('means everybody who had such a name within the time range, and no sessions', async () => {
    expect(await ask('actor=an*', ...records)).toEqual({
      ids: ['anna', 'as anders', 'as ann'],
      people: [],
      ambiguousName: undefined,
    });
    expect(await found('actor=ann?')).toEqual(['anna']);
    expect(await found('actor=*ders')).toEqual(['as ann', 'as anders']);
    expect(await found('actor=ann&actor=ann?')).toEqual(['as ann', 'as anders', 'anna']);
    expect(await found('actor=bob*')).toEqual([]);
  });

  it('excludes them', async () => {
    expect(await found('notActor=ann?&from=2026-03-01T00:00:00Z')).toEqual(['as ann', 'as anders', 'a session']);
  });

  it('matches ARNs and principal IDs', async () => {
    expect(await found(`actor=AIDA${HERE.slice(0, 4)}*`)).toEqual(['as ann', 'as anders']);
  });

  it('is refused if it can mean more actors than are merged', async () => {
    const many = Array.from({ length: 401 }, (_, at) =>
      recordBy(user(`an-${at}`, HERE, undefined, `AIDA${at}`), '2026-03-01', `${at}`),
    );
    await expect(ask('actor=an*', ...many)).rejects.toThrow('an* can mean more than 400 actors.');
  });

  it('is not refused because of users whom another cluster than the one in the question invented', async () => {
    const invented = Array.from({ length: 401 }, (_, at) => {
      const actor = identified({ kind: 'kubernetes-user', name: `an-${at}` }, clusterKeyOf({ cluster: 'theirs' }));
      return recordBy(actor, '2026-03-01', `${at}`);
    });
    expect((await ask('actor=an*&cluster=prod', ...invented)).ids).toEqual([]);
  });

  it('answers about people and users of other accounts however many users of a cluster somebody invents, and says so', async () => {
    const clusterOf = (accountId: string) => clusterKeyOf({ cluster: 'prod', accountId });
    const userOf = (name: string, accountId: string) =>
      recordBy(
        identified({ kind: 'kubernetes-user', name }, clusterOf(accountId)),
        '2026-03-01',
        `${accountId} ${name}`,
      );
    const invented = Array.from({ length: 401 }, (_, at) => userOf(`an-${at}`, THERE));
    const own = [recordBy(user('anna', HERE), '2026-03-02', 'anna'), userOf('an-operator', HERE)];
    const stores = memoryStores(calmWorld(() => NOW));
    await stores.records.insert([...own, ...invented]);
    const { records, note } = await queryRecords(recordsRequest('actor=an*&limit=500'), stores);
    const found = records.map(({ auditId }) => auditId);
    expect(found).toHaveLength(400);
    expect(found).toEqual(expect.arrayContaining(own.map(({ record }) => record.auditId)));
    expect(note).toBe(
      'an* also matches other users of clusters (3). The answer may lack their requests. Give a longer part of the name, or a cluster.',
    );
  });

  /** A directory with any number of actors of one home, and one person. */
  const endless = (home: 'cluster' | 'elsewhere', id: string): NameDirectory => {
    let place = 0;
    const entry = (name: string): KnownEntry => ({ kind: 'actor', name, id: `${id}/${name}`, first: NOW, last: NOW });
    return {
      known: async (_kind, _prefix, { limit, home: wanted }) => {
        if (wanted !== home) return { entries: [{ ...entry('anna'), id: `iam-user/${HERE}/AIDAANNA` }] };
        const entries = Array.from({ length: limit }, () => {
          place += 1;
          return entry(`invented-${place}`);
        });
        return { entries, position: `invented-${place}` };
      },
      actorsNamed: async () => [],
      actorOf: async () => undefined,
    };
  };

  it('finds all people if more users of clusters are known than are searched, and says so', async () => {
    const { question } = recordsRequest('actor=an*');
    const found = await resolvePeople(question, { directory: endless('cluster', 'k8s-user/name:theirs') });
    expect(found.question.filter.actor?.any).toEqual(['an*', `iam-user/${HERE}/AIDAANNA`]);
    expect(found.note).toBe(
      'an* was compared with only the first 100,000 users of clusters. To find another one, give the whole name.',
    );
  });

  it('is refused with the reason if more people are known than are searched', async () => {
    const { question } = recordsRequest('actor=an*');
    await expect(resolvePeople(question, { directory: endless('elsewhere', `iam-user/${HERE}`) })).rejects.toThrow(
      'an* was compared with the names of the first 100,000 known actors, and matches 0. There are more. Give a whole name, without * and ?.',
    );
  });
});
