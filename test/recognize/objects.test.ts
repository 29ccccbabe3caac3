import { describe, expect, it } from 'vitest';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Circumstances } from '../../lib/recognize/subject.ts';
import { epochMillis } from '../../lib/time.ts';
import { SESSION_ARN } from './samples.ts';

function statedBy(text: string): Circumstances {
  const found = asRequests(recognize(text));
  if (found.outcome !== 'subjects') throw new Error(`${found.outcome}: ${found.advice}`);
  const [subject, ...others] = found.subjects;
  expect(others.map(({ circumstances }) => circumstances.cluster)).toEqual(others.length === 0 ? [] : ['shop']);
  expect(subject).toMatchObject({ by: 'request' });
  return subject?.circumstances ?? {};
}

const POD = { apiGroup: '', resource: 'pods', name: 'web-0' };
const EVICTION = { verb: 'create', resource: 'pods', subresource: 'eviction', namespace: 'shop', name: 'web-0' };
const WEB = { apiGroup: 'apps', resource: 'deployments', name: 'web' };

it.each<[string, Circumstances]>([
  ['Error from server (NotFound): pods "web-0" not found', { request: POD }],
  ['Error from server (NotFound): deployments.apps "web" not found', { request: WEB }],
  ['Error from server (AlreadyExists): pods "web-0" already exists', { request: POD }],
  [
    'Error from server (AlreadyExists): error when creating "web.yaml": deployments.apps "web" already exists',
    { request: WEB },
  ],
  [
    'Error from server (Conflict): Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    { request: { ...WEB, verb: 'modify' } },
  ],
  [
    'Error from server (Forbidden): error when creating "STDIN": pods "web-0" is forbidden: exceeded quota: compute, requested: cpu=2',
    { request: POD, code: 403 },
  ],
  [
    'MountVolume.SetUp failed for volume "db" : secret "db" not found',
    { request: { apiGroup: '', resource: 'secrets', name: 'db' } },
  ],
  [
    'Error from server (NotFound): widgets.example.com "a" not found',
    { request: { apiGroup: 'example.com', resource: 'widgets', name: 'a' } },
  ],
  [
    `error when evicting pods/"web-0" -n "shop" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.`,
    { request: EVICTION, code: 429 },
  ],
  ['error when evicting pods/"web-0" -n "shop": pods "web-0" is forbidden: x', { request: EVICTION }],
  [
    '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \\"web-0\\" not found","reason":"NotFound","details":{"name":"web-0","kind":"pods"},"code":404}',
    { request: POD },
  ],
  [
    '{"kind":"Status","apiVersion":"v1","message":"admission webhook denied the request","details":{"name":"web","group":"apps","kind":"deployments"},"code":403}',
    { request: WEB, code: 403 },
  ],
])('an error without a user states its object: %s', (text, stated) => {
  expect(statedBy(text)).toEqual(stated);
  expect(recognize(text)).toMatchObject({ as: 'an error of kubectl or the API server' });
});

it.each<[string, Circumstances]>([
  ['evicting pod shop/web-0', { request: EVICTION }],
  [
    'ALERT payments: pod "web-0" deleted in namespace shop, see the runbook',
    { request: { verb: 'remove', ...POD, namespace: 'shop' } },
  ],
  ['[CI] deployment.apps "web" configured (1 of 3)', { request: { verb: 'change', ...WEB } }],
  [
    'farid 11:33 AM\n> pod/web-0 evicted',
    { unusedTimes: ['11:33 AM'], request: { verb: 'create', subresource: 'eviction', ...POD } },
  ],
  [
    '2026-03-10T12:00:00Z [CI] pod "web-0" deleted',
    { at: epochMillis(Date.parse('2026-03-10T12:00:00Z')), isWrittenLater: true, request: { verb: 'remove', ...POD } },
  ],
])('a line of kubectl states what it did: %s', (text, stated) => {
  expect(statedBy(text)).toEqual(stated);
  expect(recognize(text)).toMatchObject({ as: 'a line of kubectl' });
});

it('a line with an ID is about the ID, whatever else it says', () => {
  const found = recognize('arn:aws:iam::111122223333:user/alice: pod "web-0" deleted');
  expect(found.outcome === 'subjects' && found.subjects).toMatchObject([{ by: 'person' }]);
});

it.each(['user "alice" not found', 'file.txt not found', 'role "admin" not found in the directory of users "x"'])(
  'an error about something else is no object of Kubernetes: %s',
  (text) => {
    const found = recognize(text);
    expect(found.outcome === 'subjects' && found.as.includes('kubectl')).toBe(text.startsWith('role'));
  },
);

