import { describe, expect, it } from 'vitest';
import {
  completions,
  fitQuestion,
  LONGEST_QUESTION,
  objectNameOf,
  type QuestionFit,
  type Suggestion,
  shorterBeginnings,
} from '../../console/page/core/question-text.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { auditEvent } from '../builders/audit-event.ts';

const event = auditEvent({ auditID: 'a-1' });
const body = { metadata: { annotations: { note: 'x"'.repeat(LONGEST_QUESTION) } } };

function questionOf(of: QuestionFit): { q: string; left: number } {
  if ('flaw' in of) throw new Error(of.flaw);
  return of;
}

describe('a pasted text', () => {
  it('is sent unchanged if it fits into a search', () => {
    expect(fitQuestion('  ana.silva\n')).toEqual({ q: 'ana.silva', left: 0 });
    const text = JSON.stringify(event, null, 2);
    expect(fitQuestion(text)).toEqual({ q: text, left: 0 });
  });

  it('is the same event to the service without bodies that do not fit', () => {
    const { q, left } = questionOf(
      fitQuestion(JSON.stringify({ ...event, requestObject: body, responseObject: body })),
    );
    expect(left).toBe(0);
    expect(encodeURIComponent(q).length).toBeLessThanOrEqual(LONGEST_QUESTION);
    expect(recognize(q)).toEqual(recognize(JSON.stringify(event)));
  });

  it('is sent without the secrets in answers of STS', () => {
    const grant = { credentials: { accessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'hidden', sessionToken: 'hidden' } };
    for (const text of [JSON.stringify(grant), `${JSON.stringify(grant)}\n${JSON.stringify(grant)}`]) {
      expect(questionOf(fitQuestion(text)).q).not.toContain('hidden');
      expect(questionOf(fitQuestion(text)).q).toContain('ASIAEXAMPLE');
    }
  });

  it('is cut to the first of many events, and the result says how many are left out', () => {
    const events = Array.from({ length: 300 }, (_, index) => ({ ...event, auditID: `a-${index}` }));
    const lines = events.map((each) => JSON.stringify(each)).join('\n');
    for (const text of [lines, JSON.stringify(events), JSON.stringify({ kind: 'EventList', items: events })]) {
      const { q, left } = questionOf(fitQuestion(text));
      expect(encodeURIComponent(q).length).toBeLessThanOrEqual(LONGEST_QUESTION);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(300);
      const recognized = recognize(q);
      expect(recognized.outcome === 'subjects' && recognized.subjects.length).toBe(300 - left);
    }
  });

  it('is refused with a sentence if nothing can be left out', () => {
    expect(fitQuestion('a'.repeat(20_000))).toEqual({
      flaw: expect.stringMatching(/^This text is too long .*20,000.*\.$/),
    });
    expect(fitQuestion(JSON.stringify({ kind: 'Event', name: 'a'.repeat(20_000) }))).toHaveProperty('flaw');
  });

  it('is empty if it has only spaces', () => {
    expect(fitQuestion(' \n\t ')).toEqual({ q: '', left: 0 });
  });

  it('never throws', () => {
    for (const text of [
      '{"a":',
      '[[[[',
      '"',
      `${'['.repeat(50_000)}`,
      '{"__proto__":{"a":1}}',
      '\ud800',
      'null',
      '[1,"a"]',
    ])
      expect(() => fitQuestion(text)).not.toThrow();
  });
});

describe('the name of an object', () => {
  it.each([
    ['payments-api-5f77', 'payments-api-5f77'],
    ['pod/payments-api-5f77', 'payments-api-5f77'],
    ['payments/payments-api-5f77', 'payments-api-5f77'],
    ['deployments.apps/payments-api', 'payments-api'],
    ['pod "payments-api-5f77" deleted', 'payments-api-5f77'],
    ['pod/payments-api-5f77 deleted', 'payments-api-5f77'],
    ['payments-api-5f77   1/1   Running   0   3d', 'payments-api-5f77'],
    ['pods payments-api-5f77', 'payments-api-5f77'],
    ['payments-api-*', 'payments-api-'],
    ['payments-api-5f77…', 'payments-api-5f77'],
    ['payments-api-5f77...', 'payments-api-5f77'],
    ['system:node', 'system:node'],
  ])('stands in "%s"', (text, name) => {
    expect(objectNameOf(text)).toBe(name);
  });

  it.each([
    '',
    '203.0.113.7',
    'arn:aws:iam::111122223333:role/ops',
    '{"kind":"Event"}',
    'somebody deleted our pod yesterday, who was it',
    'a@example.com',
    'https://example.com/a',
    'repo:example-corp/shop:ref:refs/heads/main',
  ])('is not in "%s"', (text) => {
    expect(objectNameOf(text)).toBeUndefined();
  });

  it('has the prefixes that a Deployment gave it, the longest first', () => {
    expect(shorterBeginnings('payments-api-5f77c9d4b8-x2x7q')).toEqual(['payments-api-5f77c9d4b8-', 'payments-api-']);
    expect(shorterBeginnings('etl-7c9d')).toEqual(['etl-']);
    expect(shorterBeginnings('web')).toEqual([]);
  });
});

const NAMES: readonly Suggestion[] = [
  { kind: 'actor', name: 'ana.silva' },
  { kind: 'actor', name: 'repo:example-corp/shop:ref:refs/heads/main' },
  { kind: 'role', name: 'orders-developer' },
  { kind: 'role', name: 'payments-developer' },
  { kind: 'namespace', name: 'payments', cluster: 'staging' },
  { kind: 'namespace', name: 'payments', cluster: 'prod' },
  { kind: 'cluster', name: 'prod' },
];

describe('completion', () => {
  it('lists names that start with the text first, in upper or lower case', () => {
    expect(completions('PAY', NAMES).map(({ name, cluster }) => [name, cluster])).toEqual([
      ['payments', 'staging'],
      ['payments', 'prod'],
      ['payments-developer', undefined],
    ]);
  });

  it('lists names that contain the text next', () => {
    expect(completions('dev', NAMES).map(({ name }) => name)).toEqual(['orders-developer', 'payments-developer']);
    expect(completions('main', NAMES).map(({ kind }) => kind)).toEqual(['actor']);
  });

  it('lists nothing for an empty or a pasted text', () => {
    expect(completions(' ', NAMES)).toEqual([]);
    expect(completions('{"kind":"Event"}', NAMES)).toEqual([]);
  });

  it('lists no more than fit on the page', () => {
    const many = Array.from({ length: 100 }, (_, index): Suggestion => ({ kind: 'actor', name: `user-${index}` }));
    expect(completions('user', many)).toHaveLength(8);
  });
});
