import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { type KeyUses, keyUsesText } from '../../lib/usecases/query/anything/key-uses.ts';
import type { SessionFound } from '../../lib/usecases/query/anything/outcomes.ts';
import { validityOf } from '../../lib/usecases/query/anything/sessions-of-records.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ARN, ROLE_ID, utc } from '../builders/company.ts';
import { awsService, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { ARN, AROUND, BOBS, findingOf, GRANTS, MALLORYS, SECRETS, SESSION, STRANGERS, timeOf } from './pasted-texts.ts';
import { overFiles, overService, type PastedWorld, reportOverFiles } from './pasted-world.ts';

const uses = [BOBS, STRANGERS, BOBS, BOBS].map((key, at) =>
  eventBy(roleUser({ session: SESSION, key, username: ARN }), {
    auditID: `use-${at}`,
    sourceIPs: [`203.0.113.${at}`],
    userAgent: `kubectl/v1.3${at}`,
    requestReceivedTimestamp: timeOf(at * 60_000),
  }),
);
const LONG_TERM = 'AKIABOB0000000000000';
const WORLD = { grants: GRANTS, events: [...AROUND, ...uses] };

const INSTANCE = 'i-0123456789abcdef0';
const NODE = roleUser({ session: INSTANCE, key: BOBS, username: 'system:node:ip-192-0-2-1.ec2.internal' });

/** A node's key, which kubectl used five hours after it was issued, between two uses by kubelet. */
const OF_NODE = {
  grants: [
    grant({ id: 'ec2', by: awsService('ec2.amazonaws.com'), session: INSTANCE, key: BOBS, at: utc('07:00:00') }),
  ],
  events: [
    ...AROUND,
    ...['kubelet/v1.33.1', 'kubectl/v1.29.3', 'kubelet/v1.33.1'].map((userAgent, at) =>
      eventBy(NODE, { auditID: `by-${at}`, userAgent, requestReceivedTimestamp: timeOf(at * 60_000) }),
    ),
  ],
};

/** GuardDuty's finding about that key. */
const EXFILTRATION = {
  schemaVersion: '2.0',
  type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
  resource: {
    resourceType: 'AccessKey',
    accessKeyDetails: { accessKeyId: BOBS, principalId: `${ROLE_ID}:${INSTANCE}`, userType: 'AssumedRole' },
  },
  service: {
    action: { awsApiCallAction: { api: 'ListBuckets', remoteIpDetails: { ipAddressV4: '45.83.64.11' } } },
    eventFirstSeen: timeOf(150_000),
    eventLastSeen: timeOf(150_000),
  },
};

/** A quick answer reads 200 requests of a key. */
const QUICK = { isQuick: true };

/** Returns requests with a key after all others, as another account can forge them. */
function forgedBy(user: JsonObject, count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, at) =>
    eventBy(user, {
      auditID: `forged-${at}`,
      userAgent: 'kubelet/v1.33.1',
      requestReceivedTimestamp: timeOf(600_000 + at),
    }),
  );
}

const NOBODY: SessionFound = {
  attribution: { status: 'unattributed', reason: 'no-matching-grant', provisional: false, flags: [] },
};

it('a service is asked once for the requests of a key, also if it has none', async () => {
  const asked: RecordsQuestion[] = [];
  await overService({ grants: GRANTS, events: AROUND }, JSON.stringify(EXFILTRATION), {
    onRecords: (question) => void asked.push(question),
  });
  expect(asked.filter(({ filter }) => filter.key?.any?.includes(BOBS))).toHaveLength(1);
});

it('a service never names a node by its key if not all requests with flags were read', async () => {
  const { found } = await overService({ ...OF_NODE, foreign: forgedBy(NODE, 201) }, BOBS, { ...QUICK, most: 1 });
  expect(found[0]?.outcome).toMatchObject({
    attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'ec2.amazonaws.com' } }] },
    isComplete: false,
    note: expect.stringContaining('Somebody other than the node may have used the key.'),
  });
});

interface KeyPlace {
  readonly ask: typeof overService;
  readonly moreThanRead: number;
}