it.each<[string, Circumstances['request']]>([
  ['pod/web-0', { resource: 'pods', name: 'web-0' }],
  ['po web-0', { resource: 'pods', name: 'web-0' }],
  ['pod web-0 -n shop', { resource: 'pods', namespace: 'shop', name: 'web-0' }],
  ['pod "web-0" deleted from shop namespace', { verb: 'remove', resource: 'pods', namespace: 'shop', name: 'web-0' }],
  ['pod "web-0" force deleted', { verb: 'remove', resource: 'pods', name: 'web-0' }],
  ['pod "web-0" deleted in namespace shop', { verb: 'remove', resource: 'pods', namespace: 'shop', name: 'web-0' }],
  ['pod/web-0 evicted', { verb: 'create', resource: 'pods', subresource: 'eviction', name: 'web-0' }],
  ['deployment.apps/web scaled', { verb: 'change', ...WEB }],
  ['deployment.apps/web created', { verb: 'create', ...WEB }],
  ['deployment.apps/web unchanged', { verb: 'GET', ...WEB }],
  ['cm/web patched', { verb: 'patch', resource: 'configmaps', name: 'web' }],
  ['cm/web running', { resource: 'configmaps', name: 'web' }],
  ['shop/web-0', { namespace: 'shop', name: 'web-0' }],
  ['widget.example.com/a', { apiGroup: 'example.com', name: 'a' }],
])('a name of an object states what it says of it: %s', (text, request) => {
  expect(statedBy(text)).toEqual({ request });
});

describe('a path of the API server', () => {
  const PATH = '/api/v1/namespaces/shop/pods/web-0';

  it.each<[string, Circumstances]>([
    [PATH, { request: { uri: PATH } }],
    [`GET ${PATH}`, { request: { verb: 'GET', uri: PATH } }],
    [`delete ${PATH}/`, { request: { verb: 'DELETE', uri: `${PATH}/` } }],
    [
      `list /apis/apps/v1/deployments?limit=500`,
      { request: { verb: 'list', uri: '/apis/apps/v1/deployments?limit=500' } },
    ],
    [`https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com${PATH}`, { request: { uri: PATH } }],
    [
      `GET https://10.0.0.1:443${PATH}?timeout=10s 404 Not Found in 3 milliseconds`,
      { request: { verb: 'GET', uri: `${PATH}?timeout=10s` }, code: 404 },
    ],
    [`"GET ${PATH} HTTP/1.1" 200`, { request: { verb: 'GET', uri: PATH }, code: 200 }],
    ['GET /metrics', { request: { verb: 'GET', uri: '/metrics' } }],
    ['/healthz', { request: { uri: '/healthz' } }],
  ])('%s', (text, stated) => {
    expect(statedBy(text)).toEqual(stated);
  });

  it.each(['/var/log/audit.json', './api/v1', '/etc/passwd', '~/api/v1/x'])('is no path of a file: %s', (text) => {
    expect(recognize(text)).toMatchObject({ outcome: 'elsewhere', as: 'a file path' });
  });
});

describe('a question about whatever was done', () => {
  const from = (time: string) => epochMillis(Date.parse(`2026-03-10T${time}Z`));
  const around = { since: from('02:09:00'), at: from('02:19:00') };

  it.each<[string, Circumstances]>([
    ['what happened around 02:14 on 2026-03-10?', around],
    ['who did what near 02:14 on 2026-03-10', around],
    ['who deleted what at 02:14 on 2026-03-10?', { ...around, request: { verb: 'remove' } }],
    ['what was deleted about 02:14 on 2026-03-10', { ...around, request: { verb: 'remove' } }],
    ['what changed at 02:14 on 2026-03-10', { ...around, request: { verb: 'change' } }],
    ['who read any secrets at 02:14 on 2026-03-10', { ...around, request: { verb: 'GET', resource: 'secrets' } }],
    [
      'who exec’d into anything at 02:14 on 2026-03-10',
      { ...around, request: { resource: 'pods', subresource: 'exec' } },
    ],
    [
      'who deleted anything in namespace shop between 02:00 and 03:00 on 2026-03-10',
      { since: from('02:00:00'), at: from('03:00:00'), request: { verb: 'remove', namespace: 'shop' } },
    ],
    ['what happened on prod at 02:14 on 2026-03-10', { ...around, cluster: 'prod' }],
    ['what happened in cluster prod at 02:14 on 2026-03-10', { ...around, cluster: 'prod' }],
    ['what happened at 02:14', { clock: { ofDay: 8_040_000, isRough: true } }],
    ['who deleted everything in shop', { request: { verb: 'remove', namespace: 'shop' } }],
  ])('states the time and the place, and no object: %s', (text, stated) => {
    expect(statedBy(text)).toEqual(stated);
  });

  it.each(['who deleted what', 'what happened?', 'what did anybody do?'])(
    'is refused if it states neither: %s',
    (text) => {
      expect(recognize(text).outcome).toBe('nothing');
    },
  );
});

