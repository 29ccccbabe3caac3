import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { type AnythingAnswer, anythingBody, type Outcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { awsService, iamUser, webIdentityUser } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';
import {
  ARN,
  AROUND,
  asAsff,
  BOB_ALONE,
  BOBS,
  type Deed,
  errorLineOf,
  eventOf,
  FORMS,
  findingOf,
  GRANTS,
  MALLORYS,
  nodeAt,
  ofOtherCluster,
  SECRETS,
  SESSION,
  STRANGERS,
  timeOf,
  world,
} from './pasted-texts.ts';
import { CLUSTER, namedIn, overFiles, overService, type PastedWorld, reportOverFiles } from './pasted-world.ts';
import { EXEC, type Exec, worldOf } from './started-process.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const PLACES = { files: overFiles, service: overService } as const;
const PLACE_NAMES = ['files', 'service'] as const;

function only({ found }: AnythingAnswer): Outcome {
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} answers`);
  return one.outcome;
}

function noteOf(outcome: Outcome): string {
  return ('note' in outcome ? outcome.note : undefined) ?? '';
}

const REFUSED: Deed = { ...SECRETS, code: 403 };
const BOBS_REFUSED: Deed = { ...REFUSED, key: BOBS };
const ERROR_LINE = 'error line';

describe.each(PLACE_NAMES)('a request that a pasted text describes, over %s', (name) => {
  const ask = PLACES[name];

  it.each(Object.keys(FORMS).filter((form) => form !== ERROR_LINE))(
    'is attributed to its own caller, whoever else has the role and the session name: %s',
    async (form) => {
      const text = FORMS[form]?.(REFUSED) ?? '';
      const outcome = only(await ask(world([REFUSED]), text));
      expect(outcome).toMatchObject({
        kind: 'attributed',
        attribution: { status: 'unattributed', reason: 'access-key-not-seen' },
        caller: { accessKeyId: STRANGERS },
        record: { auditId: 'deed-0' },
        inLog: {
          result: 'one-caller',
          requests: 1,
          agrees: expect.arrayContaining(['verb', 'username', 'code']),
          differs: [],
        },
        note: expect.stringContaining('The audit log has this request.'),
      });
    },
  );

  it('is attributed to the person who made it', async () => {
    const deed = { ...SECRETS, key: BOBS };
    const outcome = only(await ask(world([deed], GRANTS), JSON.stringify(findingOf(deed))));
    expect(outcome).toMatchObject({
      attribution: { status: 'attributed', method: 'access-key', actor: { name: 'bob' } },
    });
  });

  it('is one answer if one caller made several such requests', async () => {
    const finding = findingOf(REFUSED, { eventLastSeen: timeOf(900_000) });
    const outcome = only(await ask(world([REFUSED, { ...REFUSED, after: 900_000 }]), JSON.stringify(finding)));
    expect(outcome).toMatchObject({
      kind: 'attributed',
      caller: { accessKeyId: STRANGERS },
      inLog: { result: 'one-caller', requests: 2 },
      note: expect.stringContaining('has 2 such requests, all by this caller'),
    });
  });

  it('is not the answer if the text does not say when it happened: the requests are listed as similar ones', async () => {
    const deeds = [REFUSED, { ...REFUSED, after: 900_000 }];
    const answer = await ask(world(deeds, GRANTS), errorLineOf(REFUSED));
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      sessions: [
        { accessKeyId: STRANGERS, requests: 2, ips: ['45.83.64.11'], attribution: { status: 'unattributed' } },
      ],
      inLog: { result: 'similar', requests: 2, differs: [] },
      note: expect.stringMatching(
        /^Similar requests in the audit log: 2 by an unidentified caller with the access key ASIASTRANGERSKEY0003 from 45\.83\.64\.11\. .* The text does not say when it happened\./,
      ),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it.each([
    ['curl/8.1', { inLog: { result: 'one-caller' }, note: expect.stringContaining('1 by bob.') }],
    [
      'user agent curl',
      { inLog: { result: 'similar' }, note: expect.stringMatching(/1 by .*STRANGERS.*, 1 by bob\./) },
    ],
    ['curl/9.9', { kind: 'not-known', why: expect.stringContaining('no such request') }],
  ])('is one of those with a user agent: %s', async (text, outcome) => {
    const by = (userAgent: string, key: string, at: number) => ({
      ...eventOf({ ...SECRETS, key, after: at }, at),
      userAgent,
    });
    const events = [
      by('curl/8.1 libcurl', BOBS, 0),
      by('curl/7.8', STRANGERS, 1_000),
      by('kubectl/v1', MALLORYS, 2_000),
    ];
    expect(only(await ask({ grants: BOB_ALONE, events: [...AROUND, ...events] }, text))).toMatchObject(outcome);
  });

  it.each(['2026-03-10T12:10Z', '2026-03-10 12:10', '12:10'])(
    'is one of those in the 5 minutes before and after a time without seconds: %s',
    async (text) => {
      const at = (after: number) => ({ ...SECRETS, key: BOBS, after });
      const deeds = [at(-303_000), at(-7_000), { ...SECRETS, after: 55_000 }, at(310_000)];
      const answer = await ask(world(deeds), text);
      expect(only(answer)).toMatchObject({ inLog: { result: 'similar', requests: 2 } });
      expect(namedIn(answer)).toEqual([]);
      expect(namedIn(await ask(world([at(-7_000), at(55_000)]), text))).toEqual(text === '12:10' ? [] : ['bob']);
    },
  );

  it('to read an object stands beside those that listed its type, in its namespace or in all of them', async () => {
    const get = { ...eventOf({ ...SECRETS, key: BOBS }, 0), verb: 'get', requestURI: '/x' };
    const objectRef = { resource: 'secrets', namespace: 'shop', apiVersion: 'v1' };
    const lists = ['shop', 'shop', 'web', undefined, 'shop'].map((namespace, at) => ({
      ...eventOf(
        { ...SECRETS, key: at === 1 ? STRANGERS : BOBS, after: 1_000 * at, code: at === 4 ? 403 : 200 },
        at + 1,
      ),
      requestURI: `/y${at}`,
      objectRef: { ...objectRef, namespace },
    }));
    const events = [...AROUND, { ...get, objectRef: { ...objectRef, name: 'db' } }, ...lists];
    const outcome = only(await ask({ grants: BOB_ALONE, events }, 'who read secret db'));
    expect(outcome).toMatchObject({
      inLog: { requests: 1 },
      mayAlsoHaveRead: { requests: 3, listed: [{ auditId: 'deed-4' }, { auditId: 'deed-2' }, { auditId: 'deed-1' }] },
      note: expect.stringContaining('3 requests that listed or watched secrets may also have returned it: '),
    });
  });

  it('to read an object stands beside those that listed its type, however many reads another account forges', async () => {
    const objectRef = { resource: 'secrets', namespace: 'shop', apiVersion: 'v1' };
    const read = (deed: Deed, at: number) => ({
      ...eventOf(deed, at),
      verb: 'get',
      requestURI: '/x',
      objectRef: { ...objectRef, name: 'db' },
    });
    const list = { ...eventOf({ ...SECRETS, key: STRANGERS, after: 1_000 }, 1), requestURI: '/y', objectRef };
    const foreign = Array.from({ length: 11 }, (_, at) => {
      const event = read({ ...SECRETS, key: BOBS, after: 2_000 + at }, 10 + at);
      return { ...event, objectRef: { ...event.objectRef, namespace: `other-${at}` } };
    });
    const events = [...AROUND, read({ ...SECRETS, key: BOBS }, 0), list];
    expect(only(await ask({ grants: BOB_ALONE, events, foreign }, 'who read secret db'))).toMatchObject({
      inLog: { requests: 12 },
      mayAlsoHaveRead: { requests: 1, listed: [{ auditId: 'deed-1' }] },
    });
  });

  it('says of how many similar requests a difference holds', async () => {
    const later = [60_000, 120_000].map((after, at) => eventOf({ ...REFUSED, after }, at));
    const events = [...AROUND, ...later, { ...eventOf(REFUSED, 2), verb: 'watch' }];
    const outcome = only(await ask({ grants: BOB_ALONE, events }, JSON.stringify(findingOf(REFUSED))));
    expect(noteOf(outcome)).toContain('Different from the text: time (in 2 of 3), verb (in 1 of 3).');
  });

  it('names no single caller if several can have made it', async () => {
    const deeds = [REFUSED, { ...REFUSED, after: 60_000 }, { ...REFUSED, key: BOBS, after: 120_000 }];
    const answer = await ask(world(deeds), errorLineOf(REFUSED));
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      sessions: [
        { accessKeyId: BOBS, requests: 1, attribution: { actor: { name: 'bob' } } },
        { accessKeyId: STRANGERS, requests: 2, attribution: { status: 'unattributed' } },
      ],
      inLog: { result: 'similar', requests: 3 },
      note: expect.stringContaining(`1 by bob, 2 by an unidentified caller with the access key ${STRANGERS}`),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it('names no single caller if one request is proven and another matches somebody by session name only', async () => {
    const deeds = [
      { ...REFUSED, key: BOBS },
      { ...REFUSED, key: null, after: 60_000 },
    ];
    const answer = await ask(world(deeds), errorLineOf(REFUSED));
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      sessions: [{ attribution: { method: 'session-name' } }, { attribution: { method: 'access-key' } }],
      inLog: { result: 'similar', requests: 2 },
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it('names no single caller if a finding stands for two requests, and only one of them is proven', async () => {
    const deeds = [
      { ...REFUSED, key: BOBS },
      { ...REFUSED, key: null, after: 60_000 },
    ];
    const finding = findingOf(BOBS_REFUSED, { eventFirstSeen: timeOf(0), eventLastSeen: timeOf(60_000) });
    const answer = await ask(world(deeds), JSON.stringify(finding));
    expect(only(answer)).toMatchObject({ kind: 'sessions', inLog: { result: 'several', requests: 2 } });
    expect(namedIn(answer)).toEqual([]);
  });

  it('is each of those that a finding counts, whatever their source IP and response code, which are those of the latest', async () => {
    const first = { ...SECRETS, key: STRANGERS, code: 403 };
    const last = { ...SECRETS, key: BOBS, after: 60_000 };
    const span = { eventFirstSeen: timeOf(0), eventLastSeen: timeOf(60_000) };
    const texts = [
      [JSON.stringify(findingOf(last, { ...span, count: 2 })), 'The finding counts 2 requests; found: 2.'],
      [JSON.stringify(asAsff(findingOf(last, { ...span, count: 2 }))), 'The finding counts 2 requests; found: 2.'],
      [JSON.stringify(findingOf(last, span)), 'The finding can stand for several requests.'],
    ] as const;
    for (const [text, words] of texts) {
      const answer = await ask(world([first, last]), text);
      expect(only(answer)).toMatchObject({
        kind: 'sessions',
        inLog: { result: 'several', requests: 2, groups: [{ requests: 1 }, { requests: 1 }] },
        note: expect.stringContaining(words),
      });
      expect(namedIn(answer)).toEqual([]);
    }
    const single = only(await ask(world([first, last]), JSON.stringify(findingOf(last, { ...span, count: 1 }))));
    expect(single).toMatchObject({ attribution: { actor: { name: 'bob' } }, inLog: { requests: 1 } });
  });

  it('names its caller only if all that a finding counts were found', async () => {
    const deed = { ...SECRETS, key: BOBS };
    const span = { eventLastSeen: timeOf(60_000) };
    const deeds = [deed, { ...deed, after: 60_000 }];
    const all = only(await ask(world(deeds), JSON.stringify(findingOf(deed, { ...span, count: 2 }))));
    expect(all).toMatchObject({
      attribution: { actor: { name: 'bob' } },
      note: expect.stringContaining('The finding counts 2 requests; found: 2.'),
    });
    const some = await ask(world(deeds), JSON.stringify(findingOf(deed, { ...span, count: 3 })));
    expect(only(some)).toMatchObject({
      kind: 'sessions',
      inLog: { result: 'several' },
      note: expect.stringContaining('The finding counts 3 requests; found: 2.'),
    });
    expect(namedIn(some)).toEqual([]);
    expect(only(some)).toMatchObject({
      note: expect.stringMatching(
        /They can be to other objects\. To list all requests from this source IP in that time: eks-whois records --ip \S+ --from 2026-03-10T\S+Z --to 2026-03-10T\S+Z\./,
      ),
    });
    expect(JSON.stringify(all)).not.toContain('records --ip');
  });

  it('does not match a request more than 2 s away, or outside the time of a finding', async () => {
    const finding = JSON.stringify(findingOf(SECRETS));
    const near = only(await ask(world([{ ...SECRETS, after: 2_000 }]), finding));
    expect(near).toMatchObject({ caller: { accessKeyId: STRANGERS }, inLog: { result: 'one-caller' } });
    const far = only(await ask(world([{ ...SECRETS, after: 2_001 }]), finding));
    expect(far).toMatchObject({ inLog: { result: 'none', requests: 0 } });
    const long = findingOf(SECRETS, { eventLastSeen: timeOf(600_000) });
    const between = only(await ask(world([{ ...SECRETS, after: 300_000 }]), JSON.stringify(long)));
    expect(between).toMatchObject({ caller: { accessKeyId: STRANGERS }, inLog: { result: 'one-caller' } });
  });

  it('can be at the very time at which the text was written', async () => {
    const { eventFirstSeen: _first, eventLastSeen: _last, ...service } = findingOf(SECRETS).service as JsonObject;
    const finding = { ...findingOf(SECRETS), service, updatedAt: timeOf(0) };
    const note = noteOf(only(await ask(world([SECRETS]), JSON.stringify(finding))));
    expect(note).toContain(
      `The time in the text (${utc('12:10:00')}) is when it was written. A request was made at the same time`,
    );
    expect(note).not.toContain('can be older');
  });

  it('is like any earlier request if only its latest time is known', async () => {
    const { eventFirstSeen: _first, eventLastSeen: _last, ...service } = findingOf(SECRETS).service as JsonObject;
    const finding = { ...findingOf(SECRETS), service, updatedAt: timeOf(900_000) };
    const outcome = only(await ask(world([SECRETS]), JSON.stringify(finding)));
    expect(outcome).toMatchObject({ sessions: [{ accessKeyId: STRANGERS }], inLog: { result: 'similar' } });
    expect(noteOf(outcome)).toMatch(
      /Same as in the text: (?!.*\btime,).*\. The time in the text \([^)]*\) is when it was written\. The request can be older\./,
    );
    expect(noteOf(outcome)).not.toContain('when it happened');
  });

  it('is attributed to nobody if the log covers the time and does not have it', async () => {
    const outcome = only(await ask(world([]), JSON.stringify(findingOf(SECRETS))));
    expect(outcome).toMatchObject({
      kind: 'attributed',
      attribution: { status: 'ambiguous', flags: [], candidates: [{ actor: { name: 'bob' } }] },
      inLog: { result: 'none' },
      note: expect.stringMatching(/has no such request. Its last record before that time is from 2026-03-10T11:10:00Z/),
    });
  });

  it.each<[string, PastedWorld, JsonObject]>([
    ['time', world([], BOB_ALONE, AROUND.slice(0, 1)), findingOf(SECRETS)],
    ['time, which lies before it', world([], BOB_ALONE, AROUND.slice(1)), findingOf(SECRETS)],
    [
      'latest time',
      world([], BOB_ALONE, nodeAt('11:10:00', '12:20:00')),
      findingOf(SECRETS, { eventLastSeen: utc('12:30:00') }),
    ],
    ['earliest time', world([]), findingOf(SECRETS, { eventFirstSeen: utc('10:30:00') })],
    ['cluster', world([]), ofOtherCluster(findingOf(SECRETS))],
  ])(
    'is looked up by its names, and marked as not checked, if the log does not cover its %s',
    async (_, of, finding) => {
      const outcome = only(await ask(of, JSON.stringify(finding)));
      expect(outcome).toMatchObject({
        attribution: { status: 'attributed', method: 'session-name', actor: { name: 'bob' } },
        inLog: { result: 'not-checked' },
        note: expect.stringContaining('nothing was checked'),
      });
    },
  );

  it('is attributed to nobody if other accounts have a cluster of this name with many records at that time', async () => {
    const foreign = ['12:00:00', '12:40:00'].flatMap((at) =>
      Array.from({ length: 12 }, (_, number) => ({ ...nodeAt(at)[0], auditID: `foreign-${at}-${number}` })),
    );
    const outcome = only(await ask({ ...world([]), foreign }, JSON.stringify(findingOf(SECRETS))));
    expect(outcome).toMatchObject({ attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'bob' } }] } });
    expect(noteOf(outcome)).not.toContain('nothing was checked');
  });

  it('was not checked if CloudTrail shows that the audit log was off at that time, and names no single caller', async () => {
    const switched = (enabled: boolean, at: string) =>
      eksCall(
        'UpdateClusterConfig',
        { name: CLUSTER, logging: { clusterLogging: [{ types: ['api', 'audit'], enabled }] } },
        { eventTime: utc(at), recipientAccountId: ACCOUNT, eventID: `switched-${at}` },
      );
    const answerOf = async (...switches: readonly JsonObject[]) =>
      only(await ask({ grants: [...BOB_ALONE, ...switches], events: AROUND }, JSON.stringify(findingOf(SECRETS))));
    expect(await answerOf(switched(false, '12:00:00'), switched(true, '12:40:00'))).toMatchObject({
      attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'bob' } }] },
      inLog: { result: 'not-checked' },
      note: expect.stringContaining(`the audit log of ${CLUSTER} was turned off at 2026-03-10T12:00:00Z`),
    });
    const on = await answerOf(switched(false, '11:30:00'), switched(true, '12:00:00'));
    expect(on).toMatchObject({ inLog: { result: 'none' } });
  });

  it('was not checked while the log was off, however many changes of a cluster of this name another account makes', async () => {
    const off = eksCall(
      'UpdateClusterConfig',
      { name: CLUSTER, logging: { clusterLogging: [{ types: ['audit'], enabled: false }] } },
      { eventTime: utc('12:00:00'), recipientAccountId: ACCOUNT, eventID: 'off' },
    );
    const others = Array.from({ length: 1_001 }, (_, at) =>
      eksCall(
        'CreateAccessEntry',
        { name: CLUSTER },
        {
          eventTime: utc('12:05:00'),
          recipientAccountId: OTHER_ACCOUNT,
          eventID: `of-other-${at}`,
          userIdentity: iamUser('mallory', { accountId: OTHER_ACCOUNT }),
        },
      ),
    );
    const finding = JSON.stringify(findingOf(SECRETS));
    const withoutArn = JSON.stringify(findingOf(SECRETS), (key, value) => (key === 'arn' ? undefined : value));
    for (const text of [finding, withoutArn]) {
      const outcome = only(await ask({ grants: [...BOB_ALONE, off, ...others], events: AROUND }, text));
      expect(outcome).toMatchObject({ attribution: { status: 'ambiguous' }, inLog: { result: 'not-checked' } });
      expect(noteOf(outcome)).toContain('was turned off at');
    }
  });

  it('says whose credentials were used from another source IP than they were issued to', async () => {
    const deed = { ...eventOf({ ...SECRETS, key: BOBS }, 0), sourceIPs: ['45.83.64.11'] };
    const line = `secrets is forbidden: User "${ARN}" cannot list resource "secrets" in API group "" in the namespace "shop"`;
    const origin = { sourceIPAddress: '198.51.100.7', userAgent: 'aws-cli/2.32.0' };
    const grants = BOB_ALONE.map((each) => ({ ...each, ...origin }));
    const refused = { ...deed, responseStatus: { metadata: {}, code: 403 } };
    const outcome = only(await ask({ grants, events: [...AROUND, refused] }, `Error from server (Forbidden): ${line}`));
    expect(noteOf(outcome)).toMatch(
      /bob: Assumed from 198\.51\.100\.7 with aws-cli, used from 45\.83\.64\.11.* The source IP/,
    );
  });

  it('is a similar request if the log has it under another name of the cluster, and names no single caller', async () => {
    const answer = await ask(world([SECRETS]), JSON.stringify(ofOtherCluster(findingOf(SECRETS))));
    expect(only(answer)).toMatchObject({
      attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'bob' } }] },
      similar: [{ accessKeyId: STRANGERS, requests: 1 }],
      inLog: { result: 'not-checked', differs: ['cluster'] },
      note: expect.stringMatching(
        /nothing was checked\. Similar requests in the audit log: 1 by .* Different from the text: cluster\./,
      ),
    });
  });

  it('by an impersonated user is attributed to whoever impersonated them', async () => {
    const deed = { ...REFUSED, key: MALLORYS, as: 'jane' };
    const line = FORMS['line of a log']?.(REFUSED).replace(ARN, 'jane') ?? '';
    expect(only(await ask(world([deed], GRANTS), line))).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'mallory' }, flags: ['impersonation'] },
    });
  });

  const by = { session: SESSION, key: STRANGERS, username: ARN };
  it.each<[string, JsonObject, Deed]>([
    ['username', roleUser({ ...by, username: 'somebody-else' }), SECRETS],
    ['uid', roleUser({ ...by, roleId: 'AROAOTHER00000000001' }), SECRETS],
    ['session name', roleUser({ ...by, session: 'another' }), SECRETS],
    ['impersonated user', roleUser(by), { ...SECRETS, as: 'jane' }],
  ])('does not match a request with another %s', async (_, user, described) => {
    const events = [...AROUND, { ...eventOf(SECRETS, 0), user }];
    const outcome = only(await ask({ grants: BOB_ALONE, events }, JSON.stringify(findingOf(described))));
    expect(outcome).toMatchObject({ attribution: { status: 'ambiguous' }, inLog: { result: 'none' } });
  });

  it('that is cluster-wide does not match one in a namespace', async () => {
    const line = errorLineOf(REFUSED).replace(/in the namespace .*/, 'at the cluster scope');
    expect(only(await ask(world([REFUSED]), line))).toMatchObject({ inLog: { result: 'none' } });
  });

  it('has no single name if it came from another source IP than the text states', async () => {
    const deed = { ...SECRETS, key: BOBS };
    const finding = JSON.stringify(findingOf(SECRETS));
    const answer = await ask(world([deed]), finding);
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      inLog: { result: 'several', differs: ['ips'] },
      note: expect.stringContaining('Different from the text: source IP.'),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it('can be one of several subjects, each with its own answer', async () => {
    const other = { ...SECRETS, key: BOBS, namespace: 'web', after: 30_000 };
    const { found } = await ask(world([SECRETS, other]), JSON.stringify([findingOf(SECRETS), findingOf(other)]));
    expect(found.map(({ outcome }) => outcome)).toMatchObject([
      { caller: { accessKeyId: STRANGERS } },
      { caller: { accessKeyId: BOBS }, attribution: { actor: { name: 'bob' } } },
    ]);
  });
});

it('the API is asked with a time only for session names, which no index finds', async () => {
  const [found] = (await overService(world([SECRETS]), SESSION)).found;
  expect(found?.outcome).toMatchObject({ kind: 'sessions', sessions: [{ accessKeyId: STRANGERS }] });
});

describe('if not all of the log was read', () => {
  const many = (length: number) => Array.from({ length }, (_, at) => ({ ...REFUSED, key: BOBS, after: 10_000 + at }));

  it('no request is attributed with certainty, over files', async () => {
    const finding = JSON.stringify(findingOf(BOBS_REFUSED, { eventLastSeen: timeOf(60_000) }));
    const answer = await overFiles(world([...many(1_000), REFUSED], GRANTS), finding);
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      inLog: { result: 'several' },
      note: expect.stringContaining('Not all of the audit log was read'),
    });
    expect(namedIn(answer)).toEqual([]);
    const whole = only(await overFiles(world(many(1_001), GRANTS), finding));
    expect(whole).toMatchObject({ attribution: { actor: { name: 'bob' } }, inLog: { result: 'one-caller' } });
  });

  it('the same holds if an entry of a file cannot be read, which is reported once', async () => {
    const damaged = '{"kind":"Ev';
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const text = JSON.stringify(findingOf({ ...SECRETS, key: BOBS }));
    const answer = await overFiles({ ...world([{ ...SECRETS, key: BOBS }]), damaged }, text);
    expect(
      stderr.mock.calls.filter(([each]) => String(each).includes('1 part of the audit log could not')),
    ).toHaveLength(1);
    expect(only(answer)).toMatchObject({ inLog: { result: 'several' } });
    expect(namedIn(answer)).toEqual([]);
    const none = only(await overFiles({ ...world([]), damaged }, text));
    expect(none).toMatchObject({ inLog: { result: 'partly-read' }, attribution: { status: 'ambiguous' } });
  });

  it('the same holds over the service', async () => {
    const finding = JSON.stringify(findingOf(BOBS_REFUSED, { eventLastSeen: timeOf(60_000) }));
    const answer = await overService(world([...many(500), REFUSED]), finding, { most: 1 });
    expect(only(answer)).toMatchObject({ kind: 'sessions', inLog: { result: 'several' } });
    expect(namedIn(answer)).toEqual([]);
    const others = many(2_100).map((deed) => ({ ...deed, namespace: 'web' }));
    const none = await overService(world(others), errorLineOf(REFUSED).replace(/ in the namespace .*/, ''), {
      most: 1,
    });
    expect(namedIn(none)).toEqual([]);
  });
});

describe('if the service refuses the question', () => {
  /** So many namespaces somebody invented. */
  const invented: NonNullable<Parameters<typeof overService>[2]>['directoryOf'] = (filled) =>
    Object.assign(Object.create(filled) as typeof filled, {
      known(...[kind, , { position }]: Parameters<typeof filled.known>) {
        const page = Number(position ?? 0) + 1;
        const seen = epochMillis(Date.parse(utc('12:10:00')));
        const entries = Array.from({ length: 1_000 }, (_, at) => ({
          kind,
          name: `n-${page}-${at}`,
          cluster: CLUSTER,
          first: seen,
          last: seen,
        }));
        return Promise.resolve({ entries, position: String(page) });
      },
    });

  it('the answer says that not all of the log was read, and names nobody by the text alone', async () => {
    const answer = await overService(world([SECRETS]), errorLineOf(REFUSED).replace(/ in the namespace .*/, ''), {
      directoryOf: invented,
    });
    expect(only(answer)).toMatchObject({
      inLog: { result: 'partly-read' },
      note: expect.stringContaining('not all of the audit log was read'),
    });
    expect(namedIn(answer)).toEqual([]);
  });
});

describe.each(PLACE_NAMES)('a finding with a time in the future, over %s', (name) => {
  it('is attributed to nobody, because grants of that time cannot be known', async () => {
    const outcome = only(await PLACES[name](world([]), JSON.stringify(findingOf({ ...SECRETS, after: 24 * HOUR }))));
    expect(outcome).toMatchObject({ kind: 'attributed', attribution: { status: 'unattributed' } });
  });
});

describe.each(PLACE_NAMES)('a finding that states the HTTP method instead of the verb, over %s', (name) => {
  it.each([
    ['GET', 'one-caller'],
    ['POST', 'none'],
    ['LIST', 'one-caller'],
    ['get', 'none'],
  ])('%s', async (verb, result) => {
    const text = JSON.stringify(findingOf(SECRETS)).replace('"verb":"list"', `"verb":"${verb}"`);
    expect(only(await PLACES[name](world([SECRETS]), text))).toMatchObject({ inLog: { result } });
  });
});

describe.each(PLACE_NAMES)('a finding that states an access key and no username, over %s', (name) => {
  const finding = findingOf(SECRETS);
  const resource = { ...(finding.resource as JsonObject), kubernetesDetails: {} };
  const text = JSON.stringify({ ...finding, resource: { ...resource, accessKeyDetails: { accessKeyId: STRANGERS } } });
  const ask = (deed: Deed) => PLACES[name](world([deed]), text);

  it('is about the request with the key', async () => {
    expect(only(await ask(SECRETS))).toMatchObject({
      kind: 'attributed',
      caller: { accessKeyId: STRANGERS },
      inLog: { result: 'one-caller', agrees: expect.arrayContaining(['accessKeyId']) },
    });
  });

  it.each([
    ['another key', BOBS],
    ['no key', null],
  ])('is only like a request with %s', async (_which, key) => {
    const answer = await ask({ ...SECRETS, key });
    expect(only(answer)).toMatchObject({
      inLog: { result: 'similar' },
      note: expect.stringContaining('The text does not say the username.'),
    });
    expect(namedIn(answer)).toEqual([]);
  });
});

describe.each(PLACE_NAMES)('an alert that names a pod and not what was done to it, over %s', (name) => {
  const alert = JSON.stringify({
    eventTime: timeOf(0),
    actor: { name: ARN },
    actorIP: '198.51.100.7',
    kubernetesClusterName: CLUSTER,
    resources: [{ type: 'POD', name: EXEC.pod, namespace: EXEC.namespace }],
  });

  it('can mean an exec in it', async () => {
    const outcome = only(await PLACES[name](worldOf([EXEC], GRANTS), alert));
    expect(outcome).toMatchObject({
      kind: 'sessions',
      sessions: [{ accessKeyId: BOBS }],
      inLog: { result: 'similar', requests: 1, agrees: expect.arrayContaining(['time', 'resource', 'username']) },
    });
    expect(noteOf(outcome)).not.toContain('no such request');
  });
});

describe.each(PLACE_NAMES)('a pod that somebody left behind, over %s', (name) => {
  const byPod = (pod: string, namespace: string, auditID: string) =>
    eventBy(
      {
        username: `system:serviceaccount:${namespace}:debug`,
        groups: ['system:serviceaccounts'],
        extra: { 'authentication.kubernetes.io/pod-name': [pod], 'authentication.kubernetes.io/pod-uid': [auditID] },
      },
      { auditID, verb: 'list', objectRef: { resource: 'secrets' }, requestReceivedTimestamp: timeOf(3_000_000) },
    );

  it('is shown with the requests that it made itself', async () => {
    const { grants, events } = worldOf([{ ...EXEC, pod: 'old-0' }]);
    const made = [byPod('old-0', 'shop', 'made-0'), byPod('old-1', 'shop', 'made-1'), byPod('old-0', 'web', 'made-2')];
    const answer = await PLACES[name]({ grants, events: [...events, ...made] }, 'pod/old-0');
    expect(only(answer)).toMatchObject({
      inLog: { requests: 1, listed: [{ auditId: 'exec-0' }] },
      ofPod: { requests: 1, listed: [{ auditId: 'made-0' }] },
      note: expect.stringContaining('1 request was made with tokens of a pod of this name: '),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it('leads from whoever created it to what it did', async () => {
    const created = eventBy(
      { username: 'mallory', groups: ['system:authenticated'] },
      {
        auditID: 'created-0',
        verb: 'create',
        objectRef: { resource: 'pods', namespace: 'shop', name: 'old-0' },
        requestReceivedTimestamp: timeOf(0),
      },
    );
    const answer = await PLACES[name](
      { grants: GRANTS, events: [created, byPod('old-0', 'shop', 'made-0')] },
      'who created pod old-0 in shop?',
    );
    expect(only(answer)).toMatchObject({
      inLog: { requests: 1, listed: [{ auditId: 'created-0' }] },
      ofPod: { requests: 1, listed: [{ auditId: 'made-0' }] },
    });
  });

  it('is shown with them, however many pods of its name another account forges', async () => {
    const { grants, events } = worldOf([{ ...EXEC, pod: 'old-0' }]);
    const foreign = worldOf(
      Array.from({ length: 11 }, (_, at) => ({ ...EXEC, pod: 'old-0', namespace: `other-${at}`, after: 5_000 + at })),
    ).events.map((event, at) => ({ ...event, auditID: `foreign-${at}` }));
    const world = { grants, events: [...events, byPod('old-0', 'shop', 'made-0')], foreign };
    expect(only(await PLACES[name](world, 'pod/old-0'))).toMatchObject({
      inLog: { requests: 12 },
      ofPod: { requests: 1, listed: [{ auditId: 'made-0' }] },
      note: expect.stringContaining('Not all requests of the pod itself were searched.'),
    });
  });
});

describe.each(PLACE_NAMES)('an alert that states the ARN of an IAM user, over %s', (name) => {
  const USER = `arn:aws:iam::${ACCOUNT}:user/bob`;
  const LONG_TERM = 'AKIABOB0000000000000';
  const alert = {
    eventTime: timeOf(0),
    user: { username: USER },
    verb: 'patch',
    resource: { type: 'deployments', name: 'web', namespace: 'shop' },
  };
  const patchedBy = (user: JsonObject) =>
    eventBy(user, {
      auditID: 'patched',
      verb: 'patch',
      objectRef: { resource: 'deployments', apiGroup: 'apps', namespace: 'shop', name: 'web' },
      requestReceivedTimestamp: timeOf(0),
    });
  const ask = async (user: JsonObject) => {
    const log = { grants: GRANTS, events: [...AROUND, patchedBy(user)] };
    return namedIn(await PLACES[name](log, JSON.stringify(alert)));
  };

  it('is about the request of the user, but of a session of theirs it names nobody', async () => {
    const uid = `aws-iam-authenticator:${ACCOUNT}:AIDABOB00000000000000`;
    expect(await ask({ username: USER, uid, extra: { arn: [USER], accessKeyId: [LONG_TERM] } })).toEqual(['bob']);
    expect(await ask(roleUser({ session: SESSION, key: BOBS, username: ARN }))).toEqual([]);
  });
});

describe.each(PLACE_NAMES)('a call to AWS with the role of a pod, over %s', (name) => {
  const PODS_KEY = keyId('ASIAPODSSESSION0004');
  const PODS_ROLE = { roleName: 'shop-web', roleId: 'AROASHOPWEB0000000001', session: 'eks-prod-1-web', key: PODS_KEY };
  const TAGS = { 'kubernetes-namespace': 'shop', 'kubernetes-service-account': 'web', 'kubernetes-pod-name': 'web-0' };
  const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F`;
  const GRANTED = {
    'EKS Pod Identity': grant({
      ...PODS_ROLE,
      id: 'pods',
      by: awsService('pods.eks.amazonaws.com'),
      request: { tags: Object.entries(TAGS).map(([key, value]) => ({ key, value })) },
    }),
    IRSA: grant({
      ...PODS_ROLE,
      id: 'irsa',
      eventName: 'AssumeRoleWithWebIdentity',
      by: webIdentityUser('system:serviceaccount:shop:web', OIDC),
    }),
  };
  /** The record of a call 20 minutes after the grant, 10 minutes after the exec. */
  const call = {
    eventID: 'get-object',
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    eventTime: utc('12:20:00'),
    awsRegion: 'eu-west-1',
    sourceIPAddress: '203.0.113.9',
    userIdentity: { type: 'AssumedRole', principalId: 'AROASHOPWEB0000000001:eks-prod-1-web', accessKeyId: PODS_KEY },
  };
  const ask = async (by: keyof typeof GRANTED, execs: readonly Exec[], ...more: readonly JsonObject[]) => {
    const { grants, events } = worldOf(execs);
    const log = { grants: [...grants, GRANTED[by]], events: [...events, ...more] };
    const outcome = only(await PLACES[name](log, JSON.stringify(call)));
    return outcome.kind === 'attributed' ? outcome : undefined;
  };

  it.each(['EKS Pod Identity', 'IRSA'] as const)(
    'says who ran commands in it before, and the evidence: %s',
    async (by) => {
      const later: Exec = { ...EXEC, after: 1_200_000 };
      const found = await ask(by, [EXEC, later, { ...EXEC, namespace: 'web' }, { ...EXEC, code: 403 }]);
      expect(found).toMatchObject({
        inItsPods: { requests: 1, listed: [{ auditId: 'exec-0', attribution: { actor: { name: 'bob' } } }] },
        note: expect.stringContaining('1 request that could reach the role: 1 by bob.'),
      });
      expect(found?.attribution.actor?.name).not.toBe('bob');
      const { grants, events } = worldOf([EXEC]);
      const report = await reportOverFiles({ grants: [...grants, GRANTED[by]], events }, JSON.stringify(call));
      expect(report.recognized.notes).toEqual([
        expect.stringContaining('1 request that could reach the role: 1 by bob.'),
      ]);
    },
  );

  it('of Pod Identity is that of one pod, of IRSA that of any pod of the namespace', async () => {
    const other = [{ ...EXEC, pod: 'web-1' }];
    expect((await ask('IRSA', other))?.inItsPods?.requests).toBe(1);
    const none = await ask('EKS Pod Identity', other);
    expect([none?.inItsPods, none?.note]).toEqual([
      undefined,
      expect.stringContaining('no request that could reach the role'),
    ]);
  });

  it('can be that of whoever requested a token of the service account', async () => {
    const token = eventBy(roleUser({ session: SESSION, key: BOBS, username: ARN }), {
      auditID: 'token',
      verb: 'create',
      objectRef: {
        resource: 'serviceaccounts',
        subresource: 'token',
        namespace: 'shop',
        name: 'web',
        apiVersion: 'v1',
      },
      responseStatus: { metadata: {}, code: 201 },
      requestReceivedTimestamp: timeOf(0),
    });
    expect(await ask('IRSA', [], token)).toMatchObject({ inItsPods: { listed: [{ auditId: 'token' }] } });
  });
});

