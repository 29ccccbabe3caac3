import { beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from '../../functions/http/problem.ts';
import { NotFoundAnswer, postRoutesOf, routesOf } from '../../functions/http/routes.ts';
import { PATHS } from '../../infra/api.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { sumOf } from '../../lib/counts/hour-counts.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { parseJson } from '../../lib/json.ts';
import type { Lookups } from '../../lib/ports/lookups.ts';
import { epochMillis } from '../../lib/time.ts';
import { seesCluster, type VisibleClusters } from '../../lib/usecases/query/visible-tables.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

const keyOf = (name: string) => `ASIA${name.toUpperCase().padEnd(16, 'X')}`;
const user = (name: string) =>
  iamUser(name, {
    principalId: `AIDA${name.toUpperCase().padEnd(17, '0')}`,
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  });
const GRANTS = [
  grant({ id: 'grant-alice', session: 'alice-1', key: keyOf('alice'), by: user('alice') }),
  grant({ id: 'grant-bob', session: 'bob-1', key: keyOf('bob'), by: user('bob') }),
  grant({ id: 'grant-carol', session: 'carol-1', key: keyOf('carol'), by: user('carol') }),
  grant({ id: 'grant-dave', session: 'dave-1', key: keyOf('dave'), by: user('dave') }),
];

function event(auditID: string, session: string, key: string, namespace: string, at: string) {
  return auditEvent({
    auditID,
    user: roleUser({ session, key: keyOf(key) }),
    requestReceivedTimestamp: utc(at),
    objectRef: { resource: 'pods', namespace, name: `${namespace}-pod`, apiVersion: 'v1' },
    requestURI: `/api/v1/namespaces/${namespace}/pods/${namespace}-pod`,
  });
}

/** Carol and a session without a grant act in both clusters, alice in one, and bob and another session in the other. */
const EVENTS = {
  mine: [
    event('mine-alice', 'alice-1', 'alice', 'shop', '12:10:00'),
    event('mine-carol', 'carol-1', 'carol', 'shop', '12:11:00'),
    event('mine-both', 'both-1', 'nobody', 'shop', '12:12:00'),
    event('shared-id', 'alice-1', 'alice', 'shop', '12:12:30'),
  ],
  secret: [
    event('secret-bob', 'bob-1', 'bob', 'vault', '12:09:00'),
    event('secret-carol', 'carol-1', 'carol', 'vault', '12:14:00'),
    event('secret-both', 'both-1', 'nobody', 'vault', '12:15:00'),
    event('secret-only', 'hidden-1', 'hidden', 'vault', '12:16:00'),
    event('shared-id', 'bob-1', 'bob', 'vault', '12:17:00'),
    ...Array.from({ length: 60 }, (_, at) =>
      event(`secret-carol-${at}`, 'carol-1', 'carol', 'vault', `12:18:${String(at).padStart(2, '0')}`),
    ),
  ],
} as const;

class World {
  readonly clock = new SetClock(utc('12:30:00'));
  readonly stores = memoryStores(calmWorld(this.clock.now));

  async fill(clusters: readonly (keyof typeof EVENTS)[]): Promise<void> {
    const service = new Service(this.stores, this.clock);
    await service.grants(GRANTS);
    for (const name of clusters) {
      const logEvents = EVENTS[name].map((each, at) => ({ id: String(at), message: JSON.stringify(each) }));
      const log = { logGroup: `/aws/eks/${name}/cluster`, logStream: 'kube-apiserver-audit-1' };
      await service.ingestPayload({ messageType: 'DATA_MESSAGE', owner: ACCOUNT, ...log, logEvents }, name);
      await this.stores.heartbeats.hear('cluster', clusterKeyOf({ cluster: name, accountId: ACCOUNT }), [
        this.clock.at,
      ]);
    }
    await service.settleFor(60);
    if (!clusters.includes('secret')) return;
    const claims = await this.stores.claims.list('unattributed', { limit: 10 });
    const things = [
      ...claims.claims.map(({ id }) => `claim:${id}`),
      ...['secret-bob', 'shared-id'].map((id) => `audit:${id}`),
    ];
    for (const [at, about] of [...things, `session:${ROLE_ID}:bob-1`, `session:${ROLE_ID}:carol-1`].entries())
      await this.stores.notes.add({
        id: `note-${at}`,
        about,
        kind: 'note',
        text: 'vault',
        who: { id: 'analyst' },
        when: epochMillis(this.clock.at - 1 - at),
      });
  }

  get context() {
    const tables = { ...this.stores, within: () => this.stores };
    return { tables, clock: this.clock.now, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE };
  }

  async ask(
    path: string,
    query: string,
    clusters: VisibleClusters = ['mine'],
    lookups: Lookups | undefined = undefined,
  ): Promise<string> {
    try {
      const answer = await routesOf(this.context, clusters)[path]?.(query, () => lookups);
      return JSON.stringify(answer instanceof NotFoundAnswer ? { status: 404, ...answer } : answer);
    } catch (error) {
      return JSON.stringify(problemOf(error));
    }
  }
}

const [both, alone] = [new World(), new World()];
beforeAll(async () => {
  await both.fill(['mine', 'secret']);
  await alone.fill(['mine']);
});

const TIMES = `from=${utc('12:00:00')}&to=${utc('13:00:00')}`;
const FROM = `from=${utc('12:00:00')}`;

/** Questions to each path, by everything that leads to the other cluster. */
const QUESTIONS: Readonly<Record<(typeof PATHS)[number], readonly string[]>> = {
  '/records': [
    FROM,
    `${FROM}&limit=1`,
    'actor=alice',
    'actor=bob',
    'actor=carol',
    `actor=iam-user/${ACCOUNT}/${'AIDABOB'.padEnd(21, '0')}`,
    'cluster=secret',
    'cluster=*',
    'namespace=vault',
    `session=${ROLE_ID}:bob-1`,
    `session=${ROLE_ID}:carol-1`,
    `key=${keyOf('bob')}`,
    `key=${keyOf('carol')}`,
    'auditId=secret-bob',
    'auditId=shared-id',
    'role=project-admin',
    'status=unattributed',
    'status=unattributed&limit=1',
    'candidate=bob',
    'actor=b*',
    `firstSeenSince=${utc('12:00:00')}`,
  ],
  '/whois': [
    'auditId=secret-bob',
    'auditId=shared-id',
    'auditId=mine-carol',
    `accessKeyId=${keyOf('bob')}`,
    `accessKeyId=${keyOf('dave')}`,
    `principal=${ROLE_ID}:bob-1`,
    ...[
      'bob',
      'alice',
      'carol',
      'dave',
      'bob-1',
      'vault',
      'vault-pod',
      'secret',
      'secret-bob',
      'hidden-1',
      'both-1',
    ].map((text) => `q=${text}`),
    `q=${keyOf('bob')}`,
    `q=${JSON.stringify(EVENTS.secret[0])}`,
    `q=${JSON.stringify(EVENTS.mine[0])}`,
    `q=kubectl delete pod vault-pod -n vault&at=${utc('12:16:00')}`,
  ],
  '/known': [
    'kind=actor',
    'kind=role',
    'kind=cluster',
    'kind=namespace',
    'kind=namespace&limit=1',
    'kind=cluster&limit=1',
    'kind=actor&kind=role&kind=namespace&newest=true',
    'kind=namespace&prefix=v',
  ],
  '/sessions': ['', 'status=unattributed', 'notes=true', 'limit=1'],
  '/summary': ['actor', 'namespace', 'cluster', 'verb', 'status'].map((by) => `${TIMES}&by=${by}`),
  '/fleet': [''],
  '/changes': ['', 'cluster=secret'],
  '/notes': [
    `since=${utc('00:00:00')}`,
    'about=audit:secret-bob',
    'about=audit:shared-id',
    `about=session:${ROLE_ID}:bob-1`,
    `about=session:${ROLE_ID}:carol-1`,
  ],
  '/related': ['auditId=secret-bob', 'auditId=shared-id', 'auditId=mine-carol', 'auditId=mine-both', 'q=vault-pod'],
};

/** Returns the answer without cursors, and without what nobody states about a part of a session. */
function plain(answer: string): unknown {
  const left = new Set(['cursor', 'openedAt', 'alertedAt']);
  const parsed = parseJson(JSON.stringify(JSON.parse(answer, (key, value) => (left.has(key) ? undefined : value))));
  return parsed.ok ? parsed.value : answer;
}

describe('somebody who may see one cluster', () => {
  for (const path of PATHS)
    it(`gets from ${path} what a service without the other clusters answers`, async () => {
      for (const query of QUESTIONS[path]) {
        const [seen, own] = [await both.ask(path, query), await alone.ask(path, query)];
        expect(plain(seen), query).toEqual(plain(own));
        expect(seen.replaceAll(decodeURIComponent(query.replace(/^\w+=/, '')), '')).not.toMatch(
          /"secret|vault-|note-\d/,
        );
      }
    });

  it('gets its own records, sessions, names and counts', async () => {
    for (const [path, query, text] of [
      ['/records', FROM, 'mine-alice'],
      ['/records', 'actor=carol', 'mine-carol'],
      ['/records', `key=${keyOf('carol')}`, 'mine-carol'],
      ['/records', 'role=project-admin', 'mine-both'],
      ['/records', 'status=unattributed', 'mine-both'],
      ['/whois', 'auditId=mine-carol', '"name":"carol"'],
      ['/whois', 'q=alice', '"name":"alice"'],
      ['/known', 'kind=namespace', '"name":"shop"'],
      ['/known', 'kind=cluster', '"name":"mine"'],
      ['/sessions', '', '"sessionName":"both-1"'],
      ['/summary', `${TIMES}&by=actor`, '"total":4'],
      ['/related', 'auditId=mine-carol', 'mine-carol'],
    ] as const)
      expect(await both.ask(path, query), `${path}?${query}`).toContain(text);
  });

  it('is refused what belongs to no cluster, with a reason', async () => {
    for (const [path, query] of [
      ['/whois', `accessKeyId=${keyOf('dave')}`],
      ['/whois', `accessKeyId=${keyOf('alice')}`],
      ['/fleet', ''],
      ['/changes', ''],
      ['/records', 'actor=a*'],
    ] as const) {
      const problem = JSON.parse(await both.ask(path, query)) as { status: number; detail: string };
      expect(problem.status, `${path}?${query}`).toBe(403);
      expect(problem.detail).toContain('You may see only some clusters, ');
    }
  });

  it('has full pages, whatever lies between the records that they may see', async () => {
    for (const query of ['actor=carol&limit=1', `key=${keyOf('carol')}&limit=1`, `session=${ROLE_ID}:carol-1&limit=1`])
      expect(await both.ask('/records', query), query).toBe(await alone.ask('/records', query));
  });

  it('starts no search of CloudTrail', async () => {
    for (const query of [...QUESTIONS['/whois'], 'username=bob', `username=bob&accessKeyId=${keyOf('bob')}`]) {
      let searches = 0;
      const lookups: Lookups = {
        requests: 0,
        gaps: [],
        noteAccount: () => undefined,
        async answer() {
          searches += 1;
          return [];
        },
      };
      await both.ask('/whois', query, ['mine'], lookups);
      expect(searches, query).toBe(0);
    }
  });

  it('writes notes only about what lies in that cluster', async () => {
    const take = postRoutesOf(both.context, ['mine'])['/notes'];
    const write = (about: string) => take?.(JSON.stringify({ about, kind: 'note', text: 'seen' }), { id: 'me' });
    expect(await write('audit:mine-alice')).toMatchObject({ about: 'audit:mine-alice' });
    expect(await both.ask('/notes', 'about=audit:mine-alice')).toContain('"text":"seen"');
    for (const about of [
      'audit:secret-bob',
      'audit:shared-id',
      'audit:nothing',
      `session:${ROLE_ID}:carol-1`,
      'claim:x',
    ])
      await expect(write(about), about).rejects.toMatchObject({ code: 'not-visible' });
  });

  it('sees everything with all clusters', async () => {
    expect(await both.ask('/records', FROM, 'all')).toContain('secret-bob');
    expect(await both.ask('/known', 'kind=actor', 'all')).toContain('"name":"bob"');
  });
});

it('learns that an hour is not complete, and nothing else, if only the sum of some clusters of an account is stored', async () => {
  const world = new World();
  const hour = epochMillis(Date.parse(utc('03:00:00')));
  const counts = { ...sumOf([]), total: 7, last: hour, hour, expires: 2_000_000_000, areOthers: true } as const;
  await world.stores.counts.advance({ since: hour, through: world.clock.at, at: world.clock.at });
  await world.stores.counts.keep([{ ...counts, clusterKey: clusterKeyOf({ accountId: ACCOUNT }) }], world.clock.at);
  const query = `from=${utc('03:00:00')}&to=${utc('04:00:00')}`;
  const answer = JSON.parse(await world.ask('/summary', query));
  expect(answer).toMatchObject({ total: 0, others: 0, statuses: {}, counting: { behind: ['2026-03-10T03:00:00Z'] } });
  expect(answer.newest).toBeUndefined();
  expect(JSON.parse(await world.ask('/summary', query, 'all'))).toMatchObject({ total: 7, counting: { behind: [] } });
});

it('a claim can name a cluster by its name, by a pattern or by its ARN', () => {
  const arn = clusterKeyOf({ clusterArn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod-1` });
  for (const text of ['prod-1', 'prod-*', arn, `arn:aws:eks:*:${ACCOUNT}:cluster/*`])
    expect(seesCluster([text], arn), text).toBe(true);
  for (const text of ['prod', 'prod-2', '', 'arn:aws:eks:eu-west-1:999999999999:cluster/*', `${arn}0`])
    expect(seesCluster([text], arn), text).toBe(false);
});