it('a command with what it printed below is read by what it printed: the user and the response code', () => {
  const error =
    'Error from server (Forbidden): pods "web-0" is forbidden: User "ana" cannot create resource "pods/exec" in API group "" in the namespace "shop"';
  expect(recognize(`$ kubectl exec -it web-0 -n shop -- bash\n${error}`)).toEqual(recognize(error));
});

describe('a short question', () => {
  const WEB_0 = { resource: 'pods', name: 'web-0' };

  it.each<[string, Circumstances]>([
    ['Who deleted pod web-0?', { request: { verb: 'remove', ...WEB_0 } }],
    [
      'who has deleted the pod web-0 from the shop namespace',
      { request: { verb: 'remove', namespace: 'shop', ...WEB_0 } },
    ],
    ['kubectl delete pod web-0 --namespace=shop', { request: { verb: 'delete', namespace: 'shop', ...WEB_0 } }],
    ['who created web', { request: { verb: 'create', name: 'web' } }],
    [
      'kubectl -n shop scale deploy web --replicas=0',
      { request: { verb: 'change', resource: 'deployments', namespace: 'shop', name: 'web' } },
    ],
    [
      '$ kubectl --context prod delete pod web-0 --force --grace-period=0 -n=shop',
      { request: { verb: 'delete', resource: 'pods', namespace: 'shop', name: 'web-0' } },
    ],
    ['kubectl exec -it web-0 -n shop -- sh -c id', { request: { subresource: 'exec', namespace: 'shop', ...WEB_0 } }],
    ['who scaled deployment.apps/web', { request: { verb: 'change', ...WEB } }],
    [
      'who scaled deployment web down from 3 to 0 in namespace shop?',
      { request: { verb: 'change', resource: 'deployments', namespace: 'shop', name: 'web' } },
    ],
    ['who listed secrets in shop', { request: { verb: 'list', resource: 'secrets', namespace: 'shop' } }],
    ['who deleted jobs.batch', { request: { verb: 'remove', resource: 'jobs', apiGroup: 'batch' } }],
    ['who deleted namespace shop', { request: { verb: 'remove', resource: 'namespaces', name: 'shop' } }],
    ['who execed into pod web-0 on prod', { cluster: 'prod', request: { subresource: 'exec', ...WEB_0 } }],
    ['who execed into pod web-0 in cluster prod', { cluster: 'prod', request: { subresource: 'exec', ...WEB_0 } }],
    [
      'who drained node ip-10-0-0-1.ec2.internal?',
      { request: { verb: 'change', resource: 'nodes', name: 'ip-10-0-0-1.ec2.internal' } },
    ],
    ['who cordoned node a', { request: { verb: 'change', resource: 'nodes', name: 'a' } }],
    [
      'who requested a token for serviceaccount web in shop',
      {
        request: { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
      },
    ],
    [
      'who created token web',
      { request: { verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'web' } },
    ],
    [
      'kubectl create token web -n shop',
      {
        request: { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
      },
    ],
    [
      'who approved csr laptop',
      {
        request: {
          verb: 'change',
          resource: 'certificatesigningrequests',
          subresource: 'approval',
          name: 'laptop',
        },
      },
    ],
    ['who evicted pod web-0', { request: { verb: 'create', subresource: 'eviction', ...WEB_0 } }],
  ])('%s', (text, stated) => {
    expect(statedBy(text)).toEqual(stated);
    expect(recognize(text)).toMatchObject({ outcome: 'elsewhere', as: 'a question about requests' });
  });

  it.each(['who is bob', 'delete bob', 'who deleted everything we had', 'list', 'who', 'who deleted'])(
    'is none: %s',
    (text) => expect(recognize(text).as).not.toBe('a question about requests'),
  );
});

describe('in NAME', () => {
  it.each([
    ['pod web-0 in shop', { resource: 'pods', namespace: 'shop', name: 'web-0' }],
    ['pod/web-0 in shop', { resource: 'pods', namespace: 'shop', name: 'web-0' }],
    ['pod "web-0" deleted in shop', { verb: 'remove', resource: 'pods', namespace: 'shop', name: 'web-0' }],
    ['who scaled pod web-0 to 0 in shop?', { verb: 'change', resource: 'pods', namespace: 'shop', name: 'web-0' }],
    ['who deleted pod web-0 in shop?', { verb: 'remove', resource: 'pods', namespace: 'shop', name: 'web-0' }],
    ['deleted in shop', { verb: 'remove', namespace: 'shop' }],
  ])('is the namespace, and otherwise the cluster: %s', (text, request) => {
    const found = asRequests(recognize(text));
    const { namespace: cluster, ...others } = request;
    expect(found).toMatchObject({ outcome: 'subjects', reading: 'first-known' });
    const readings = found.outcome === 'subjects' ? found.subjects.map(({ circumstances }) => circumstances) : [];
    expect(readings).toMatchObject([{ request }, { cluster, request: others }]);
    expect(readings[1]?.request?.namespace).toBeUndefined();
  });

  it.each(['who deleted pod web-0 in namespace shop', 'pod/web-0 -n shop'])('has one reading in %s', (text) => {
    expect(asRequests(recognize(text))).toMatchObject({ reading: 'each', subjects: [{ by: 'request' }] });
  });
});

describe('a token', () => {
  const encoded = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const JTI = 'caa6cf89-f72f-4727-acd8-6da810ec4506';
  const JWT = `${encoded('{"alg":"RS256"}')}.${encoded(JSON.stringify({ jti: JTI, sub: 'x' }))}.${'c2ln'.repeat(20)}`;
  const URL = 'https://sts.eu-west-1.amazonaws.com/?X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20260310%2Feu-west-1';
  const OF_AWS = `k8s-aws-v1.${encoded(URL)}`;
  const KEY = { by: 'caller', question: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } };
  const REQUEST = { by: 'request', circumstances: { credentialId: `JTI=${JTI}` } };

  it.each(['what was done with the token JTI=ID?', 'who used token JTI=ID', 'who requested the token JTI=ID?'])(
    'is meant by a question that has its ID: %s',
    (text) => expect(recognize(text.replace('ID', JTI))).toEqual(recognize(`JTI=${JTI}`)),
  );

  it.each([
    ['alone', JWT, REQUEST],
    ['in a kubeconfig', `users:\n- name: a\n  user:\n    token: ${JWT}`, REQUEST],
    ['in a TokenRequest', JSON.stringify({ kind: 'TokenRequest', status: { token: JWT } }), REQUEST],
    ['of aws eks get-token', JSON.stringify({ kind: 'ExecCredential', status: { token: OF_AWS } }), KEY],
    ['of aws eks get-token alone', OF_AWS, KEY],
  ])('leads to its ID or access key, and is not repeated: %s', (_, text, subject) => {
    const found = recognize(text);
    expect(found).toMatchObject({
      outcome: 'subjects',
      subjects: [subject],
      notes: [expect.stringContaining('a token')],
    });
    expect(JSON.stringify(found)).not.toMatch(/eyJ|k8s-aws-v1/);
  });

  it.each([
    [
      'a refused request',
      `pods is forbidden: User "bob" cannot list resource "pods" in API group "" token: ${JWT}`,
      'username',
    ],
    ['an ID', `AROAIOSFODNN7EXAMPLE:bob token: ${JWT}`, 'caller'],
  ])('does not count beside anything else: %s', (_, text, by) => {
    expect(recognize(text)).toMatchObject({ outcome: 'subjects', subjects: [{ by }] });
  });

  it('without a readable ID leads to nothing', () => {
    expect(recognize(`token: eyJhbGciOi.eyJhbGciOi.${'c2ln'.repeat(20)}`).outcome).toBe('nothing');
  });
});

describe('a sentence of no known form', () => {
  const at = epochMillis(Date.parse('2026-03-10T08:40:00Z'));
  const minutes = (count: number) => epochMillis(at + count * 60_000);

  it.each<[string, Circumstances]>([
    [
      'audit says user legacy-ops at 2026-03-10T08:40:00Z from 203.0.113.7',
      { at, sourceIps: ['203.0.113.7'], names: ['legacy-ops'] },
    ],
    ['who was 203.0.113.7 at 08:40 on 2026-03-10', { since: minutes(-5), at: minutes(5), sourceIps: ['203.0.113.7'] }],
    [
      'who was 203.0.113.7 around 08:40 UTC (10 March)',
      { clock: { ofDay: 31_200_000, monthAndDay: '03-10', isRough: true }, sourceIps: ['203.0.113.7'] },
    ],
    ['who was 203.0.113.7 at 8:40 or 08:40 PM', { sourceIps: ['203.0.113.7'], unusedTimes: ['at 8:40', '08:40 PM'] }],
    [
      'who scaled deployment/web in pay-prod (ns shop) to 0',
      {
        names: ['pay-prod'],
        request: { verb: 'change', resource: 'deployments', name: 'web', namespace: 'shop' },
      },
    ],
    ['who ran exec in pod web-0', { request: { resource: 'pods', subresource: 'exec', name: 'web-0' } }],
    ['who uses role orders-admin', { names: ['orders-admin'] }],
    ['who used the credentials of node i-0a1b2c3d4e5f60718 with kubectl?', { names: ['i-0a1b2c3d4e5f60718'] }],
    ['which secrets did alice read', { names: ['alice'], request: { verb: 'GET', resource: 'secrets' } }],
    ['what did ana.silva do in namespace shop', { names: ['ana.silva'], request: { namespace: 'shop' } }],
    ['what did ana.silva do in shop', { names: ['ana.silva'], request: { namespace: 'shop' } }],
    ['deleted in shop', { request: { verb: 'remove', namespace: 'shop' } }],
    ['somebody deleted pods in shop', { request: { verb: 'remove', resource: 'pods', namespace: 'shop' } }],
    ['a user deleted pod web-0', { request: { verb: 'remove', resource: 'pods', name: 'web-0' } }],
    ['the session deleted at night Pod web-0', { request: { verb: 'remove', resource: 'pods', name: 'web-0' } }],
    ['saw pod web-0 in shop', { request: { resource: 'pods', name: 'web-0', namespace: 'shop' } }],
    ['who ran exec in web-0', { names: ['web-0'], request: { resource: 'pods', subresource: 'exec' } }],
    [
      'look at what happened in shop on 2026-03-10T08:40Z',
      { since: minutes(-5), at: minutes(5), request: { namespace: 'shop' } },
    ],
    ['did they read secrets or delete secrets near web-0', { names: ['web-0'], request: { resource: 'secrets' } }],
  ])('states what its known words say: %s', (text, stated) => {
    expect(statedBy(text)).toEqual({ ...stated, isPartlyRead: true });
    expect(recognize(text)).toMatchObject({ as: 'some words of a text' });
  });

  it('has the object of a session, although the session stands between its label and what was done', () => {
    const text = `For cluster prod: user ${SESSION_ARN} created ClusterRoleBinding debug-admin from source IP 203.0.113.7`;
    const request = { verb: 'create', resource: 'clusterrolebindings', name: 'debug-admin' };
    expect(recognize(text)).toMatchObject({
      subjects: [{ by: 'session', circumstances: { cluster: 'prod', request, sourceIps: ['203.0.113.7'] } }],
    });
  });

  it('has no name in the state of an alert', () => {
    const found = recognize('[FIRING:1] somebody deleted pod web-0 in namespace shop');
    expect(found).toMatchObject({ request: { request: { name: 'web-0', namespace: 'shop' } } });
    expect(found).not.toHaveProperty('request.names');
  });

  it.each<[string, Circumstances]>([
    ['who deleted pod web-0 at 09:40 CET', { clock: { ofDay: 31_200_000, isRough: true } }],
    ['who deleted pod web-0 at 2026-03-10 09:40+01:00', { since: minutes(-5), at: minutes(5) }],
    ['who deleted pod web-0 at 2026-03-10T08:40:00Z?', { at }],
    ['who deleted pod web-0 at 19:40 PST on 2026-03-09', { since: minutes(-305), at: minutes(-295) }],
    ['who deleted pod web-0 between 08:40 and 09:40', { clock: { ofDay: 31_200_000, lasts: 3_600_000 } }],
    ['who deleted pod web-0 09:40-10:40 CET', { clock: { ofDay: 31_200_000, lasts: 3_600_000 } }],
    ['who deleted pod web-0 from 08:40 to 09:40 on 2026-03-10', { since: at, at: minutes(60) }],
    ['who deleted pod web-0 after 08:40', { clock: { ofDay: 31_200_000, lasts: 55_199_000 } }],
    ['who deleted pod web-0 before 08:40', { clock: { ofDay: 0, lasts: 31_200_000 } }],
    ['who deleted pod web-0 since 2026-03-10T08:40:00Z', { since: at }],
    ['who deleted pod web-0 before 2026-03-10T08:40:00Z', { at, isWrittenLater: true }],
    ['who deleted pod web-0 on 2026-03-10', { since: minutes(-520), at: epochMillis(minutes(920) - 1_000) }],
  ])('is a question with a time: %s', (text, time) => {
    expect(recognize(text)).toMatchObject({ as: 'a question about requests' });
    expect(statedBy(text)).toEqual({ request: { verb: 'remove', resource: 'pods', name: 'web-0' }, ...time });
  });

  it.each([
    ['who deleted pod web-0 at 08:40 IST', 'IST is the name of several time zones'],
    ['who deleted pod web-0 at 8:40 PM', 'The time was not used: 8:40 PM.'],
    ['who deleted pod web-0 at 08:40 or at 09:40', 'several times, so none was used: at 08:40, at 09:40.'],
    ['who deleted pod web-0 yesterday', 'The time was not used: yesterday.'],
  ])('says that its time was not used, if it is not clear: %s', (text, why) => {
    const { at: _at, since, clock, ...others } = statedBy(text);
    expect([_at, since, clock, others.request?.name]).toEqual([undefined, undefined, undefined, 'web-0']);
    expect(recognize(text)).toMatchObject({ notes: expect.arrayContaining([expect.stringContaining(why)]) });
  });

  it.each(['node i-0a1b2c3d4e5f60718', 'node/i-0a1b2c3d4e5f60718', 'who used node i-0a1b2c3d4e5f60718?'])(
    'is about the session of the instance, which has its ID as its name: %s',
    (text) => expect(recognize(text)).toEqual(recognize('i-0a1b2c3d4e5f60718')),
  );

  it('says which words were used, and which were not', () => {
    expect(recognize('please say who broke pod web-0')).toMatchObject({
      notes: ['Searched for: pod web-0 (object).', 'Words that were not used: please, say, who, broke.'],
    });
    expect(recognize('ana created or deleted pod web-0 in shop at 12:10')).toMatchObject({
      notes: [
        'Searched for: pod web-0 (object), shop (namespace), at 12:10 (time).',
        'Words that were not used: ana, created, or, deleted.',
      ],
    });
    expect(recognize('arn:aws:sts::111122223333:assumed-role/r/s deleted pod web-0 and ana-x saw it')).toMatchObject({
      notes: expect.arrayContaining(['The text states the session, so these names were not compared: ana-x.']),
    });
  });

  it('is not about the senders of a mail, nor about what is no object of Kubernetes', () => {
    const body =
      'our logs show 203.0.113.7 at the public endpoint of the EKS cluster prod-1 between 08:40 and 09:40 UTC';
    const subject = 'unknown job at the prod-1 API endpoint';
    const stated = statedBy(`${subject}\n\n${body}`);
    expect(stated).toEqual({
      sourceIps: ['203.0.113.7'],
      cluster: 'prod-1',
      clock: { ofDay: 31_200_000, lasts: 3_600_000 },
      isPartlyRead: true,
    });
    for (const [before, after] of [
      ['', ''],
      ['> ', ''],
      ['-----Original Message-----\n', '\nMessage-ID:\n <a1@corp.example>'],
    ]) {
      const mail = `${before}From: Ops <ops@corp.example>\nTo: soc@corp.example\nDate: Tue, 24 Nov 2026 10:41:20 +0100\nSubject: ${subject}${after}\n\n${body}`;
      expect(statedBy(mail)).toEqual(stated);
      expect(recognize(mail)).toMatchObject({
        notes: expect.arrayContaining([
          expect.stringContaining('Words that were not used: '),
          expect.stringContaining('The headers of the mail were not used: From, To, Date'),
        ]),
      });
    }
  });

  it('is about the senders of a mail that has nothing else', () => {
    expect(recognize('From: a@corp.example\nTo: b@corp.example\n\nhello')).toMatchObject({ as: '2 email addresses' });
  });

  it('is refused if its known words select no requests, and the refusal repeats them', () => {
    expect(recognize('who deleted everything on Monday')).toMatchObject({
      outcome: 'nothing',
      notes: [
        'Words that were recognized: deleted (verb). They do not select any requests. Add an object, a name or a source IP.',
      ],
    });
  });

  it.each(['user=root container.id=abc proc.name=sh web-0', '{"note": "web-0"}', 'arn:aws:s3:::web-0 was read'])(
    'is no text of a program: %s',
    (text) => expect(recognize(text).outcome).toBe('nothing'),
  );
});

describe('an event of Kubernetes', () => {
  const since = (time: string) => ({ since: Date.parse(time) - 300_000 });
  const at = Date.parse('2026-03-10T12:00:00Z');

  it.each<[string, object, object]>([
    [
      'v1',
      {
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-0' },
        ...{ firstTimestamp: '2026-03-10T11:00:00Z', lastTimestamp: '2026-03-10T12:00:00Z', reason: 'Killing' },
      },
      {
        at,
        ...since('2026-03-10T11:00:00Z'),
        ...{ finding: 'Killing', request: { resource: 'pods', namespace: 'shop', name: 'web-0' } },
      },
    ],
    [
      'events.k8s.io/v1',
      {
        regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
        ...{ eventTime: '2026-03-10T11:00:00.123456Z', series: { count: 3, lastObservedTime: '2026-03-10T12:00:00Z' } },
      },
      { at, ...{ since: Date.parse('2026-03-10T10:55:00Z') + 123.456, request: { ...WEB, namespace: 'shop' } } },
    ],
    [
      'v1',
      { involvedObject: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'a' } },
      { request: { apiGroup: 'example.com', name: 'a' } },
    ],
  ])('of %s states the object, and a time range that begins before it', (apiVersion, event, stated) => {
    expect(statedBy(JSON.stringify({ apiVersion, kind: 'Event', ...event }))).toEqual(stated);
  });

  const YAML = `apiVersion: v1
count: 1
involvedObject:
  apiVersion: v1
  fieldPath: spec.containers{web}
  kind: Pod
  name: web-0
  namespace: "shop"
  uid: 0c9a2b7e-5a1f-4f3d-9c59-1e2d3c4b5a69
kind: Event
lastTimestamp: "2026-03-10T12:00:00Z"
message: |-
  involvedObject:
    name: other
metadata:
  creationTimestamp: '2026-03-10T11:00:00Z'
reason: Killing`;
  const IN_YAML = {
    at,
    ...since('2026-03-10T11:00:00Z'),
    ...{ finding: 'Killing', request: { resource: 'pods', namespace: 'shop', name: 'web-0' } },
  };

  it.each([
    ['alone', YAML],
    ['in a code block', `\`\`\`yaml\n${YAML}\n\`\`\``],
    [
      'in a list',
      `apiVersion: v1\nitems:\n- ${YAML.replaceAll('\n', '\n  ')}\nkind: List\nmetadata:\n  resourceVersion: ""`,
    ],
    ['after ---', `---\n${YAML}\n---\n`],
  ])('as YAML states the same: %s', (_, text) => {
    expect(statedBy(text)).toEqual(IN_YAML);
  });

  it('as YAML that states a field twice counts for nothing, and the uid of its object is no audit ID', () => {
    expect(recognize(`${YAML}\ninvolvedObject:\n  name: web-1`).outcome).toBe('nothing');
  });

  it('has a message that anybody can have written, which is not read', () => {
    const message = 'pods is forbidden: User "alice" cannot list resource "pods" in API group "" at the cluster scope';
    const event = { apiVersion: 'v1', kind: 'Event', message, involvedObject: { kind: 'Pod', name: 'web-0' } };
    expect(statedBy(JSON.stringify(event))).toEqual({ request: { resource: 'pods', name: 'web-0' } });
    expect(recognize(JSON.stringify({ ...event, involvedObject: {} })).outcome).toBe('nothing');
  });
});