describe.each(PLACE_NAMES)('a sentence or a row with the ARN of a session, over %s', (name) => {
  const ask = (text: string) =>
    PLACES[name](
      world([
        { ...SECRETS, after: 0 },
        { ...SECRETS, key: BOBS, after: 600_000 },
      ]),
      text,
    );

  it.each([
    `${ARN} listed secrets in namespace shop at 2026-03-10 12:10 from 45.83.64.11`,
    `2026-03-10 12:10:00 | list | secrets | 45.83.64.11 | ${ARN} | 200`,
  ])('lists the requests that its words describe, and names nobody: %s', async (text) => {
    const answer = await ask(text);
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      sessions: [{ accessKeyId: STRANGERS, requests: 1 }],
      inLog: { result: 'similar', requests: 1, agrees: expect.arrayContaining(['time', 'verb', 'username', 'ips']) },
    });
    expect(answer.notes).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Searched for: .*\blist(?:ed)? \(verb\)/)]),
    );
  });

  it('names nobody, although it states everything of one request', async () => {
    const answer = await ask(`${ARN} listed secrets in namespace shop at 2026-03-10T12:20:00Z from 198.51.100.7`);
    expect(only(answer)).toMatchObject({ sessions: [{ accessKeyId: BOBS }], inLog: { result: 'similar' } });
    expect(namedIn(answer)).toEqual([]);
  });

  it('is about the session alone if its words say nothing of a request', async () => {
    expect(only(await ask(`Was it ${ARN} at 2026-03-10 12:10?`))).not.toHaveProperty('inLog');
  });
});

