import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyPatch, outdated, ROOT, readPatches } from './patches.ts';

describe('the planted bugs', () => {
  const patches = readPatches();

  it('still apply', () => {
    const flaws = patches.flatMap((patch) => {
      const reason = applyPatch(patch, ROOT, '--check');
      return reason === undefined ? [] : outdated(patch, reason);
    });
    expect(flaws.join('\n')).toBe('');
  });

  it('say what they are, and which test files catch them', () => {
    const wrong = patches.filter(({ bug, tests }) => !/^[A-Z].*\.$/.test(bug) || tests.length === 0);
    const missing = patches.flatMap(({ tests }) => tests.filter((test) => !existsSync(join(ROOT, test))));
    expect([wrong.map(({ name }) => name), missing]).toEqual([[], []]);
    expect(patches.length).toBeGreaterThan(0);
  });
});
