import { describe, expect, it } from 'vitest';
import { wildcardMatcher } from '../../lib/wildcard.ts';

describe('a wildcard in a filter', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['web', ['web'], ['web-1', 'we', '']],
    ['web-*', ['web-', 'web-1'], ['web', 'my-web-1']],
    ['*-admin', ['-admin', 'eks-admin'], ['eks-admin-2', 'admin']],
    ['a*b*c', ['abc', 'a-b-c', 'aXbbcYc'], ['acb', 'ab', 'abcd']],
    ['ab*ba', ['abba', 'ab-ba'], ['aba']],
    ['*', ['', 'anything'], []],
    ['a**b', ['ab', 'a-b'], ['a']],
    ['a.c*', ['a.c'], ['abc']],
    ['node-?', ['node-1', 'node-?'], ['node-', 'node-12']],
    ['?*-a?min', ['x-admin', 'xyz-a-a?min'], ['-admin', 'x-amin']],
    ['a*?b*c', ['axbc', 'a-xb-c'], ['abc', 'axc']],
    ['a*b?', ['abc', 'ab?', 'a-bx'], ['ab', 'abcd']],
  ])('%s stands for other texts', (pattern, matching, others) => {
    const isMatch = wildcardMatcher(pattern);
    expect(matching.filter((text) => !isMatch(text))).toEqual([]);
    expect(others.filter(isMatch)).toEqual([]);
  });

  it('takes little time, whatever the pattern', () => {
    const isMatch = wildcardMatcher(`${'*a'.repeat(1_000)}b`);
    expect(isMatch('a'.repeat(100_000))).toBe(false);
    expect(wildcardMatcher(`${'*a?'.repeat(500)}b`)('a'.repeat(100_000))).toBe(false);
  });
});
