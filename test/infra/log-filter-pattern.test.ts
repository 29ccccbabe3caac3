import { describe, expect, it } from 'vitest';
import { parseLogFilterPattern } from './log-filter-pattern.ts';

const matches = (pattern: string, event: unknown) =>
  parseLogFilterPattern(pattern).matches(JSON.stringify(event), false);

describe('the test’s own reader of filter patterns', () => {
  it('binds && tighter than ||, and parentheses tightest', () => {
    const event = { a: '1', b: '2', c: '3' };
    expect(matches('{ $.a = "1" || $.b = "x" && $.c = "x" }', event)).toBe(true);
    expect(matches('{ ($.a = "1" || $.b = "x") && $.c = "x" }', event)).toBe(false);
  });

  it('accepts a star at either end, and nowhere else', () => {
    expect(matches('{ $.a.b = "sys*" }', { a: { b: 'system' } })).toBe(true);
    expect(matches('{ $.a.b = "*tem" }', { a: { b: 'system' } })).toBe(true);
    expect(matches('{ $.a.b != "sys*" }', { a: { b: 'system' } })).toBe(false);
    expect(matches('{ $.a = "sys*" }', { a: ['system'] })).toBe(false);
  });

  it('matches fields that do not exist', () => {
    expect(matches('{ $.errorCode NOT EXISTS }', {})).toBe(true);
    expect(matches('{ $.errorCode NOT EXISTS }', { errorCode: 'AccessDenied' })).toBe(false);
    expect(matches('{ $.readOnly IS FALSE }', { readOnly: false })).toBe(true);
    expect(matches('{ $.readOnly IS FALSE }', {})).toBe(false);
  });

  it('accepts keys with a period or a slash in brackets, and positions in lists', () => {
    const event = { extra: { 'k8s.io/credential-id': ['JTI=1'] } };
    expect(matches(`{ $.extra.['k8s.io/credential-id'][0] = "JTI=*" }`, event)).toBe(true);
    expect(matches(`{ $.extra.['k8s.io/credential-id'] = "JTI=*" }`, event)).toBe(false);
    expect(matches(`{ $.extra.['k8s.io/credential-id'][1] = "*" }`, event)).toBe(false);
    expect(matches(`{ $.extra.['other'][0] = "*" }`, event)).toBe(false);
  });

  it('matches only JSON objects', () => {
    for (const text of ['text', '[1]', '{"a":"1"']) {
      expect(parseLogFilterPattern('{ $.a != "2" }').matches(text, true)).toBe(false);
    }
  });

  it.each(['$.a = "1"', '{ $.a = "1"', '{ $.a ~ "1" }', '{ $.a = 1 }', '{ $.a = "1" } x'])('refuses %s', (pattern) => {
    expect(() => parseLogFilterPattern(pattern)).toThrow();
  });
});
