import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder, runCommand } from '../builders/command.ts';
import { startCommand } from '../records/running-command.ts';
import { childrenOf, untilEnded } from './processes.ts';

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** Returns the path of a separate small disk, or undefined if this user cannot create one. Only root may. */
function tinyDisk(folder: Folder): string | undefined {
  const path = folder.at('disk');
  mkdirSync(path);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path]).status === 0 ? path : undefined;
}

describe.runIf(process.platform === 'linux')('the service on one machine, if its folder accepts no more data', () => {
  it.runIf(canLimit)('reports in a sentence that the tables cannot be written while it feeds, and ends', async () => {
    using folder = new Folder();
    const command = startCommand(['local', '--once', '--data', folder.path]);
    await command.until('audit events');
    const children = await childrenOf(command.child.pid);
    execFileSync('prlimit', ['--pid', String(command.child.pid), '--fsize=4096']); // For this process, it is like a full disk.
    expect(await command.ended()).toBe(1);
    expect(command.printed.errors).toBe(
      `eks-whois: The tables in ${folder.path} cannot be written: File too large. Make room there or choose another ` +
        'folder with --data. Then start again: the service continues with what is stored.\n',
    );
    await untilEnded(children);
  });

  it('reports a disk that is really full', async ({ skip }) => {
    using folder = new Folder();
    const disk = tinyDisk(folder);
    if (disk === undefined) return skip('no disk can be mounted here');
    try {
      const { status, errors } = await runCommand(['local', '--once', '--data', `${disk}/data`]);
      expect([status, errors]).toEqual([
        1,
        expect.stringMatching(/^eks-whois: The tables in .* cannot be written: No space left on device\. .*\n$/),
      ]);
    } finally {
      spawnSync('umount', ['--lazy', disk]);
    }
  });

  it('reports in a sentence that it cannot store the time, and ends', async () => {
    using folder = new Folder();
    mkdirSync(folder.at('data'));
    symlinkSync('/dev/full', folder.at('data/time.json.new'));
    const ran = await runCommand(['local', '--once', '--data', folder.at('data'), '--audit', folder.file('none', '')]);
    expect(ran).toMatchObject({
      status: 1,
      errors: `eks-whois: ${folder.at('data')}/time.json.new is on a disk that is full. Make room there, or choose another folder with --data.\n`,
    });
  });

  it('reports it before anything starts if there is no space at the beginning', async () => {
    using folder = new Folder();
    mkdirSync(folder.at('data'));
    symlinkSync('/dev/full', folder.at('data/.writable'));
    const ran = await runCommand(['local', '--once', '--data', folder.at('data')]);
    expect(ran).toMatchObject({
      status: 1,
      output: '',
      errors: `eks-whois: ${folder.at('data')} is on a disk that is full. Choose another folder with --data.\n`,
    });
  });
});
