import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newDay } from '../../bench/world/day.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { LoggedEvent } from '../../lib/audit/logged-event.ts';
import { type Unwrapping, unwrap } from '../../lib/envelopes/unwrap.ts';
import { readPayload } from '../../lib/fast/payload-text.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/thoroughness.ts';
import { CORPORA, recordsIn } from '../infra/corpus.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { mutated } from './mutations.ts';

/** What becomes of each piece of a payload with this text, in order. */
function pieces(text: string, fast: Pick<Unwrapping, 'readPayload'>): string[] {
  const all: string[] = [];
  const told = (...what: unknown[]) => all.push(JSON.stringify(what));
  unwrap({ awslogs: { data: '' } }, () => 'here', {
    audit: (value, cluster) => told('event', parseAuditEvent(value), cluster),
    auditEvent: (event, cluster) => told('event', event, cluster),
    trail: (record, place) => told('trail', record, place()),
    ignored: (what) => told('ignored', what),
    reject: (reason, place, sample) => told('rejected', reason, place(), sample),
    inflate: () => ({ ok: true, text }),
    ...fast,
  });
  return all;
}

/** How many entries were read where they lie; what became of each is what becomes of it in the plain way. */
function taken(text: string): number {
  expect(pieces(text, { readPayload }), text).toEqual(pieces(text, {}));
  const entries = readPayload(text)?.logEvents;
  return Array.isArray(entries) ? entries.filter((entry) => entry instanceof LoggedEvent).length : -1;
}

const HEAD = {
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/aws/eks/prod-1/cluster',
  logStream: 'kube-apiserver-audit-5ad7e6c1f1e4b7b7bd37e5c0a1b2c3d4',
  subscriptionFilters: ['eks-whois'],
};

function payload(messages: readonly string[], head: JsonObject = HEAD): string {
  const logEvents = messages.map((message, at) => ({
    id: String(at).padStart(56, '3'),
    timestamp: 1773100800000,
    message,
  }));
  return JSON.stringify({ ...head, logEvents });
}

/** The members in the order in which an API server writes them. */
function asWritten(event: JsonObject): string {
  const { kind, apiVersion, level, auditID, stage, requestURI, verb, user, impersonatedUser, sourceIPs, ...rest } =
    event;
  const { userAgent, objectRef, responseStatus, requestObject, responseObject, ...times } = rest;
  const { requestReceivedTimestamp, stageTimestamp, annotations, ...others } = times;
  const first = { kind, apiVersion, level, auditID, stage, requestURI, verb, user, impersonatedUser, sourceIPs };
  const bodies = { requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, annotations };
  return JSON.stringify({ ...first, userAgent, objectRef, responseStatus, ...bodies, ...others });
}

const EVENT = asWritten(
  auditEvent({
    objectRef: {
      resource: 'deployments',
      namespace: 'shop',
      name: 'web',
      uid: 'u-1',
      apiGroup: 'apps',
      apiVersion: 'v1',
      resourceVersion: '7',
      subresource: 'scale',
    },
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: by "x/y"' },
  }),
);
const changed = (from: string | RegExp, to: string) => EVENT.replace(from, () => to);
const NODE = asWritten(auditEvent({ user: { username: 'system:node:ip-192-0-2-1', groups: ['system:nodes'] } }));

