import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionsOutcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy } from '../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { UUID } from '../recognize/samples.ts';
import { ALL, DELETED, type PodRequest, READ, REFUSED, worldOf } from './asked-world.ts';
import { BOBS, eventAbout, SESSION, STRANGERS, timeOf } from './pasted-texts.ts';
import { namedIn, overFiles, overService, type PastedWorld } from './pasted-world.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

it('a question with names only says what to search, if the service could not read everything', async () => {
  const { found } = await overService(ALL, 'did ana@example.com delete pods?', { most: 1 });
  expect(found[0]?.outcome).toHaveProperty(
    'note',
    expect.stringContaining(
      "eks-whois records --username '*ana?example.com*' --verb delete --verb deletecollection --verb create --resource pods --resource 'pods/*' --from 2026-03-09T",
    ),
  );
});

describe.each([
  ['files', overFiles],
  ['the service', overService],
] as const)('over %s', (_, ask) => {
  const listed = async (world: PastedWorld, text: string): Promise<Partial<SessionsOutcome>> => {
    const answer = await ask(world, text);
    expect(namedIn(answer)).toEqual([]); // no single caller is the answer
    const [found] = answer.found;
    return found?.outcome.kind === 'sessions' ? found.outcome : {};
  };
  const keysIn = ({ sessions = [] }: Partial<SessionsOutcome>) => sessions.map(({ accessKeyId }) => accessKeyId);

  it.each([
    'who deleted pod db?',
    'who deleted the pod db in namespace shop',
    'who deleted db in shop',
    'who removed pod/db',
    'kubectl delete pod db -n shop',
    'delete pod db',
  ])('a question lists the requests that it is about: %s', async (text) => {
    const found = await listed(ALL, text);
    expect([keysIn(found), found.inLog?.requests]).toEqual([[BOBS], 1]);
  });

  it.each([
    ['who deleted pod db?', 'The text does not say when it happened or who made it.'],
    ['who deleted pod db between 2026-03-10T12:00:00Z and 2026-03-10T13:00:00Z?', 'The text does not say who made it.'],
    [
      'look at what bob did to web-9, he deleted pod/db',
      'The text does not say when it happened or who made it. Only some words of the text were read.',
    ],
    [
      'at 1:32 PM ana saw who deleted pod/db on 2026-03-10 12:20 UTC, or 12:22',
      'No time was compared, because it is not clear which one is meant: 1:32 PM, on 2026-03-10 12:20 UTC, 12:22. The text does not say who made it. Only some words of the text were read.',
    ],
  ])('one request that agrees is said to be the only one, and why that does not prove it: %s', async (text, why) => {
    const { note } = await listed(ALL, text);
    expect(note).toContain(`No other recorded request agrees with the text. ${why} Another request may be meant,`);
  });

  it.each([
    ['who read pod db', 2],
    ["who exec'd into pod db", 1],
    ['who opened a shell in pod db in namespace shop', 1],
    ['who deleted pods in shop', 4], // two of them by the node
  ])('a question can be about several requests, or others: %s', async (text, requests) => {
    expect((await listed(ALL, text)).inLog?.requests).toBe(requests);
  });

  it.each([
    ['what did somebody do in pod/db of namespace shop yesterday evening', 3],
    ['what did bob do in namespace shop', 1],
    ['look at what bob did to web-9, he deleted pod/db', 1],
  ])('a sentence is matched by its known words, and names no single caller: %s', async (text, requests) => {
    expect((await listed(ALL, text)).inLog?.requests).toBe(requests);
  });

  it('in NAME is the cluster, if nobody did this in a namespace of that name, although the person did something elsewhere', async () => {
    const { note, inLog } = await listed(ALL, 'what did bob do in prod-1?');
    expect(inLog?.requests).toBe((await listed(ALL, 'what did bob do in cluster prod-1?')).inLog?.requests);
    expect([inLog?.requests, note]).toEqual([expect.any(Number), expect.not.stringContaining('namespace')]);
  });

  it.each([
    ['who from account 111122223333 acted in cluster prod-1?', 4],
    ['which users of account 111122223333 deleted pods?', 2],
    ['111122223333', 4],
    ['who from account 444455556666 acted in cluster prod-1?', undefined],
    ['444455556666', undefined],
  ])('an account means whoever acted from it: %s', async (text, requests) => {
    expect((await listed(ALL, text)).inLog?.requests).toBe(requests);
  });

  it('a question about an account is not about the roles of that account', async () => {
    const visit = grant({
      id: 'visit',
      session: SESSION,
      key: BOBS,
      by: iamUser('vera', { accountId: OTHER_ACCOUNT }),
    });
    const world = { ...worldOf([DELETED, READ]), grants: [visit] };
    const of = async (account: string) =>
      keysIn(await listed(world, `who from account ${account} touched the pod db?`));
    expect([await of(OTHER_ACCOUNT), await of(ACCOUNT)]).toEqual([[BOBS], [STRANGERS]]);
  });

  it('who deleted a pod can also have evicted it, or deleted all pods of its namespace', async () => {
    const evicted: PodRequest = { key: STRANGERS, verb: 'create', after: 60_000, subresource: 'eviction' };
    const all: PodRequest = { key: STRANGERS, verb: 'deletecollection', after: 120_000, name: '' };
    const others: readonly PodRequest[] = [
      { ...evicted, name: 'api-0' },
      { key: STRANGERS, verb: 'create', after: 0 },
      { key: STRANGERS, verb: 'create', after: 0, subresource: 'exec' },
    ];
    const world = worldOf([DELETED, evicted, all, ...others]);
    for (const text of ['who deleted pod db?', 'who deleted pod db in namespace shop', 'who removed pod/db'])
      expect([text, (await listed(world, text)).inLog?.listed?.map(({ request }) => request?.verb)]).toEqual([
        text,
        ['deletecollection', 'create', 'delete'],
      ]);
    expect((await listed(world, 'who deleted pods in shop')).inLog?.requests).toBe(6); // two of them by the node
    expect((await listed(world, 'kubectl delete pod db -n shop')).inLog?.requests).toBe(1);
    expect((await listed(world, 'who deleted db in shop')).inLog?.requests).toBe(2); // the type is not stated
  });

  it.each([
    ['did ana@example.com delete pods?', 'delete or evict pods'],
    ['did ana@example.com patch pods in namespace shop', 'patch pods in namespace shop'],
  ])('a question what somebody did, who did something else, says both: %s', async (text, what) => {
    const user = { username: 'ana@example.com', groups: ['system:authenticated'] };
    const read = eventBy(user, { auditID: 'by-ana', verb: 'get', requestReceivedTimestamp: timeOf(0) });
    const patched: PodRequest = { key: STRANGERS, verb: 'patch', after: 30_000 };
    const { note, inLog } = await listed(worldOf([DELETED, patched], read), text);
    expect(inLog).toMatchObject({ result: 'none', requests: 0, listed: [{ auditId: 'by-ana' }] });
    expect(note).toContain(`No request with the name ana@example.com in the audit log matches the question (${what}).`);
    expect(note).toMatch(/The log has records from 2026-03-10.* to 2026-03-10.*, of prod-1\./);
    expect(note).toMatch(/Such requests by others: .*\d by /);
    expect(note?.includes('An unidentified caller can be anybody.')).toBe(text.includes('patch'));
    expect(note).toMatch(/Other requests with the name \S+: 1 by (?:\S+:)?ana@example\.com/);
  });

  it('names nobody for a question whose time the log covers only in part', async () => {
    const text = `did ${SESSION} patch pods between 2026-03-10T12:00:00Z and 2026-03-12T00:00:00Z`;
    const { note, inLog } = await listed(worldOf([DELETED]), text); // fails if somebody is named
    expect([inLog?.result, note]).toEqual(['similar', expect.stringContaining('covers only a part of the time')]);
  });

  it('a question with names only is answered from everything that the text states', async () => {
    const { note, inLog } = await listed(ALL, `did ${SESSION} delete pods?`);
    expect(inLog?.requests).toBe(2);
    expect(note).not.toContain('Not all of the audit log was read');
  });

  it('a question about what nobody did shows similar requests, and says that they are others', async () => {
    const { note, inLog } = await listed(worldOf([READ]), 'who deleted pod db');
    expect([inLog?.result, note]).toEqual(['similar', expect.stringContaining('They are other requests')]);
  });

  it.each([
    ['did ana delete pods?', 'possible'],
    ['what did ana delete?', 'possible'],
    ['did ana@example.com delete pods?', 'possible'],
    ['did eve delete pods?', 'others'],
  ])('a name without its domain is similar to the full names that have it: %s', async (text, expected) => {
    const user = { username: 'ana@example.com', groups: ['system:authenticated'] };
    const objectRef = { resource: 'pods', namespace: 'shop', name: 'db', apiVersion: 'v1' };
    const requestURI = '/api/v1/namespaces/shop/pods/db';
    const times = { requestReceivedTimestamp: timeOf(0), stageTimestamp: timeOf(0) };
    const event = eventBy(user, { auditID: 'by-ana', verb: 'delete', requestURI, objectRef, ...times });
    const { note = '', inLog } = await listed(worldOf([], event), text);
    const isOther = note.includes('They are other requests');
    expect(isOther ? 'others' : 'possible').toBe(expected);
    if (expected === 'possible') expect([inLog?.requests, note]).toEqual([1, expect.not.stringContaining('no such')]);
    expect(
      note.includes('The name ana in the text has no domain. Similar names in these requests: ana@example.com.'),
    ).toBe(text.includes(' ana '));
  });

  it.each(['did bob delete the namespace shop?', 'did bob@example.com delete the namespace shop?'])(
    'a namespace that was deleted is the object: %s',
    async (text) => {
      const { found } = await ask(ALL, text);
      expect(found[0]?.subject.circumstances.request).toEqual({ verb: 'remove', resource: 'namespaces', name: 'shop' });
    },
  );

  it.each([
    [3_000, [BOBS]],
    [290_000, [BOBS]],
    [310_000, []],
  ])(
    'an event of Kubernetes lists the requests to its object up to 5 minutes before it: %d ms',
    async (after, keys) => {
      const world = worldOf([DELETED, { ...READ, after: 3_600_000 - 1_000 }]);
      const found = await listed(world, JSON.stringify(eventAbout('Pod', { namespace: 'shop', after })));
      expect(found.inLog?.result).toBe('similar');
      expect(found.inLog?.agrees.includes('time') === true ? keysIn(found) : []).toEqual(keys);
    },
  );

  it('an object of Kubernetes lists the requests that created or changed it since, and not those of its namesakes', async () => {
    const written: readonly PodRequest[] = [
      { key: BOBS, verb: 'create', after: -500 },
      { key: STRANGERS, verb: 'patch', after: 60_000 },
      { key: STRANGERS, verb: 'patch', after: 60_000, name: 'web-0' },
      { key: STRANGERS, verb: 'create', after: -600_000 },
      { ...READ, after: 120_000 },
    ];
    const metadata = { name: 'db', namespace: 'shop', creationTimestamp: utc('12:10:00'), uid: UUID };
    const found = await listed(worldOf(written), JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata }));
    expect(found.inLog?.listed?.map(({ request }) => request?.verb)).toEqual(['patch', 'create']);
    expect(found.note).not.toContain('audit ID');
  });

  it('each event of a list is looked up', async () => {
    const items = ['shop', 'web'].map((namespace) => eventAbout('Pod', { namespace, after: 1_000 }));
    const { as, found } = await ask(ALL, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect([as, found.map(({ outcome }) => outcome.kind)]).toEqual([
      '2 events of Kubernetes',
      ['sessions', expect.any(String)],
    ]);
  });

  it.each([
    ['an anonymous caller with a source IP lists their requests', 'user=system:anonymous srcip=203.0.113.9', 1],
    ['an anonymous caller with another source IP has none', 'user=system:anonymous srcip=203.0.113.8', undefined],
  ])('%s', async (_, text, requests) => {
    const user = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
    const times = { requestReceivedTimestamp: timeOf(0), stageTimestamp: timeOf(0) };
    const event = (ip: string, auditID: string) =>
      eventBy(user, { ...REFUSED, user, ...times, sourceIPs: [ip], auditID });
    const { found } = await ask(worldOf([], event('203.0.113.9', 'one'), event('203.0.113.7', 'other')), text);
    const outcome = found[0]?.outcome;
    expect(outcome?.kind === 'sessions' ? outcome.inLog?.listed?.length : undefined).toBe(requests);
  });

  it('credentials that were not accepted lead to requests without a user, and to nobody', async () => {
    const found = await ask(worldOf([DELETED], REFUSED), 'error: You must be logged in to the server (Unauthorized)');
    expect(namedIn(found)).toEqual([]);
    expect(found.notes.join(' ')).toContain('the audit log has no user');
    const note = expect.stringContaining('1 by an unauthenticated caller from 198.51.100.7. ');
    expect(found.found[0]?.outcome).toHaveProperty('note', note);
  });
});
