import { afterAll, expect, vi } from 'vitest';

/**
 * Before every file of `npm test`, since those share a few processes, in any order: each has modules of its own, which remember
 * nothing of the files before, and fails where it leaves behind what the files after it would meet.
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
