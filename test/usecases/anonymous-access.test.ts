import { expect, it } from 'vitest';
import { alertSubject, alertText } from '../../lib/adapters/alerts/alert-text.ts';
import { ANONYMOUS, parseRecording } from '../../lib/audit/recording.ts';
import { DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

const NOBODY = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const ALLOWED = { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' };
const FORBIDDEN = { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' };
const SECRETS = { resource: 'secrets', apiVersion: 'v1' };

function request(uri: string, fields: JsonObject = {}): JsonObject {
  return auditEvent({
    user: NOBODY,
    verb: 'get',
    requestURI: uri,
    objectRef: undefined,
    responseStatus: { metadata: {}, code: 200 },
    annotations: ALLOWED,
    sourceIPs: ['203.0.113.9'],
    ...fields,
  });
}

const listed = (fields: JsonObject = {}) => request('/api/v1/secrets', { verb: 'list', objectRef: SECRETS, ...fields });

const flagsOf = (event: JsonObject) => recordOf({ event }).attribution.flags;

it.each<[string, JsonObject]>([
  ['lists secrets', listed()],
  ['gets all that there is at the root', request('/')],
  ['reads metrics', request('/metrics')],
  [
    'opens a shell',
    request('/api/v1/namespaces/a/pods/b/exec', { objectRef: { resource: 'pods' }, responseStatus: { code: 101 } }),
  ],
  [
    'watches, and has not been answered yet',
    listed({ verb: 'watch', stage: 'ResponseStarted', responseStatus: undefined }),
  ],
  [
    'reaches a service by the proxy, which answers as it likes',
    request('/api/v1/namespaces/a/services/b:80/proxy/delete-all', {
      verb: 'create',
      objectRef: { resource: 'services', subresource: 'proxy', namespace: 'a', name: 'b:80' },
      responseStatus: { metadata: {}, code: 403 },
    }),
  ],
  ['is redirected', request('/ui', { responseStatus: { code: 301 } })],
  ['posts where others read', request('/healthz', { verb: 'post' })],
  ['hides behind a harmless path', request('/healthz/../api/v1/secrets')],
  ['asks for a resource whose reference the event lacks', request('/api/v1/secrets')],
  ['acts as somebody', request('/version', { impersonatedUser: { username: 'carol' } })],
  ['states no path', request('', { requestURI: undefined })],
])('an anonymous caller that %s was let in', (_, event) => {
  expect(recordOf({ event }).attribution.status).toBe('system');
  expect(flagsOf(event)).toContain('anonymous-access');
});

it.each([
  '/healthz',
  '/healthz/etcd',
  '/livez?verbose',
  '/readyz/',
  '/readyz?exclude=etcd&timeout=1s',
  '/version',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/openapi/v2',
  '/openapi/v3/apis/apps/v1',
  '/swagger.json',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
])('%s is open to everybody', (uri) => {
  expect(flagsOf(request(uri))).toEqual([]);
  expect(flagsOf(request(uri, { verb: 'head' }))).toEqual([]);
});

it.each<[string, JsonObject]>([
  ['that was forbidden', listed({ responseStatus: { code: 403 } })],
  ['that was not authenticated', listed({ user: {}, responseStatus: { code: 401 } })],
  ['that found nothing', listed({ responseStatus: { code: 404 } })],
  ['that failed', listed({ responseStatus: { code: 500 } })],
  ['of a known caller', listed({ user: { username: 'system:admin' } })],
])('a request %s is recorded, and not flagged', (_, event) => {
  expect(flagsOf(event)).toEqual([]);
});

function running(options: Options = {}): Service {
  const clock = new SetClock(utc('13:00:00'));
  return new Service(memoryStores(calmWorld(clock.now)), clock, options);
}

const numbered = (count: number, of: (at: number) => JsonObject) =>
  Array.from({ length: count }, (_, at) => ({ ...of(at), auditID: `scan-${at}` }));

it('a scan of 1,000 requests is one alert, with what was done and from where', async () => {
  const service = running({ alertWindow: 15 * MINUTE });
  await service.ingest(numbered(1_000, (at) => (at % 2 === 0 ? listed() : listed({ responseStatus: { code: 403 } }))));
  await service.settleFor(20);
  expect(service.outbox.alerts).toHaveLength(1);
  const [alert] = service.outbox.alerts;
  if (alert === undefined) throw new Error('no alert');
  expect(alert).toMatchObject({ kind: 'alert', causes: ['anonymous-access'], addresses: ['203.0.113.9'], count: 500 });
  expect(alert.query).toMatch(/ records .*--flag 'anonymous-access' --cluster 'prod-1' --ip '203\.0\.113\.9' --from /);
  expect(alertSubject(alert)).toBe('eks-whois: anonymous-access: system:anonymous');
  expect(alertText(alert)).toContain('Source IPs: "203.0.113.9"');
  expect(alertText(alert)).toContain('Next: Remove the access: find the binding to system:anonymous');
});

it('requests from another source IP, or on another day, raise a new alert; many IPs at once raise one alert and one digest', async () => {
  const service = running({ alertWindow: 15 * MINUTE });
  await service.ingest(numbered(300, (at) => listed({ sourceIPs: ['10.9.9.9', `198.51.100.${at % 100}`] })));
  await service.settleFor(40);
  expect(service.outbox.alerts).toHaveLength(1);
  expect(service.outbox.digests).toHaveLength(1);
  const [digest] = service.outbox.digests;
  expect(digest?.groups).toMatchObject([{ causes: ['anonymous-access'], cluster: 'prod-1', sessions: 99 }]);
  expect(digest?.groups[0]?.queries).toEqual([
    expect.stringMatching(
      /^AWS_REGION=eu-west-1 eks-whois records .*--flag 'anonymous-access' --cluster 'prod-1' --from /,
    ),
  ]);
  service.clock.pass(60 * MINUTE);
  await service.ingest([listed({ auditID: 'next', requestReceivedTimestamp: '2026-04-02T12:00:00.000000Z' })], 'd2');
  await service.settleFor(5);
  expect(service.outbox.alerts).toHaveLength(2);
});

it('two clusters that one source IP got into have an alert each', async () => {
  const service = running();
  for (const cluster of ['prod-1', 'prod-2'])
    await service.ingestPayload(
      {
        messageType: 'DATA_MESSAGE',
        logGroup: `/aws/eks/${cluster}/cluster`,
        logStream: 'kube-apiserver-audit-1',
        logEvents: [{ message: JSON.stringify(listed({ auditID: cluster })) }],
      },
      cluster,
    );
  await service.settleFor(5);
  expect(service.outbox.alerts.map(({ clusters, count }) => [clusters, count]).toSorted()).toEqual([
    [['prod-1'], 1],
    [['prod-2'], 1],
  ]);
});

it('a denied request is recorded, and opens no claim', async () => {
  const service = running();
  await service.ingest([listed({ auditID: 'denied', responseStatus: { code: 403 } })]);
  expect(await service.only('denied')).toMatchObject({
    attribution: { status: 'system', flags: [] },
    response: { code: 403 },
  });
  expect((await service.settle()).settled).toBe(0);
  expect(service.outbox.alerts).toEqual([]);
});

it('a record that settle decides again keeps its flag; replayed, or with the cause switched off, it raises no alert', async () => {
  const reported = running();
  await reported.ingest([listed({ auditID: 'read' })]);
  await reported.settleFor(5);
  expect(await reported.only('read')).toMatchObject({ attribution: { status: 'system', flags: ['anonymous-access'] } });
  const off = running({ alertOn: DEFAULT_ALERT_CAUSES.filter((cause) => cause !== 'anonymous-access') });
  await off.ingest([listed()]);
  const replayed = running();
  await replayed.ingest([listed()], 'd', false);
  for (const silent of [off, replayed]) {
    await silent.settleFor(5);
    expect(silent.outbox.alerts).toEqual([]);
  }
});

it('allowed health probes are left out and counted, by configuration also refused requests; the alert is sent all the same', async () => {
  const probe = (fields: JsonObject = {}) => request('/livez?verbose', { ...fields });
  const events = [
    probe(),
    request('/readyz/etcd', { verb: 'head' }),
    probe({ responseStatus: { code: 500 } }),
    probe({ annotations: undefined }),
    probe({ user: { username: 'system:admin' } }),
    probe({ impersonatedUser: { username: 'carol' } }),
    request('/version'),
    listed({ responseStatus: { code: 403 }, annotations: FORBIDDEN }),
    listed({ user: {}, responseStatus: { code: 401 }, annotations: undefined }),
    listed({ responseStatus: { code: 403 } }), // another server refused it
    listed({ responseStatus: { code: 404 } }),
    listed(),
  ];
  const [left, alerts] = [[] as number[], [] as number[]];
  for (const anonymous of ANONYMOUS) {
    const service = running({ recording: parseRecording('all', anonymous) });
    const { recorded, omitted } = await service.ingest(events.map((event, at) => ({ ...event, auditID: `e-${at}` })));
    expect(recorded + omitted).toBe(events.length);
    await service.settleFor(5);
    left.push(service.outbox.sum('EventsOmitted'));
    alerts.push(service.outbox.alerts.length);
  }
  expect(left).toEqual([4, 2, 0]);
  expect(alerts).toEqual([1, 1, 1]);
});