describe('a payload read where it lies', () => {
  it.each([
    ['all that an event has', EVENT],
    ['of a node', NODE],
    ['of nobody', asWritten(auditEvent({ user: {} }))],
    [
      'without an object, and without a status',
      asWritten(auditEvent({ objectRef: undefined, responseStatus: undefined })),
    ],
    [
      'refused',
      changed(
        /"responseStatus":\{[^}]*\},"code":200\}/,
        '"responseStatus":{"metadata":{},"status":"Failure","message":"no \\"x\\"","details":{"name":"web"},"code":403}',
      ),
    ],
    ['with a code that is none', changed('"code":200', '"code":99999999999')],
    [
      'with the escapes that Go writes',
      changed('/pods/web-0', '/pods?limit=5\\u0026labelSelector=app%3D\\u003cx\\u003e'),
    ],
    ['with escapes in a name', changed('"name":"web"', '"name":"w\\\\e\\"b\\n\\u00e9"')],
    [
      'with texts that are empty',
      changed('"verb":"delete"', '"verb":""').replace('"apiGroup":"apps"', '"apiGroup":""'),
    ],
    ['with several addresses', changed('["198.51.100.7"]', '["192.0.2.1","198.51.100.7",7,null]')],
    ['with an escape for half a letter', changed('"name":"web"', '"name":"\\ud83d"')],
    ['with a line separator', changed('"name":"web"', '"name":"w\u2028b"')],
    ['with letters of any alphabet', changed('"name":"web"', '"name":"日本é"')],
    [
      'that issued a token',
      changed('"authorization.k8s.io/decision"', '"authentication.kubernetes.io/issued-credential-id":"JTI=1","a"'),
    ],
    ['at no time', changed(/"requestReceivedTimestamp":"[^"]*"/, '"requestReceivedTimestamp":"yesterday"')],
  ])('takes an event %s', (_, message) => {
    expect(taken(payload([message, NODE, message]))).toBe(3);
  });

  it.each([
    ['somebody impersonated', changed(',"sourceIPs"', ',"impersonatedUser":{"username":"bob"},"sourceIPs"')],
    ['a body', changed(',"requestReceived', ',"responseObject":{"metadata":{}},"requestReceived')],
    ['a member twice', changed('"verb"', '"verb":"get","verb"')],
    ['a user twice', changed(',"sourceIPs"', ',"user":{"username":"mallory"},"sourceIPs"')],
    ['members that are missing', changed(/"stage":"[^"]*","requestURI":"[^"]*",/, '')],
    ['members in another order', EVENT.replace(/("stage":"[^"]*"),("requestURI":"[^"]*")/, '$2,$1')],
    ['more members', changed(/\}$/, ',"more":1}')],
    ['another kind', changed('"kind":"Event"', '"kind":"EventList"')],
    ['a key with escapes', changed('"verb"', '"v\\u0065rb"')],
    ['an escape that is none', changed('/pods/web-0', '/pods/\\u00zz')],
    ['a letter of two halves', changed('"name":"web"', '"name":"\u{1f600}"')],
    ['blanks', ` ${EVENT} `],
    ['a blank within', changed(',"verb"', ', "verb"')],
    ['a line end', changed('web-0', 'web\n0')],
    ['a user that is none', changed(/"user":\{.*\},"sourceIPs"/, '"user":null,"sourceIPs"')],
    ['no user', changed(/"user":\{.*\},"sourceIPs"/, '"sourceIPs"')],
    ['no annotations', changed(/,"annotations".*/, '}')],
    ['annotations that are none', changed(/,"annotations".*/, ',"annotations":{"a"}}')],
    ['an end too many', `${EVENT}}`],
    ['no end', EVENT.slice(0, -1)],
    ['a text that goes on', changed('"web"', '"web')],
    ['a long text', changed('/pods/web-0', 'x'.repeat(100_000))],
    ['text of another stream', 'I0310 12:00:00.000000 1 controller.go'],
    ['no text', ''],
  ])('leaves alone, and reads the others beside it: %s', (_, message) => {
    const text = payload([NODE, message, NODE]);
    expect(taken(text)).toBe(2);
  });

  it.each([
    ['a payload with more members', payload([EVENT], { ...HEAD, events: [] })],
    ['a control message', payload([EVENT], { ...HEAD, messageType: 'CONTROL_MESSAGE' })],
    ['no type of message', payload([EVENT], { ...HEAD, messageType: undefined })],
    [
      'its members in another order',
      JSON.stringify({ logEvents: [{ id: '1', timestamp: 1, message: EVENT }], ...HEAD }),
    ],
    ['entries twice', payload([EVENT], { ...HEAD, logEvents: [] }).replace('{', `{"logEvents":[],`)],
    ['blanks', `${payload([EVENT])} `],
    ['no entries', payload([])],
    ['an entry cut', payload([EVENT, NODE]).slice(0, -30)],
    ['an end cut', payload([EVENT, NODE]).slice(0, -2)],
    ['a comma too many', payload([EVENT, NODE]).replace(/\]\}$/, ',]}')],
    ['no payload', EVENT],
    ['nothing', ''],
  ])('is left alone as a whole: %s', (_, text) => {
    expect(taken(text)).toBe(-1);
  });

  it('is of no use where its stream holds no audit events', () => {
    for (const logStream of ['kube-apiserver-0123456789abcdef', 'authenticator-0123', 'app']) {
      expect(taken(payload([EVENT, NODE], { ...HEAD, logStream }))).toBe(2);
      expect(taken(payload([EVENT, NODE], { ...HEAD, logStream, logGroup: '/app' }))).toBe(2);
    }
  });

  it('takes entries for what they are, whatever stands in them', () => {
    const forged = `{"a":"},{\\"id\\":\\"1\\",\\"timestamp\\":1,\\"message\\":\\"x"}`;
    expect(taken(payload([NODE, forged, EVENT, JSON.stringify(payload([EVENT])), NODE]))).toBe(3);
    const text = payload([NODE, EVENT]);
    expect(taken(text.replace('"timestamp":1773100800000', '"timestamp":01'))).toBe(-1);
    expect(taken(text.replace('"timestamp":1773100800000', '"timestamp":"x"'))).toBe(1);
    expect(taken(text.replace('"id"', '"more":[{"a":1},{"b":2}],"id"'))).toBe(-1);
  });

  it('knows callers that come again from those that nearly do', () => {
    const users = Array.from({ length: 300 }, (_, at) =>
      roleUser({ session: `s-${at % 290}`, key: `ASIAIOSFODNN7EXAM${at % 200}` }),
    );
    const nodes = Array.from({ length: 300 }, (_, at) => ({
      username: `system:node:ip-192-0-2-${at % 256}.eu-west-1.compute.internal`,
    }));
    const events = [...users, ...nodes, ...users].map((user) => asWritten(auditEvent({ user })));
    expect(taken(payload(events))).toBe(900);
  });

  it('takes all of a day of the benchmark', () => {
    const day = newDay(7, 50, 3_000);
    expect([...day.records].length).toBe(50);
    const events = Array.from({ length: 500 }, () => JSON.stringify(day.event({ system: 0.5, unknownKey: 0.1 })));
    expect(taken(payload(events))).toBe(500);
  });

  it.each(CORPORA)('is the same for each event of $name', async ({ audit, skip }) => {
    if (skip || !audit.every((path) => existsSync(path))) return;
    const { audit: events, trail } = await recordsIn(audit);
    taken(payload([...events, ...trail].map((event) => JSON.stringify(event))));
    expect(taken(payload(events.map(asWritten)))).toBeGreaterThan(5);
  });

  it('is the same in generated worlds', () => {
    let count = 0;
    for (let seed = 0; seed < cases(30, 3_000); seed += 1) {
      const events = generateWorld(seed).audit;
      const written = events.filter(isJsonObject).map((event) => asWritten({ ...auditEvent(), ...event }));
      count += taken(payload([...events.map((event) => JSON.stringify(event)), ...written]));
    }
    expect(count).toBeGreaterThan(60);
  });

  it('is the same whatever is changed in a message, or in the payload', () => {
    const draw = drawFrom(20_260_310);
    const messages = [EVENT, NODE, EVENT.replace('/pods/web-0', '/pods?a=1\\u0026b=2')];
    let count = 0;
    for (let tried = 0; tried < cases(400, 150_000); tried += 1) {
      const message = mutated(draw.pick(messages), draw);
      const text = payload([NODE, draw.below(2) === 0 ? message : mutated(message, draw), EVENT]);
      count += taken(draw.below(3) === 0 ? mutated(text, draw) : text) === 3 ? 1 : 0;
    }
    expect(count).toBeGreaterThan(10);
  });
});
