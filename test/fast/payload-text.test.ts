import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newDay } from '../../bench/world/day.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditEvent } from '../../lib/audit/audit-event.ts';
import { eventIdentity, parseAuditEvent } from '../../lib/audit/event.ts';
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
  return piecesOf(Buffer.from(text), fast);
}

function piecesOf(bytes: Buffer, fast: Pick<Unwrapping, 'readPayload'>): string[] {
  const all: string[] = [];
  const told = (...what: unknown[]) => all.push(JSON.stringify(what));
  unwrap({ awslogs: { data: '' } }, () => 'here', {
    audit: (value, cluster) => told('event', parseAuditEvent(value), cluster),
    auditEvent: ({ event }, cluster) => told('event', event, cluster),
    trail: (record, place) => told('trail', record, place()),
    ignored: (what) => told('ignored', what),
    reject: (reason, place, sample) => told('rejected', reason, place(), sample),
    inflate: () => ({ ok: true, text: bytes.toString(), bytes }),
    ...fast,
  });
  return all;
}

const read = (text: string, bytes: Uint8Array) => readPayload(text, bytes, sha256);

/** How many entries were read where they lie; what became of each, and its id, is what becomes of it in the plain way. */
function taken(text: string): number {
  expect(pieces(text, { readPayload: read }), text).toEqual(pieces(text, {}));
  const logged = loggedIn(Buffer.from(text));
  for (const { event, id } of logged ?? []) expect(id ?? idOf(event), text).toBe(idOf(event));
  return logged?.length ?? -1;
}

/** Of the payload's entries, those that got their ids where they lie. */
function withIds(text: string): number {
  expect(taken(text)).toBeGreaterThan(0);
  return loggedIn(Buffer.from(text))?.filter(({ id }) => id !== undefined).length ?? 0;
}

/** Undefined where the payload is left alone. */
function loggedIn(bytes: Buffer): LoggedEvent[] | undefined {
  const entries = read(bytes.toString(), bytes)?.logEvents;
  return Array.isArray(entries) ? entries.filter((entry) => entry instanceof LoggedEvent) : undefined;
}

/** As events get it in the plain way. */
function idOf(event: AuditEvent): string {
  return sha256(eventIdentity(event));
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
    ['with a letter of two halves', changed('"name":"web"', '"name":"\u{1f600}"')],
    ['with other letters in what tells it from others', changed('/pods/web-0', '/pods/é')],
    ['with a long text', changed('/pods/web-0', 'x'.repeat(100_000))],
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

  it.each([
    ['of a node', NODE, 1],
    ['of nobody', asWritten(auditEvent({ user: {} })), 1],
    ['without stage, verb and address', EVENT.replace(/"(stage|verb|requestURI)":"[^"]*"/g, '"$1":""'), 1],
    ['without an audit id', changed(/"auditID":"[^"]*"/, '"auditID":""'), 1],
    ['of a caller in another alphabet', asWritten(auditEvent({ user: { username: 'дима "x"', uid: '\ud83d' } })), 1],
    ['with escapes in what tells it from others', changed('/pods/web-0', '/pods?a=1\\u0026b=2'), 0],
    ['with other letters in what tells it from others', changed('/pods/web-0', '/pods/é'), 0],
    ['with other letters in its audit id', changed(/"auditID":"[^"]*"/, '"auditID":"é"'), 0],
    ['with more to tell it from others than is written', changed('/pods/web-0', 'x'.repeat(8_180)), 0],
    ['with a caller longer than is written', asWritten(auditEvent({ user: { username: 'x'.repeat(8_180) } })), 0],
  ])('tells the id of an event %s, or leaves it', (_, message, told) => {
    expect(withIds(payload([message]))).toBe(told);
    expect(withIds(payload([NODE, message, EVENT, message]))).toBe(2 + 2 * told);
  });

  it.each([
    ['a byte of no text', [0xff]],
    ['half a letter', [0xc3, 0x28]],
    ['two thirds of a letter', [0xe2, 0x82]],
    ['a byte order mark', [0xef, 0xbb, 0xbf]],
    ['half of a letter of two halves', [0xed, 0xa0, 0x80]],
    ['a letter of four bytes', [0xf0, 0x9f, 0x98, 0x80]],
  ])('is the same with %s anywhere', (_, odd) => {
    const text = payload([NODE, EVENT, NODE]);
    const places = ['web-0', '"web', 'sourceIPs', 'delete', 'RBAC', 'system:node', '/aws/eks', 'kube-apiserver'];
    for (const at of places.map((place) => text.indexOf(place) + 2)) {
      const bytes = Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(odd), Buffer.from(text.slice(at))]);
      expect(piecesOf(bytes, { readPayload: read })).toEqual(piecesOf(bytes, {}));
      for (const { event, id } of loggedIn(bytes) ?? []) expect(id ?? idOf(event)).toBe(idOf(event));
    }
  });

  it('takes a caller for what it is, whatever its texts look like', () => {
    const ends = [
      '},"so',
      '},"sourceIPs":',
      '},"sourceIPs":["192.0.2.9"],"user":{"username":"mallory"',
      '}"}',
      '},{"',
      ']}',
    ];
    const users = ends.flatMap((end) => [
      { username: `x${end}` },
      { username: 'x', extra: { a: [end], b: { sources: 1 } } },
      { username: 'x', extra: { [end]: ['y'] } },
      { extra: { source: ['x'] }, sourceIPs: ['192.0.2.9'], username: 'x' },
    ]);
    const messages = users.map((user) => asWritten(auditEvent({ user })));
    for (const message of messages) expect(taken(payload([NODE, message, NODE]))).toBeGreaterThan(1);
    taken(payload(messages));
    const forged = changed('"user":{', '"user":{"username":"mallory"},"sourceIPs":["192.0.2.9"],"x":{');
    expect(taken(payload([NODE, forged, NODE]))).toBe(2);
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
    expect(withIds(payload(events))).toBe(500);
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