describe('an object of Kubernetes, as kubectl prints it', () => {
  const UID = '4b1f2d3c-1111-4222-8333-444455556666';
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { creationTimestamp: '2026-03-10T12:10:00Z', name: 'ops-admin', uid: UID },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'mallory' }],
  };
  const YAML = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"annotations":{},"name":"other"}}
  creationTimestamp: "2026-03-10T12:10:00Z"
  name: ops-admin
  ownerReferences:
  - apiVersion: v1
    name: owner
    uid: ${UID.replace('4b', '5c')}
  uid: ${UID}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: mallory`;
  const stated = {
    since: epochMillis(Date.parse('2026-03-10T12:09:00Z')),
    request: {
      verb: 'write',
      apiGroup: 'rbac.authorization.k8s.io',
      resource: 'clusterrolebindings',
      name: 'ops-admin',
    },
  };
  const inList = (text: string) => `apiVersion: v1\nitems:\n- ${text.replaceAll('\n', '\n  ')}\nkind: List\n`;

  it.each([
    ['YAML', YAML],
    ['YAML in a code block', `\`\`\`yaml\n${YAML}\n\`\`\``],
    ['YAML in a list', inList(YAML)],
    ['JSON', JSON.stringify(binding, undefined, 4)],
    ['JSON in a list', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [binding] })],
  ])('states the requests that created or changed it, and not those to whom it gives something: %s', (_, text) => {
    expect(statedBy(text)).toEqual(stated);
    expect(recognize(text)).toMatchObject({ as: 'an object of Kubernetes' });
  });

  it('has its namespace, and a custom resource its group and name', () => {
    const metadata = { name: 'web', namespace: 'shop' };
    expect(statedBy(JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata }))).toEqual({
      request: { verb: 'write', apiGroup: 'apps', resource: 'deployments', ...metadata },
    });
    expect(statedBy('apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w-1\n  namespace: shop')).toEqual({
      request: { verb: 'write', apiGroup: 'example.com', name: 'w-1', namespace: 'shop' },
    });
  });

  it('has a uid, which is no audit ID even if the rest is lost', () => {
    expect(recognize(`metadata:\n  uid: ${UID}`).outcome).not.toBe('subjects');
    expect(recognize(`uid: ${UID}`).outcome).not.toBe('subjects');
  });
});

