import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { type AnythingAnswer, anythingBody, type Outcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { upperCamel } from '../recognize/samples.ts';
import { CLUSTER, namedIn, overFiles, overService, type PastedWorld, reportOverFiles } from './pasted-world.ts';

/** Bob and Mallory chose one session name of one role. A stranger's key no grant issued. */
const SESSION = 'eks-deploy';
const BOBS = KEY;
const MALLORYS = ANOTHER_KEY;
const STRANGERS = keyId('ASIASTRANGERSKEY0003');
const GRANTS = [
  grant({ id: 'bob', by: iamUser('bob'), session: SESSION, key: BOBS }),
  grant({ id: 'mallory', by: iamUser('mallory'), session: SESSION, key: MALLORYS, at: utc('12:00:30') }),
];
const BOB_ALONE = GRANTS.slice(0, 1);
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${SESSION}`;

/** What was done, by a key, and when: so many milliseconds after 12:10:00. */
interface Deed {
  readonly key: string | null;
  readonly after: number;
  readonly namespace: string;
  readonly code: number;
  readonly as?: string;
}

const SECRETS: Deed = { key: STRANGERS, after: 0, namespace: 'shop', code: 200 };

function timeOf(after: number): string {
  return new Date(Date.parse(utc('12:10:00')) + after).toISOString();
}

function uriOf({ namespace }: Deed): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

function eventOf(deed: Deed, at: number): JsonObject {
  return eventBy(roleUser({ session: SESSION, key: deed.key, username: ARN }), {
    auditID: `deed-${at}`,
    verb: 'list',
    requestURI: `${uriOf(deed)}?limit=500`,
    objectRef: { resource: 'secrets', namespace: deed.namespace, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: deed.code },
    sourceIPs: [deed.key === STRANGERS ? '45.83.64.11' : '198.51.100.7'],
    requestReceivedTimestamp: timeOf(deed.after),
    ...(deed.as !== undefined && { impersonatedUser: { username: deed.as } }),
  });
}

/** What a node did then, with which a log begins and ends. */
const nodeAt = (...times: readonly string[]) =>
  times.map((time) =>
    eventBy(
      { username: 'system:node:ip-192-0-2-1', groups: ['system:nodes'] },
      { auditID: time, requestReceivedTimestamp: utc(time) },
    ),
  );

/** The log begins an hour before and ends an hour after. */
const AROUND = nodeAt('11:10:00', '13:10:00');

function world(deeds: readonly Deed[], grants = BOB_ALONE, around = AROUND): PastedWorld {
  return { grants, events: [...around, ...deeds.map(eventOf)] };
}

/** GuardDuty's finding of the deed, which states no access key. */
function findingOf(deed: Deed, service: JsonObject = {}): JsonObject {
  return {
    schemaVersion: '2.0',
    accountId: ACCOUNT,
    type: 'CredentialAccess:Kubernetes/AnomalousBehavior.SecretsAccessed',
    resource: {
      eksClusterDetails: { name: CLUSTER, arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${CLUSTER}` },
      kubernetesDetails: {
        kubernetesUserDetails: {
          username: ARN,
          uid: `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
          groups: ['system:authenticated'],
          sessionName: [SESSION],
          ...(deed.as !== undefined && { impersonatedUser: { username: deed.as } }),
        },
      },
    },
    service: {
      serviceName: 'guardduty',
      eventFirstSeen: timeOf(deed.after),
      eventLastSeen: timeOf(deed.after),
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: uriOf(deed),
          verb: 'list',
          sourceIps: [deed.key === STRANGERS ? '45.83.64.11' : '198.51.100.7'],
          userAgent: 'kubectl/v1.33.0',
          statusCode: deed.code,
          resource: 'secrets',
          namespace: deed.namespace,
        },
      },
      ...service,
    },
  };
}

function errorLineOf({ namespace }: Deed): string {
  return `Error from server (Forbidden): secrets is forbidden: User "${ARN}" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`;
}

/** The same finding in Security Hub's format. */
function asAsff(finding: JsonObject): JsonObject {
  const flat = (value: unknown, path: string): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, each]) => flat(each, `${path}/${name}`))
      : [[path, Array.isArray(value) ? String(value[0]) : String(value)]];
  return {
    SchemaVersion: '2018-10-08',
    ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty',
    AwsAccountId: ACCOUNT,
    Types: ['TTPs/x'],
    UpdatedAt: utc('12:40:00'),
    ProductFields: Object.fromEntries(flat({ resource: finding.resource, service: finding.service }, 'aws/guardduty')),
    Resources: [{ Type: 'AwsEksCluster', Id: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${CLUSTER}` }],
  };
}

