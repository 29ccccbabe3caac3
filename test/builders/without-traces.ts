import { afterAll, expect, vi } from 'vitest';

/**
 * Runs before every file of `npm test`, because these share a few processes, in any order. Each file has its own
 * modules, which remember nothing of earlier files. It fails if it leaves anything behind that affects later ones.
 */
vi.resetModules();
const before = shared();

afterAll(() => expect(shared(), 'what this file leaves to those that share its process').toEqual(before));

function shared() {
  const { stdin, stdout, stderr, exitCode, env } = process;
  return {
    environment: { ...env },
    folder: process.cwd(),
    exitCode,
    streams: { stdin, stdout, stderr, write: stdout.write, writeError: stderr.write },
    console: { ...console },
    clock: { Date, now: Date.now, setTimeout, setInterval, setImmediate, nextTick: process.nextTick },
    others: { fetch, random: Math.random, kill: process.kill, exit: process.exit },
  };
}