describe.each(PLACE_NAMES)('a username that a mapping gave, over %s', (name) => {
  const ask = async (username: string) => {
    const user = roleUser({ session: SESSION, key: BOBS, username: 'ops:bob' });
    const events = [...AROUND, eventBy(user, { auditID: 'mapped', requestReceivedTimestamp: utc('12:20:00') })];
    return only(await PLACES[name]({ grants: BOB_ALONE, events }, username));
  };

  it('leads to the sessions that used it in the last hours of the data', async () => {
    const outcome = await ask('ops:bob');
    expect(outcome).toMatchObject({ kind: 'sessions', sessions: [{ accessKeyId: BOBS, requests: 1 }] });
    if (name === 'service') expect(JSON.stringify(outcome)).toMatch(/Only requests from .* to .* were searched/);
  });

  it('that nobody used then is not known, and the service says what it searched', async () => {
    const outcome = await ask('ops:nobody');
    expect(outcome.kind).toBe('not-known');
    if (name === 'service')
      expect(JSON.stringify(outcome)).toContain(
        'To search another time: eks-whois records --username ops:nobody --cluster NAME --from TIME --to TIME.',
      );
  });
});

describe('a finding that states fewer fields', () => {
  const without = (name: string) => {
    const { service, ...finding } = findingOf(SECRETS) as {
      service: { action: { kubernetesApiCallAction: JsonObject } };
    };
    const { [name]: _left, ...call } = service.action.kubernetesApiCallAction;
    return JSON.stringify({ ...finding, service: { ...service, action: { kubernetesApiCallAction: call } } });
  };

  it('without its verb is like the request, and names nobody', async () => {
    for (const ask of [overFiles, overService])
      expect(only(await ask(world([SECRETS]), without('verb')))).toMatchObject({
        sessions: [{ accessKeyId: STRANGERS }],
        inLog: { result: 'similar' },
        note: expect.stringContaining('The text does not say what was done.'),
      });
  });

  it.each(['requestUri', 'statusCode', 'sourceIps', 'userAgent'])(
    'without %s, is found by what it states',
    async (name) => {
      for (const ask of [overFiles, overService])
        expect(only(await ask(world([SECRETS]), without(name)))).toMatchObject({
          caller: { accessKeyId: STRANGERS },
          inLog: { result: 'one-caller' },
        });
    },
  );
});