const BLOCKED = "was blocked due to the following policies \n\nbind:\n  no-view: 'validation error'";

it.each<[string, Circumstances]>([
  [
    `Error from server: error when creating "a.yaml": admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource ClusterRoleBinding//view ${BLOCKED}`,
    { request: { resource: 'clusterrolebindings', name: 'view' } },
  ],
  [`resource Deployment/shop/web ${BLOCKED}`, { request: { resource: 'deployments', namespace: 'shop', name: 'web' } }],
  [
    'Error from server (Forbidden): error when creating "a.yaml": admission webhook "validation.gatekeeper.sh" denied the request: [owner] you must provide labels: {"owner"}',
    { code: 403, request: { verb: 'create' } },
  ],
])('the denial of an admission webhook states what it says of the request: %s', (text, stated) => {
  expect(statedBy(text)).toEqual(stated);
  expect(recognize(text)).toMatchObject({ as: 'an error of kubectl or the API server' });
});

it.each([
  'error: You must be logged in to the server (Unauthorized)',
  'Unauthorized',
  'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
  '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
])('credentials that were not accepted state the response code alone: %s', (text) => {
  expect(statedBy(text)).toEqual({ code: 401 });
});

it.each<[string, string, Circumstances['request']]>([
  [
    'pods with their nodes',
    'NAME    READY   STATUS    RESTARTS      AGE   IP          NODE\nweb-0   1/1     Running   2 (3h ago)    12h   10.8.1.44   ip-10-8-1-9.ec2.internal',
    { resource: 'pods', name: 'web-0' },
  ],
  [
    'pods of all namespaces, after the command',
    '$ kubectl get pods -A\nNAMESPACE   NAME    READY   STATUS    RESTARTS   AGE\nshop        web-0   1/1     Running   0          12h\n\n$ ',
    { resource: 'pods', namespace: 'shop', name: 'web-0' },
  ],
  [
    'a row of pods alone',
    'shop   web-0   0/1   CrashLoopBackOff   2 (3h ago)   12h',
    { resource: 'pods', namespace: 'shop', name: 'web-0' },
  ],
  ['secrets', 'NAME   TYPE     DATA   AGE\ndb     Opaque   3      91d', { resource: 'secrets', name: 'db' }],
  [
    'deployments',
    'NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    3/3     3            3           91d',
    { resource: 'deployments', name: 'web' },
  ],
  [
    'with the type',
    'NAME        READY   STATUS    RESTARTS   AGE\npod/web-0   1/1     Running   0          12h',
    { resource: 'pods', name: 'web-0' },
  ],
  ['of a custom resource', 'NAME   PHASE   AGE\nweb    Ready   91d', { name: 'web' }],
  [
    'an object with all of its details',
    'Name:         web-0\nNamespace:    shop\nLabels:       app=web\nAnnotations:  by: arn:aws:iam::111122223333:user/alice\nEvents:\n  Warning  Failed  4m  kubelet  Error: secret "db" not found',
    { namespace: 'shop', name: 'web-0' },
  ],
])('output of kubectl is about the object that it shows: %s', (_, text, request) => {
  expect(statedBy(text)).toEqual({ request });
});