const FORMS: Readonly<Record<string, (deed: Deed) => string>> = {
  finding: (deed) => JSON.stringify(findingOf(deed)),
  'finding of the API': (deed) => JSON.stringify({ Findings: [upperCamel(findingOf(deed))] }),
  'finding of EventBridge': (deed) =>
    JSON.stringify({ 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', detail: findingOf(deed) }),
  'finding in Security Hub': (deed) => JSON.stringify(asAsff(findingOf(deed))),
  'error line': errorLineOf,
  'line of a log': (deed) =>
    `time="${timeOf(deed.after)}" user="${ARN}" verb=list uri=${uriOf(deed)} resp=${deed.code} level=warning`,
};

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const PLACES = { files: overFiles, service: overService } as const;
const PLACE_NAMES = ['files', 'service'] as const;

function only({ found }: AnythingAnswer): Outcome {
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} answers`);
  return one.outcome;
}

const REFUSED: Deed = { ...SECRETS, code: 403 };

describe.each(PLACE_NAMES)('a request that a pasted text describes, over %s', (name) => {
  const ask = PLACES[name];

  it.each(Object.keys(FORMS))(
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
    const outcome = only(await ask(world([REFUSED, { ...REFUSED, after: 900_000 }]), errorLineOf(REFUSED)));
    expect(outcome).toMatchObject({
      kind: 'attributed',
      caller: { accessKeyId: STRANGERS },
      inLog: { result: 'one-caller', requests: 2 },
      note: expect.stringContaining('has 2 such requests, all by this caller'),
    });
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
      inLog: { result: 'several', requests: 3 },
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
      inLog: { result: 'several', requests: 2 },
    });
    expect(namedIn(answer)).toEqual([]);
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

  it('matches any earlier request if only its latest time is known', async () => {
    const { eventFirstSeen: _first, eventLastSeen: _last, ...service } = findingOf(SECRETS).service as JsonObject;
    const finding = { ...findingOf(SECRETS), service, updatedAt: timeOf(900_000) };
    const outcome = only(await ask(world([SECRETS]), JSON.stringify(finding)));
    expect(outcome).toMatchObject({ caller: { accessKeyId: STRANGERS }, inLog: { result: 'one-caller' } });
  });

  it('is attributed to nobody if the log covers the time and does not have it', async () => {
    const outcome = only(await ask(world([]), JSON.stringify(findingOf(SECRETS))));
    expect(outcome).toMatchObject({
      kind: 'attributed',
      attribution: { status: 'ambiguous', flags: [], candidates: [{ actor: { name: 'bob' } }] },
      inLog: { result: 'none' },
      note: expect.stringContaining('has no such request'),
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
    [
      'cluster',
      world([SECRETS]),
      {
        ...findingOf(SECRETS),
        resource: { ...(findingOf(SECRETS).resource as JsonObject), eksClusterDetails: { name: 'other' } },
      },
    ],
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

  it('by an impersonated user is attributed to whoever impersonated them', async () => {
    const deed = { ...REFUSED, key: MALLORYS, as: 'jane' };
    const line = errorLineOf(REFUSED).replace(ARN, 'jane');
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
      note: expect.stringContaining('Different: source IP.'),
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
    const answer = await overFiles(world([...many(1_000), REFUSED], GRANTS), errorLineOf(REFUSED));
    expect(only(answer)).toMatchObject({
      kind: 'sessions',
      inLog: { result: 'several' },
      note: expect.stringContaining('Not all of the audit log was read'),
    });
    expect(namedIn(answer)).toEqual([]);
    const whole = only(await overFiles(world(many(1_001), GRANTS), errorLineOf(REFUSED)));
    expect(whole).toMatchObject({ attribution: { actor: { name: 'bob' } }, inLog: { result: 'one-caller' } });
  });

  it('the same holds if an entry of a file cannot be read, which is reported once', async () => {
    const damaged = '{"kind":"Ev';
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const text = JSON.stringify(findingOf({ ...SECRETS, key: BOBS }));
    const answer = await overFiles({ ...world([{ ...SECRETS, key: BOBS }]), damaged }, text);
    expect(
      told.mock.calls.filter(([each]) => String(each).includes('1 entry of the audit log could not')),
    ).toHaveLength(1);
    expect(only(answer)).toMatchObject({ inLog: { result: 'several' } });
    expect(namedIn(answer)).toEqual([]);
    const none = only(await overFiles({ ...world([]), damaged }, text));
    expect(none).toMatchObject({ inLog: { result: 'partly-read' }, attribution: { status: 'ambiguous' } });
  });

  it('the same holds over the service', async () => {
    const answer = await overService(world([...many(500), REFUSED]), errorLineOf(REFUSED), { most: 1 });
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

describe('a finding that states fewer fields', () => {
  const without = (name: string) => {
    const { service, ...finding } = findingOf(SECRETS) as {
      service: { action: { kubernetesApiCallAction: JsonObject } };
    };
    const { [name]: _left, ...call } = service.action.kubernetesApiCallAction;
    return JSON.stringify({ ...finding, service: { ...service, action: { kubernetesApiCallAction: call } } });
  };

  it.each(['verb', 'requestUri', 'statusCode', 'sourceIps', 'userAgent'])(
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

  it.each<[string, PastedWorld, string]>([
    ['the log does not show', world([]), JSON.stringify(findingOf(SECRETS))],
    ['several can have made', world([REFUSED, { ...REFUSED, key: BOBS }]), errorLineOf(REFUSED)],
    ['only a username is told of', world([{ ...SECRETS, key: BOBS }]), errorLineOf(REFUSED)],
  ])('says "if it was" for a request that %s', async (_, of, text) => {
    const { who, steps } = await stepsAbout(of, text);
    expect(who).toBeUndefined();
    for (const step of steps) expect(step).toMatch(/^If it was bob: /);
  });
});

it('a report says "if it was" for a request that was not checked against a log', async () => {
  const { next } = await reportOverFiles(world([], BOB_ALONE, AROUND.slice(0, 1)), JSON.stringify(findingOf(SECRETS)));
  const titles = next.map(({ title }) => title);
  expect(titles.filter((title) => /bob/.test(title))).toEqual([
    'If it was bob: Deactivate the access keys of the IAM user bob',
  ]);
});

/** Whose name a key leads to. */
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
        const { of, text, owner } = told(draw);
        const named = namedIn(await PLACES[name](of, text));
        expect(owner === undefined ? [[]] : [[], [owner]]).toContainEqual(named);
      }),
      { numRuns: cases(60) },
    );
  });

  it('in a report', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const { of, text, owner } = told(draw);
        const { who, next } = await reportOverFiles(of, text);
        const advised = next.filter(({ title }) => /^(?!If it was).*\b(?:bob|mallory)\b/.test(title));
        if (owner === undefined) expect([who, advised]).toEqual([undefined, []]);
        else expect([owner, undefined]).toContain(who?.name);
      }),
      { numRuns: cases(60) },
    );
  });

  /** The world and the text that are drawn, and who alone can have made the request, as the log has it. */
  function told({ deeds: [first = SECRETS, ...others], hasMallory, isInLog, form }: DrawnRequest) {
    const asked = form === 'error line' ? { ...first, code: 403 } : first;
    const logged = isInLog ? [asked, ...others] : others;
    const owners = new Set(logged.filter((each) => isLike(each, asked, form)).map((each) => ownerOf(each, hasMallory)));
    const [owner] = owners;
    return {
      of: world(logged, hasMallory ? GRANTS : BOB_ALONE),
      text: FORMS[form]?.(asked) ?? '',
      owner: owners.size === 1 ? owner : undefined,
    };
  }

  function isLike({ namespace, code, after }: Deed, asked: Deed, form: string): boolean {
    const isThen = form === 'error line' || Math.abs(after - asked.after) <= 2_000;
    return isThen && namespace === asked.namespace && code === asked.code;
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
