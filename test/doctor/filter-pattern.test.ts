import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERVICE_PATTERN } from '../../lib/doctor/audit-log.ts';
import { AUDIT_SAMPLES } from '../../lib/doctor/audit-samples.ts';
import { parseFilterPattern } from '../../lib/doctor/filter-pattern.ts';
import { auditFilterPattern, DEFAULT_CHOICE } from '../../lib/identity/audit-filter.ts';
import { parseLogFilterPattern } from '../infra/log-filter-pattern.ts';

const EVENT = JSON.stringify({
  user: { username: 'alice', groups: ['dev', 'ops'] },
  verb: 'delete',
  annotations: { 'authorization.k8s.io/decision': 'allow' },
  responseStatus: { code: 403 },
  dryRun: false,
  nothing: null,
});

describe('a JSON pattern', () => {
  test.each<[string, boolean]>([
    ['{ $.verb = "delete" }', true],
    ['{ $.verb = delete }', true],
    ['{$.verb=delete}', true],
    ['{ $.verb != "delete" }', false],
    ['{ $.verb = "del*" }', true],
    ['{ $.verb = "*ete" }', true],
    ['{ $.verb = "*ele*" }', true],
    ['{ $.verb = "d*e" }', false],
    ['{ $.verb = "*" }', true],
    ['{ $.user.username = "alice" && $.verb = "get" }', false],
    ['{ $.user.username = "alice" || $.verb = "get" && $.verb = "list" }', true],
    ['{ ($.user.username = "alice" || $.verb = "get") && $.verb = "list" }', false],
    ['{ $.user.groups[1] = "ops" }', true],
    ['{ $.user.groups[*] = "ops" }', false],
    ['{ $.user.groups = "ops" }', false],
    ['{ $.user != "x" }', false],
    ['{ $.annotations[\'authorization.k8s.io/decision\'] = "allow" }', true],
    ['{ $.responseStatus.code = 403 }', true],
    ['{ $.responseStatus.code = 4* }', true],
    ['{ $.responseStatus.code >= 400 && $.responseStatus.code < 5e2 }', true],
    ['{ $.responseStatus.code > 403 }', false],
    ['{ $.dryRun IS FALSE }', true],
    ['{ $.dryRun IS TRUE }', false],
    ['{ $.nothing IS NULL }', true],
    ['{ $.user.uid NOT EXISTS }', true],
    ['{ $.verb NOT EXISTS }', false],
    ['{ $.user.uid = "x" }', false],
    ['{ $.user.uid != "x" }', true],
  ])('%s: %s', (pattern, passes) => {
    const parsed = parseFilterPattern(pattern);
    // a wildcard for the index is not understood, so nothing is claimed of it
    expect(pattern.includes('[*]') ? parsed === undefined : parsed?.(EVENT) === passes).toBe(true);
  });

  test('passes only JSON objects', () => {
    for (const text of ['text', '[1]', '{"verb":"delete"'])
      expect(parseFilterPattern('{ $.verb != "x" }')?.(text)).toBe(false);
  });

  test.each([
    '{',
    '{ }',
    '{ $.a }',
    '{ $.a = }',
    '{ $.a ~ 1 }',
    '{ $.a > b }',
    '{ ($.a = 1 }',
    '{ $.a = 1 } x',
    '{ a = 1 }',
  ])('is not understood if it is invalid: %s', (pattern) => {
    expect(parseFilterPattern(pattern)).toBeUndefined();
  });
});

describe('a pattern of terms', () => {
  test.each<[string, boolean]>([
    ['', true],
    ['  ', true],
    ['alice', true],
    ['alice bob', false],
    ['"alice" delete', true],
    ['alice -delete', false],
    ['-"bob"', true],
    ['?bob ?alice', true],
    ['?bob ?carol', false],
  ])('%s: %s', (pattern, passes) => {
    expect(parseFilterPattern(pattern)?.(EVENT)).toBe(passes);
  });

  test.each(['[a, b]', '%AUTH%', '{ $.verb = %del.*% }'])('%s is left to a person', (pattern) => {
    expect(parseFilterPattern(pattern)).toBeUndefined();
  });
});

test.each([true, false])(
  'what the service deploys is read as the other reading of it has it (node traffic: %s)',
  (nodes) => {
    const [mine, other] = [
      parseFilterPattern(auditFilterPattern({ ...DEFAULT_CHOICE, nodeTraffic: nodes })),
      parseLogFilterPattern(auditFilterPattern({ ...DEFAULT_CHOICE, nodeTraffic: nodes })),
    ];
    const node = JSON.stringify({ user: { username: 'system:node:ip-1', uid: 'aws-iam-authenticator:1:AROAX' } });
    for (const message of [...AUDIT_SAMPLES.map((sample) => sample.message), EVENT, node, 'text'])
      expect(mine?.(message)).toBe(other.matches(message, true));
  },
);

test('the pattern that a step restores is the one that the service deploys', () => {
  expect(SERVICE_PATTERN).toBe(auditFilterPattern(DEFAULT_CHOICE));
});

test('no pattern makes the reader throw', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '$.a',
    '"x"',
    '=',
    '!=',
    '&&',
    '||',
    '(',
    ')',
    ' ',
    'IS',
    'NULL',
    '1',
    '*',
    '-',
    '?',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join(' ')),
      ),
      fc.string(),
      (pattern, message) => {
        parseFilterPattern(pattern)?.(message);
        parseFilterPattern(pattern)?.(EVENT);
      },
    ),
  );
});