describe('without an audit log', () => {
  it('a described request is looked up by its names, and marked as not checked', async () => {
    const outcome = only(await overFiles(world([SECRETS]), JSON.stringify(findingOf(SECRETS)), false));
    expect(outcome).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'bob' } },
      inLog: { result: 'not-checked' },
      note: expect.stringContaining('not checked against the audit log'),
    });
  });
});

describe.each(PLACE_NAMES)('a pasted event that the audit log has, over %s', (name) => {
  const answered = async (pasted: JsonObject) =>
    anythingBody(await PLACES[name](world([SECRETS]), JSON.stringify(pasted)));

  it('is marked as recorded', async () => {
    expect(await answered(eventOf(SECRETS, 0))).toMatchObject({ recorded: true });
  });

  it('is not marked as recorded if a finding states it otherwise', async () => {
    const finding = findingOf(SECRETS);
    const body = await PLACES[name](world([SECRETS]), JSON.stringify(finding));
    expect(anythingBody(body)).toMatchObject({ inLog: { result: 'one-caller' } });
    expect(anythingBody(body)).not.toHaveProperty('recorded');
  });

  it('shows what the text states if it differs from the log', async () => {
    const objectRef = { resource: 'secrets', namespace: 'shop', apiVersion: 'v1', name: 'prod-db' };
    const body = await answered({ ...eventOf(SECRETS, 0), objectRef });
    expect(body).toMatchObject({ request: { name: 'prod-db' }, caller: { accessKeyId: STRANGERS } });
    expect(body).not.toHaveProperty('recorded');
  });
});