describe.each([
  { place: 'files', ask: (world: PastedWorld, text: string) => overFiles(world, text), moreThanRead: 1_001 },
  { place: 'the service', ask: overService, moreThanRead: 201 },
])('the answer about an access key, over $place', ({ ask, moreThanRead }: KeyPlace) => {
  const usesOf = async (key: string) => {
    const [found] = (await ask(WORLD, key)).found;
    return found?.outcome.kind === 'attributed' ? found.outcome : undefined;
  };

  it('has how often it was used, and when and from where first and last', async () => {
    expect(await usesOf(BOBS)).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'bob' } },
      keyUses: {
        requests: 3,
        first: { time: timeOf(0), auditId: 'use-0', ip: '203.0.113.0', userAgent: 'kubectl/v1.30' },
        last: { time: timeOf(180_000), auditId: 'use-3', ip: '203.0.113.3', userAgent: 'kubectl/v1.33' },
        sources: ['203.0.113.0', '203.0.113.2', '203.0.113.3'].map((ip) => ({
          ip,
          programs: ['kubectl'],
          requests: 1,
        })),
      },
    });
  });

  it('also of a key that no grant issued', async () => {
    expect(await usesOf(STRANGERS)).toMatchObject({
      attribution: { status: 'unattributed' },
      keyUses: { requests: 1, first: { auditId: 'use-1' }, last: { auditId: 'use-1' } },
    });
  });

  it('has the sessions whose credentials were obtained with a long-term key', async () => {
    const own = await usesOf(LONG_TERM);
    expect(own).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'bob' } },
      used: [{ accessKeyId: BOBS, requests: 3 }],
    });
    expect(own?.used).toHaveLength(1);
  });

  it('has the sessions that CloudTrail shows, if there is no audit log', async () => {
    const [found] = (await overFiles(WORLD, LONG_TERM, false)).found;
    expect(found?.outcome).toMatchObject({ used: [{ accessKeyId: BOBS, attribution: { actor: { name: 'bob' } } }] });
  });

  it('has the flags of the requests, which only their usernames raise', async () => {
    const username = 'system:node:ip-192-0-2-1.ec2.internal';
    const asNode = eventBy(roleUser({ session: SESSION, key: BOBS, username }), {
      requestReceivedTimestamp: timeOf(0),
    });
    const [found] = (await ask({ grants: GRANTS, events: [...AROUND, asNode] }, BOBS)).found;
    expect(found?.outcome).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'bob' }, flags: ['node-role-used-by-person'] },
    });
  });

  it('never says that a node used its key if a client that nodes do not use did', async () => {
    for (const text of [BOBS, JSON.stringify(EXFILTRATION)]) {
      const [found] = (await ask(OF_NODE, text)).found;
      expect(found?.outcome).toMatchObject({
        attribution: { status: 'unattributed', reason: 'node-credentials-used', flags: ['unusual-node-client'] },
        keyUses: { requests: 3 },
        used: [{ attribution: { status: 'unattributed' }, requests: 1 }, { attribution: { status: 'system' } }],
        note: `CloudTrail shows this access key being issued to ec2.amazonaws.com (${INSTANCE}), not to a person.`,
      });
    }
  });

  it('is not hidden by newer requests with the key, which another account can forge: neither its client nor its flags', async () => {
    const byNode = await ask({ ...OF_NODE, foreign: forgedBy(NODE, moreThanRead) }, BOBS, QUICK);
    expect(byNode.found[0]?.outcome).toMatchObject({
      attribution: { status: 'unattributed', reason: 'node-credentials-used', flags: ['unusual-node-client'] },
    });
    const asNode = roleUser({ session: SESSION, key: BOBS, username: 'system:node:ip-192-0-2-1.ec2.internal' });
    const asBob = roleUser({ session: SESSION, key: BOBS, username: ARN });
    const events = [...AROUND, eventBy(asNode, { requestReceivedTimestamp: timeOf(0) })];
    const byBob = await ask({ grants: GRANTS, events, foreign: forgedBy(asBob, moreThanRead) }, BOBS, QUICK);
    expect(byBob.found[0]?.outcome).toMatchObject({
      attribution: { status: 'attributed', actor: { name: 'bob' }, flags: ['node-role-used-by-person'] },
    });
  });

  it.each([['system:node:ip-192-0-2-1.ec2.internal'], ['ip-192-0-2-1.ec2.internal']])(
    'is like that about %s: it has the requests of whoever used the node’s key',
    async (name) => {
      const [found] = (await ask(OF_NODE, name)).found;
      const sessions = found?.outcome.kind === 'sessions' ? found.outcome.sessions : [];
      const isByOther = ({ attribution }: SessionFound) => attribution.flags.includes('unusual-node-client');
      expect(sessions.filter(isByOther)).toMatchObject([{ accessKeyId: BOBS, requests: 1 }]);
      expect(found?.outcome).not.toHaveProperty('inLog');
    },
  );

  it('is like that about a role: its sessions say when they were used, not when they were valid', async () => {
    const [found] = (await ask(WORLD, ROLE_ARN)).found;
    const sessions = found?.outcome.kind === 'sessions' ? found.outcome.sessions : [];
    expect(sessions.filter(({ accessKeyId }) => accessKeyId === BOBS)).toMatchObject([
      { from: timeOf(0), to: timeOf(180_000), records: 3, attribution: { actor: { name: 'bob' } } },
    ]);
    expect(validityOf(sessions.find(({ accessKeyId }) => accessKeyId === BOBS) ?? NOBODY)).toMatchObject({
      issuedAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect(sessions.filter(({ accessKeyId }) => accessKeyId === STRANGERS)).toMatchObject([{ records: 1 }]);
  });

  it.each([BOBS, `what did ${BOBS} do?`])('has what was done with it, and its newest requests: %s', async (text) => {
    expect(await usesOf(text)).toMatchObject({
      keyUses: {
        done: [{ verb: 'delete', what: 'pods in namespace shop', requests: 3 }],
        listed: [{ auditId: 'use-3' }, { auditId: 'use-2' }, { auditId: 'use-0' }],
      },
    });
  });

  const userType = { accessKeyId: STRANGERS, principalId: `${ROLE_ID}:${SESSION}`, userType: 'AssumedRole' };
  const request = { ...findingOf({ ...SECRETS, key: STRANGERS, after: 3_600_000 }) };
  it.each([
    ['of EKS', { ...request, resource: { ...(request.resource as object), accessKeyDetails: userType } }],
    [
      'of EC2',
      {
        schemaVersion: '2.0',
        type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
        resource: { resourceType: 'AccessKey', accessKeyDetails: { ...userType, userName: 'node' } },
        service: { serviceName: 'guardduty', eventFirstSeen: timeOf(0), eventLastSeen: timeOf(0) },
      },
    ],
  ])('has no less if a finding %s states it', async (_finding, finding) => {
    const alone = await usesOf(STRANGERS);
    const found = await usesOf(JSON.stringify(finding));
    expect(found?.keyUses).toEqual(alone?.keyUses);
    expect(found?.used).toEqual(alone?.used);
  });

  it('has none of a key that was not used', async () => {
    expect(await usesOf(MALLORYS)).toMatchObject({ attribution: { actor: { name: 'mallory' } } });
    expect((await usesOf(MALLORYS))?.keyUses).toBeUndefined();
  });
});

