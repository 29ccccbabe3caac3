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

  it('say what they are, and which test of which file catches them', () => {
    const wrong = patches.filter(({ bug, test }) => !/^[A-Z].*\.$/.test(bug) || test === '');
    const missing = patches.filter(({ file }) => !existsSync(join(ROOT, file)));
    expect([wrong.map(({ name }) => name), missing.map(({ file }) => file)]).toEqual([[], []]);
    expect(patches.length).toBeGreaterThan(0);
  });
});