it('events of kubectl describe without their object are refused, with what to give', () => {
  const row = '  Normal  ScalingReplicaSet  5m  deployment-controller  Scaled down replica set web-7d9c to 0 from 3';
  expect(recognize(`Events:\n${row}`)).toMatchObject({
    outcome: 'nothing',
    notes: [expect.stringContaining('do not state their object')],
  });
});

it('a message of Datadog is read by its words, its tag of the cluster and its date', () => {
  const text =
    '[Triggered on {host:i-0fe12ab34cd56ef78}] [Cloud SIEM] kubectl with node credentials\n' +
    'A request to list pods was made by system:node:ip-10-0-3-17.ec2.internal from IP 203.0.113.7\n' +
    'Event time: Tue, 10 Mar 2026 12:47:09 UTC\nkube_cluster_name:prod';
  expect(statedBy(text)).toMatchObject({
    at: epochMillis(Date.parse('2026-03-10T12:47:09Z')),
    cluster: 'prod',
    sourceIps: ['203.0.113.7'],
    names: ['system:node:ip-10-0-3-17.ec2.internal'],
  });
});

it('each row of kubectl get is looked up', () => {
  const rows =
    'NAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   0          12h\nweb-1   1/1     Running   0          12h';
  expect(recognize(rows)).toMatchObject({ as: '2 lines of kubectl', reading: 'each' });
});