describe('the report about a key', () => {
  it('is about the time from when it was issued until it was last used', async () => {
    const { window } = await reportOverFiles(WORLD, BOBS);
    expect(window).toEqual({ from: '2026-03-10T11:00:00Z', to: '2026-03-10T13:13:00Z' });
  });

  it('has the requests of whoever used a node’s key, with the role of the node', async () => {
    const [section] = (await reportOverFiles(OF_NODE, BOBS)).sections;
    expect(section).toMatchObject({ standing: 'session', role: ROLE_ARN, activity: { requests: 1 } });
    expect(section).not.toHaveProperty('actor');
  });
});

describe('a key that no known grant issued', () => {
  const session = roleSession({ roleId: ROLE_ID, session: 'x', key: STRANGERS });
  const denial = callBy(session, {
    eventName: 'AssumeRole',
    eventTime: utc('12:01:00'),
    errorCode: 'AccessDenied',
    errorMessage: `User: ${ARN} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/admin`,
    requestParameters: null,
    responseElements: null,
  });
  const world = { grants: [...GRANTS, denial], events: [...AROUND] };

  it('shows the calls to AWS that it signed, also a denied one, over files', async () => {
    const [found] = (await overFiles(world, STRANGERS)).found;
    expect(found?.outcome).toMatchObject({
      attribution: { status: 'unattributed' },
      awsCalls: [
        {
          name: 'AssumeRole',
          errorCode: 'AccessDenied',
          on: 'arn:aws:iam::444455556666:role/admin',
          principalId: `${ROLE_ID}:x`,
        },
      ],
    });
    const [known] = (await overFiles(world, BOBS)).found;
    expect(known?.outcome).not.toHaveProperty('awsCalls');
  });

  it('says where these calls are, over the service', async () => {
    const [found] = (await overService(world, STRANGERS)).found;
    expect(found?.outcome).toHaveProperty(
      'note',
      expect.stringContaining(`also denied ones, ask CloudTrail: eks-whois ${STRANGERS}`),
    );
  });
});

