import { describe, expect, it } from 'vitest';
import { parseLogFilterPattern } from './log-filter-pattern.ts';

const matches = (pattern: string, event: unknown) =>
  parseLogFilterPattern(pattern).matches(JSON.stringify(event), false);

describe('the reading of filter patterns that the tests rest on', () => {
  it('binds && tighter than ||, and parentheses tightest', () => {
    const event = { a: '1', b: '2', c: '3' };
    expect(matches('{ $.a = "1" || $.b = "x" && $.c = "x" }', event)).toBe(true);
    expect(matches('{ ($.a = "1" || $.b = "x") && $.c = "x" }', event)).toBe(false);
  });

  it('takes a star at either end, and no other place', () => {
    expect(matches('{ $.a.b = "sys*" }', { a: { b: 'system' } })).toBe(true);
    expect(matches('{ $.a.b = "*tem" }', { a: { b: 'system' } })).toBe(true);
    expect(matches('{ $.a.b != "sys*" }', { a: { b: 'system' } })).toBe(false);
    expect(matches('{ $.a = "sys*" }', { a: ['system'] })).toBe(false);
  });

  it('sees what is not there', () => {
    expect(matches('{ $.errorCode NOT EXISTS }', {})).toBe(true);
    expect(matches('{ $.errorCode NOT EXISTS }', { errorCode: 'AccessDenied' })).toBe(false);
  });

  it('matches nothing that is no JSON object', () => {
    for (const text of ['text', '[1]', '{"a":"1"']) {
      expect(parseLogFilterPattern('{ $.a != "2" }').matches(text, true)).toBe(false);
    }
  });

  it.each(['$.a = "1"', '{ $.a = "1"', '{ $.a ~ "1" }', '{ $.a = 1 }', '{ $.a = "1" } x'])('refuses %s', (pattern) => {
    expect(() => parseLogFilterPattern(pattern)).toThrow();
  });
});