describe('a report of an incident', () => {
  const stepsAbout = async (of: PastedWorld, text: string) => {
    const { next, who, recognized } = await reportOverFiles(of, text);
    return {
      who,
      notes: recognized.notes.join(' '),
      steps: next.map(({ title }) => title).filter((title) => /bob/.test(title)),
    };
  };

  it('advises nothing about somebody whom the log clears', async () => {
    const found = await stepsAbout(world([SECRETS]), JSON.stringify(findingOf(SECRETS)));
    expect(found).toEqual({
      who: undefined,
      notes: expect.stringContaining('The audit log has this request'),
      steps: [],
    });
  });

  const LATER = 5 * HOUR;
  const readAt = (key: string, after: number) => ({
    ...eventOf({ ...SECRETS, key, after }, after),
    sourceIPs: ['45.83.64.11'],
  });
  const BOTH = { grants: GRANTS, events: [...AROUND, readAt(STRANGERS, 0), readAt(BOBS, LATER)] };
  const ASKED = 'who read secrets from 45.83.64.11?';

  it('covers all requests that match, so that a later one by somebody else hides nothing', async () => {
    const { window, sections } = await reportOverFiles(BOTH, ASKED);
    expect(Object.values(window ?? {}).map((time) => Date.parse(time))).toEqual([
      Date.parse(timeOf(0)) - HOUR,
      Date.parse(timeOf(LATER)) + HOUR,
    ]);
    const stranger = sections.find(({ session }) => session === STRANGERS);
    expect(stranger?.activity?.requests).toBe(1);
  });

  it('names the role whose other users it lists, not a session of the role', async () => {
    const { others = [] } = await reportOverFiles(BOTH, ASKED);
    expect(others).not.toEqual([]);
    for (const { role } of others) expect(role).toMatch(/^arn:aws:iam::\d+:role\//);
  });

  it('names the cluster of the requests in its steps, even if they are outside the time range', async () => {
    const { next } = await reportOverFiles(BOTH, ASKED, epochMillis(Date.parse(timeOf(-9 * HOUR))));
    const steps = next.filter(({ title }) => title.startsWith('Remove access to the cluster'));
    expect(steps).not.toEqual([]);
    for (const { command } of steps) expect(command).toContain(`--cluster-name ${CLUSTER} `);
  });

  it('says which requests outside the time range the text may mean', async () => {
    const note = /^The text may also mean requests in the audit log that are not in this time range, at /;
    const { recognized } = await reportOverFiles(BOTH, ASKED, epochMillis(Date.parse(timeOf(0))));
    expect(recognized.notes).toContainEqual(expect.stringMatching(note));
    expect(recognized.notes.join()).toContain(timeOf(LATER).slice(0, 19));
    expect((await reportOverFiles(BOTH, ASKED)).recognized.notes.join()).not.toMatch(/Not in this time range/);
  });

  it.each<[string, PastedWorld, string]>([
    ['the log does not show', world([]), JSON.stringify(findingOf(SECRETS))],
    ['several can have made', world([REFUSED, { ...REFUSED, key: BOBS }]), errorLineOf(REFUSED)],
    ['an error line describes by a username only', world([{ ...SECRETS, key: BOBS }]), errorLineOf(REFUSED)],
  ])('says "if it was" for a request that %s', async (_, of, text) => {
    const { who, steps } = await stepsAbout(of, text);
    expect(who).toBeUndefined();
    for (const step of steps) expect(step).toMatch(/^If it was bob: /);
  });
});

it('a report says who deleted a binding, even after its time range, unless it was created again', async () => {
  const objectRef = { resource: 'clusterrolebindings', name: 'ops', apiGroup: 'rbac.authorization.k8s.io' };
  const bind = (key: string, verb: string, after: number): JsonObject => ({
    ...eventOf({ ...SECRETS, key, after }, after),
    verb,
    objectRef,
    requestURI: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/ops',
  });
  const created = bind(BOBS, 'create', 0);
  const titlesIn = async (...more: readonly JsonObject[]) => {
    const { next } = await reportOverFiles(
      { ...world([]), events: [...AROUND, created, ...more] },
      JSON.stringify(created),
    );

    return next.map(({ title }) => title).filter((title) => title.includes('clusterrolebinding ops'));
  };
  const deleted = bind(STRANGERS, 'delete', 7_200_000);
  expect(await titlesIn(deleted)).toEqual([
    expect.stringMatching(
      /^Nothing to delete: .* was deleted at \S+ by an unidentified caller with the access key ASIASTR/,
    ),
  ]);
  const delete_ = [expect.stringMatching(/^Delete the clusterrolebinding ops/)];
  expect(await titlesIn(deleted, bind(STRANGERS, 'create', 7_300_000))).toEqual(delete_);
  expect(await titlesIn({ ...deleted, responseStatus: { code: 403 } })).toEqual(delete_);
});

it('a report says "if it was" for a request that was not checked against a log', async () => {
  const { next } = await reportOverFiles(world([], BOB_ALONE, AROUND.slice(0, 1)), JSON.stringify(findingOf(SECRETS)));
  const titles = next.map(({ title }) => title);
  expect(titles.filter((title) => /bob/.test(title))).toEqual([
    'If it was bob: Deactivate the access key AKIABOB0000000000000 of the IAM user bob',
  ]);
});

/** The name to which each key leads. */
const OWNERS: Readonly<Record<string, string>> = { [BOBS]: 'bob', [MALLORYS]: 'mallory' };

describe('no pasted finding or error line is attributed to a person whom the log contradicts', () => {
  const deed = fc.record({
    key: fc.constantFrom(BOBS, MALLORYS, STRANGERS, STRANGERS),
    after: fc.constantFrom(0, 1_000, 3_000, 4_900, 600_000),
    namespace: fc.constantFrom('shop', 'web'),
    code: fc.constantFrom(200, 403),
  });
  const drawn = fc.record({
    deeds: fc.array(deed, { minLength: 1, maxLength: 4 }),
    hasMallory: fc.boolean(),
    isInLog: fc.boolean(),
    form: fc.constantFrom(...Object.keys(FORMS)),
  });

  it.each(PLACE_NAMES)('over %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const { of, text, owner } = buildCase(draw);
        const named = namedIn(await PLACES[name](of, text));
        expect(owner === undefined ? [[]] : [[], [owner]]).toContainEqual(named);
      }),
      { numRuns: cases(60) },
    );
  });

  it('in a report', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const { of, text, owner } = buildCase(draw);
        const { who, next } = await reportOverFiles(of, text);
        const advised = next.filter(({ title }) => /^(?!If it was).*\b(?:bob|mallory)\b/.test(title));
        if (owner === undefined) expect([who, advised]).toEqual([undefined, []]);
        else expect([owner, undefined]).toContain(who?.name);
      }),
      { numRuns: cases(60) },
    );
  });

  /** Returns the drawn world, its text, and the only person who can have made the request in the log, if there is one. */
  function buildCase({ deeds: [first = SECRETS, ...others], hasMallory, isInLog, form }: DrawnRequest) {
    const described = form === 'error line' ? { ...first, code: 403 } : first;
    const logged = isInLog ? [described, ...others] : others;
    const like = logged.filter((each) => isLike(each, described, form));
    const fromThere = like.filter(({ key }) => (key === STRANGERS) === (described.key === STRANGERS));
    // A text with a source IP means a request from there, if there is one.
    const statesIp = /^(?:finding|alert|event)/.test(form);
    const meant = statesIp && fromThere.length > 0 ? fromThere : like;
    const owners = new Set(meant.map((each) => ownerOf(each, hasMallory)));
    const [owner] = owners;
    return {
      of: world(logged, hasMallory ? GRANTS : BOB_ALONE),
      text: FORMS[form]?.(described) ?? '',
      owner: owners.size === 1 ? owner : undefined,
    };
  }

  function isLike({ namespace, code, after }: Deed, described: Deed, form: string): boolean {
    const isThen = form === 'error line' || Math.abs(after - described.after) <= 2_000;
    return isThen && namespace === described.namespace && code === described.code;
  }

  function ownerOf({ key }: Deed, hasMallory: boolean): string | undefined {
    return key === null || (key === MALLORYS && !hasMallory) ? undefined : OWNERS[key];
  }
});

interface DrawnRequest {
  readonly deeds: readonly Deed[];
  readonly hasMallory: boolean;
  readonly isInLog: boolean;
  readonly form: string;
}
