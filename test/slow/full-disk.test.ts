import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Folder, runCommand } from '../builders/command.ts';

/** A disk of its own that is soon full; only root may make one. */
function tinyDisk(folder: Folder): string | undefined {
  const path = folder.at('disk');
  mkdirSync(path);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path]).status === 0 ? path : undefined;
}

it('local on a disk that gets full says so in a sentence, and ends', async ({ skip }) => {
  using folder = new Folder();
  const disk = tinyDisk(folder);
  if (disk === undefined) return skip('no disk can be mounted here');
  try {
    const { status, errors } = await runCommand(['local', '--once', '--data', `${disk}/data`]);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/^eks-whois: The store in .* is on a disk that is full: .*\n$/),
    ]);
  } finally {
    spawnSync('umount', ['--lazy', disk]);
  }
});
