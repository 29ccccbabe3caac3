import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { EventTexts } from '../../lib/audit/event-texts.ts';
import { isJsonObject, parseJson } from '../../lib/json.ts';
import { piecesOf } from '../builders/pieces.ts';
import { generateWorld } from '../oracle/world.ts';
import { asLogged } from './world-batch.ts';

/** A text that is taken is read as every other is: as JSON, and then as an audit event. */

function plainly(text: string) {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value) ? parseAuditEvent(parsed.value) : undefined;
}

/** Read twice, since what was read once is known. */
function expectAsPlainly(texts: EventTexts, text: string): boolean {
  const [first, again] = [texts.read(text), texts.read(text)];
  expect(again, text).toEqual(first);
  if (first !== undefined) expect(JSON.stringify(first), text).toBe(JSON.stringify(plainly(text)));
  return first !== undefined;
}

const EVENT = JSON.stringify({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  auditID: 'a-1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/pods',
  verb: 'list',
  user: { username: 'alice', groups: ['a'], extra: { accessKeyId: ['ASIAIOSFODNN7EXAMPLE'] } },
  sourceIPs: ['192.0.2.7'],
  objectRef: { resource: 'pods', apiVersion: 'v1' },
  requestReceivedTimestamp: '2026-03-10T12:00:00.000001Z',
  annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: "x"' },
});
const changed = (from: string, to: string) => EVENT.replace(from, to);

describe('an event as an API server writes it', () => {
  it.each([
    ['as it is', EVENT],
    ['of an impersonator', changed(',"sourceIPs"', ',"impersonatedUser":{"username":"bob","uid":"7"},"sourceIPs"')],
    ['without annotations', EVENT.replace(/,"annotations".*/, '}')],
    [
      'with annotations before its end',
      changed(
        /,"annotations".*/.exec(EVENT)?.[0] ?? '',
        ',"annotations":{"authorization.k8s.io/decision":"forbid"},"more":1}',
      ),
    ],
    [
      'with a body that has annotations, and a user',
      changed(',"objectRef"', ',"requestObject":{"user":{"username":"mallory"},"annotations":{}},"objectRef"'),
    ],
    [
      'with a body at its end',
      EVENT.replace(/,"annotations".*/, ',"requestObject":{"metadata":{"labels":{},"annotations":{"a":"b"}}}'),
    ],
    [
      'that issued a token',
      changed(
        '"authorization.k8s.io/decision"',
        '"authentication.kubernetes.io/issued-credential-id":"JTI=1","authorization.k8s.io/decision"',
      ),
    ],
    ['with a blank behind it', `${EVENT} `],
  ])('is read by its text: %s', (_, text) => {
    expect(expectAsPlainly(new EventTexts(), text)).toBe(plainly(text) !== undefined);
  });
});

describe('what could be read otherwise', () => {
  it.each([
    ['a user once more', changed(',"objectRef"', ',"user":{"username":"mallory"},"objectRef"')],
    ['a user that is none once more', changed(',"objectRef"', ',"user":null,"objectRef"')],
    [
      'a user once more, its key with escapes',
      changed(',"objectRef"', ',"us\\u0065r":{"username":"mallory"},"objectRef"'),
    ],
    [
      'somebody impersonated, further behind',
      changed(',"objectRef"', ',"impersonatedUser":{"username":"bob"},"objectRef"'),
    ],
    [
      'annotations once more',
      changed(',"objectRef"', ',"annotations":{"authorization.k8s.io/decision":"forbid"},"objectRef"'),
    ],
    [
      'a user in a body before the user',
      changed(',"user"', ',"requestObject":{"a":1,"user":{"username":"mallory"},"sourceIPs":[]},"user"'),
    ],
    ['a user in a list', changed(',"user"', ',"more":[1,{"a":1,"user":{"username":"mallory"},"sourceIPs":[]}],"user"')],
    [
      'a text that looks like a user',
      changed('/api/v1/pods', '/api?x=,\\"user\\":{\\"username\\":\\"mallory\\"},\\"sourceIPs\\":'),
    ],
    ['a text that does not end', changed('"/api/v1/pods"', '"/api/v1/pods,')],
    ['members between the user and the addresses', changed(',"sourceIPs"', ',"level":"Metadata","sourceIPs"')],
    ['no audit id', changed('"auditID":"a-1"', '"auditID":7')],
    ['no user that is one', changed('"user":{', '"user":[{').replace(',"sourceIPs"', '],"sourceIPs"')],
    ['an end too many', `${EVENT}}`],
    ['no end', EVENT.slice(0, -1)],
    ['two values', `${EVENT}${EVENT}`],
    ['a prototype', changed(',"sourceIPs"', ',"__proto__":{"auditID":"b"},"sourceIPs"')],
  ])('is read as every other text, or not taken: %s', (_, text) => {
    const texts = new EventTexts();
    texts.read(EVENT);
    expectAsPlainly(texts, text);
  });
});

it('reads the events of drawn worlds, and takes most of them', () => {
  const texts = new EventTexts();
  const all = Array.from({ length: 60 }, (_, seed) => [generateWorld(seed).audit].flat())
    .flat()
    .flatMap((value) => piecesOf(value).audit)
    .map(({ event }) => String(asLogged(event)));
  const taken = all.filter((text) => expectAsPlainly(texts, text));
  expect(taken.length).toBeGreaterThan(all.length * 0.9);
});

it('reads the example day', () => {
  const texts = new EventTexts();
  const file = new URL('../../examples/audit/prod-evening.json', import.meta.url);
  const pieces = piecesOf(JSON.parse(readFileSync(file, 'utf8'))).audit;
  expect(pieces.length).toBeGreaterThan(5);
  for (const { event } of pieces) expectAsPlainly(texts, JSON.stringify(event));
});

it('is never otherwise, whatever is cut out of an event, put into it or said twice', () => {
  const pieces = fc.constantFrom(
    ',"user":{',
    ',"sourceIPs":',
    ',"annotations":{',
    '}',
    '{',
    '[',
    ']',
    '"',
    '\\"',
    ',',
    '"a":1,',
    '}}',
    '"user":',
    'null',
    ',"user":null',
    '"annotations":{}',
  );
  const edit = fc.record({ at: fc.nat(EVENT.length), cut: fc.nat(40), put: fc.oneof(pieces, fc.constant('')) });
  const texts = new EventTexts();
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((all, { at, cut, put }) => all.slice(0, at) + put + all.slice(at + cut), EVENT);
      expectAsPlainly(texts, text);
    }),
    { numRuns: 1_500 },
  );
});