it.each([
  '4m12s       Normal    Killing            pod/web-0            Stopping container api',
  'shop   4m12s   Warning   BackOff   pod/web-0   User "alice" cannot delete resource "secrets"',
])('a row of kubectl get events is about its object, and nothing of its message: %s', (row) => {
  const found = recognize(row);
  expect(found).toMatchObject({ as: 'an event of Kubernetes', subjects: [{ by: 'request' }] });
  expect(found.outcome === 'subjects' && found.subjects[0]?.circumstances.request).toMatchObject({
    resource: 'pods',
    name: 'web-0',
  });
});

it.each<[string, Circumstances]>([
  [
    '2026-03-10T12:00:00Z   Warning   BackOff   pod/web-0   Back-off',
    { at: epochMillis(Date.parse('2026-03-10T12:00:00Z')), since: epochMillis(Date.parse('2026-03-10T11:55:00Z')) },
  ],
  ['5m (x3 over 10m)   Warning   BackOff   pod/web-0', {}],
])('a row of kubectl get events can state a time: %s', (row, stated) => {
  expect(statedBy(row)).toEqual({ ...stated, finding: 'BackOff', request: { resource: 'pods', name: 'web-0' } });
});

it('a row of kubectl get events can state a namespace', () => {
  expect(statedBy('shop   5m   Warning   BackOff   pod/web-0   Back-off').request?.namespace).toBe('shop');
});

it.each([
  ['who used 203.0.113.7?', '203.0.113.7'],
  ['who is behind ASIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'],
  ['what did alice@example.com do?', 'alice@example.com'],
])('a question about somebody or something alone is about that: %s', (question, what) => {
  expect(recognize(question)).toEqual(recognize(what));
});
