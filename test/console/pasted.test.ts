import { describe, expect, it } from 'vitest';
import { fitQuestion, LONGEST_QUESTION, type QuestionFit } from '../../console/page/core/question-text.ts';
import { recognise } from '../../lib/recognise/recognise.ts';
import { auditEvent } from '../builders/audit-event.ts';

const event = auditEvent({ auditID: 'a-1' });
const body = { metadata: { annotations: { note: 'x"'.repeat(LONGEST_QUESTION) } } };

function asked(of: QuestionFit): { q: string; left: number } {
  if ('flaw' in of) throw new Error(of.flaw);
  return of;
}

describe('what was pasted', () => {
  it('is asked about as it stands where a question has room for it', () => {
    expect(fitQuestion('  ana.silva\n')).toEqual({ q: 'ana.silva', left: 0 });
    const text = JSON.stringify(event, null, 2);
    expect(fitQuestion(text)).toEqual({ q: text, left: 0 });
  });

  it('is the same event to the service without the bodies for which a question has no room', () => {
    const { q, left } = asked(fitQuestion(JSON.stringify({ ...event, requestObject: body, responseObject: body })));
    expect(left).toBe(0);
    expect(encodeURIComponent(q).length).toBeLessThanOrEqual(LONGEST_QUESTION);
    expect(recognise(q)).toEqual(recognise(JSON.stringify(event)));
  });

  it('leaves the browser without the secrets that CloudTrail and STS show', () => {
    const grant = { credentials: { accessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'hidden', sessionToken: 'hidden' } };
    for (const text of [JSON.stringify(grant), `${JSON.stringify(grant)}\n${JSON.stringify(grant)}`]) {
      expect(asked(fitQuestion(text)).q).not.toContain('hidden');
      expect(asked(fitQuestion(text)).q).toContain('ASIAEXAMPLE');
    }
  });

  it('is cut to the first of many events, and says how many were left out', () => {
    const events = Array.from({ length: 300 }, (_, index) => ({ ...event, auditID: `a-${index}` }));
    const lines = events.map((each) => JSON.stringify(each)).join('\n');
    for (const text of [lines, JSON.stringify(events), JSON.stringify({ kind: 'EventList', items: events })]) {
      const { q, left } = asked(fitQuestion(text));
      expect(encodeURIComponent(q).length).toBeLessThanOrEqual(LONGEST_QUESTION);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(300);
      const recognised = recognise(q);
      expect(recognised.outcome === 'subjects' && recognised.subjects.length).toBe(300 - left);
    }
  });

  it('is refused in a sentence where nothing of it can be left out', () => {
    expect(fitQuestion('a'.repeat(20_000))).toEqual({ flaw: expect.stringMatching(/^This is too long .*20,000.*\.$/) });
    expect(fitQuestion(JSON.stringify({ kind: 'Event', name: 'a'.repeat(20_000) }))).toHaveProperty('flaw');
  });

  it('is empty where it holds nothing but blanks', () => {
    expect(fitQuestion(' \n\t ')).toEqual({ q: '', left: 0 });
  });

  it('never breaks, whatever it is', () => {
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
