import { describe, expect, it } from 'vitest';
import { wildcardMatcher } from '../../lib/wildcard.ts';

describe('a * in a filter', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['web', ['web'], ['web-1', 'we', '']],
    ['web-*', ['web-', 'web-1'], ['web', 'my-web-1']],
    ['*-admin', ['-admin', 'eks-admin'], ['eks-admin-2', 'admin']],
    ['a*b*c', ['abc', 'a-b-c', 'aXbbcYc'], ['acb', 'ab', 'abcd']],
    ['ab*ba', ['abba', 'ab-ba'], ['aba']],
    ['*', ['', 'anything'], []],
    ['a**b', ['ab', 'a-b'], ['a']],
    ['a.c*', ['a.c'], ['abc']],
  ])('%s stands for any text', (pattern, matching, others) => {
    const isMatch = wildcardMatcher(pattern);
    expect(matching.filter((text) => !isMatch(text))).toEqual([]);
    expect(others.filter(isMatch)).toEqual([]);
  });

  it('takes little time, whatever the pattern', () => {
    const isMatch = wildcardMatcher(`${'*a'.repeat(1_000)}b`);
    expect(isMatch('a'.repeat(100_000))).toBe(false);
  });
});