describe('an AccessDenied line', () => {
  const denied = (user: string, key: string, more: object = {}) =>
    callBy(roleSession({ roleId: ROLE_ID, session: SESSION, key }), {
      eventID: `denied-${key}`,
      eventName: 'AssumeRole',
      eventTime: utc('12:01:00'),
      sourceIPAddress: '198.51.100.150',
      errorCode: 'AccessDenied',
      errorMessage: refusal(user),
      requestParameters: null,
      responseElements: null,
      ...more,
    });
  const refusal = (user: string, action = 'sts:AssumeRole') =>
    `User: ${user} is not authorized to perform: ${action} on resource: arn:aws:iam::444455556666:role/admin`;
  const others = [
    denied('arn:aws:iam::111122223333:user/alice', MALLORYS),
    denied(ARN, 'ASIADONE000000000001', { errorCode: undefined, errorMessage: undefined }),
  ];
  const world = { grants: [...GRANTS, denied(ARN, BOBS), denied(ARN, STRANGERS), ...others], events: [...AROUND] };
  const line = `An error occurred (AccessDenied) when calling the AssumeRole operation: ${refusal(ARN)}`;

  it('has the calls in CloudTrail that were refused so: who made them, when, and from where', async () => {
    const [found] = (await overFiles(world, line)).found;
    const place = { sourceIp: '198.51.100.150', time: utc('12:01:00'), on: 'arn:aws:iam::444455556666:role/admin' };
    expect(found?.deniedCalls).toEqual([
      expect.objectContaining({
        ...place,
        accessKeyId: BOBS,
        attribution: expect.objectContaining({ actor: expect.objectContaining({ name: 'bob' }) }),
      }),
      expect.objectContaining({
        ...place,
        accessKeyId: STRANGERS,
        attribution: expect.objectContaining({ status: 'unattributed' }),
      }),
    ]);
    const [cut] = (await overFiles(world, line.replace(/ on resource.*/, ''))).found;
    expect(cut?.deniedCalls).toHaveLength(2);
  });

  it('says that CloudTrail has none, and nothing of it where CloudTrail is not at hand', async () => {
    const other = line.replace('sts:AssumeRole', 'eks:DescribeCluster');
    expect((await overFiles(world, other)).found[0]).toHaveProperty('deniedCalls', []);
    expect((await overService(world, line)).found[0]?.deniedCalls).toBeUndefined();
    expect((await overFiles(world, BOBS)).found[0]?.deniedCalls).toBeUndefined();
  });
});

describe('the uses of a key in words', () => {
  const last = { time: '2026-03-10T12:10:00Z', auditId: 'a', ip: '203.0.113.3', userAgent: 'kubectl/v1.33 (linux)' };
  const of = { done: [{ verb: 'get', what: 'secrets in namespace shop', code: 403, requests: 1000 }], listed: [] };
  const done = 'done: 1,000 get secrets in namespace shop (403)';
  it.each<[KeyUses, string[]]>([
    [
      { ...of, requests: 1, first: last, last },
      ['1 request in the audit log: 2026-03-10T12:10:00Z from 203.0.113.3 with kubectl, audit ID a', done],
    ],
    [
      { ...of, doneLeft: 2, requests: 2000, last },
      [
        '2,000 requests or more in the audit log; older ones were not read',
        'last: 2026-03-10T12:10:00Z from 203.0.113.3 with kubectl, audit ID a',
        `${done}, 2 more`,
      ],
    ],
    [
      {
        ...of,
        requests: 2000,
        last,
        sources: [
          { ip: '10.0.1.15', programs: ['kubelet'], requests: 1999 },
          { ip: '203.0.113.3', programs: ['kubectl'], requests: 1 },
        ],
      },
      [
        '2,000 requests or more in the audit log; older ones were not read',
        'last: 2026-03-10T12:10:00Z from 203.0.113.3 with kubectl, audit ID a',
        done,
        'from 2 source IPs: 1,999 from 10.0.1.15 with kubelet, 1 from 203.0.113.3 with kubectl',
      ],
    ],
  ])('%j', (given, words) => expect(keyUsesText(given)).toEqual(words));
});
