import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writeBench } from '../../bench/world/day.ts';
import { freePort } from '../../local/service/port.ts';
import { Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { startCommand } from '../records/running-command.ts';
import { childrenOf, untilEnded } from '../service/processes.ts';

const STOPPED = 'eks-whois: Stopped while loading. The next start continues with what is stored.\n';

/** Waits until the port is free. A process that ended may hold it until its last thread is gone. */
async function untilFree(port: number): Promise<void> {
  while (!(await isFree(port))) await sleep(20);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return free;
}

describe('the service on one machine ends', () => {
  it('with a sentence and status 1 if it cannot continue, and leaves nothing running', async () => {
    using folder = new Folder();
    folder.file('data/time.json.new/is-a-folder', ''); // so that the time cannot be noted
    const port = await freePort();
    const options = ['--port', String(port), '--data', folder.at('data')];
    const ran = await runCommand(['local', ...options, ...quickFeed(folder)]);
    expect(ran.status).toBe(1);
    expect(ran.errors).toMatch(/^eks-whois: .*time\.json\.new is a folder\. .*\n$/);
    expect(await isFree(port)).toBe(true);
  });

  it('with a sentence and status 1 if its functions cannot be bundled', async () => {
    using checkout = new Folder();
    for (const name of PARTS) cpSync(join(REPOSITORY, name), checkout.at(name), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules'), checkout.at('node_modules'));
    checkout.file('functions/settle.ts', "import './nowhere.ts';\n");
    const run = promisify(execFile);
    const args = ['local', '--port', '0', '--data', checkout.at('data'), ...quickFeed(checkout)];
    const failed = await run(process.execPath, [checkout.at('bin/eks-whois'), ...args]).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 1 });
    expect(failed).toHaveProperty(
      'stderr',
      expect.stringMatching(/^eks-whois: The functions could not be started: .*functions\/settle\.ts.*nowhere.*\n$/),
    );
  });

  it('after feeding once, even if another program has its port', async () => {
    using folder = new Folder();
    const taken = createServer().listen(3000, '127.0.0.1');
    await once(taken, 'listening').catch(() => undefined); // somebody else has it, which is as good
    const ran = await runCommand(['local', '--once', '--data', folder.at('data'), ...quickFeed(folder)]);
    taken.close();
    expect(ran).toMatchObject({ status: 0, errors: '' });
  });

  it('at Ctrl-C while it serves, on a free port, which it prints', async () => {
    using folder = new Folder();
    const command = startCommand(['local', '--port', '0', '--data', folder.at('data'), ...quickFeed(folder)]);
    await command.until(/ready: \S+\n/);
    const [, url = ''] = /ready: (\S+)\n/.exec(command.printed.output) ?? [];
    expect((await fetch(`${url}/records?actor=alice`)).status).toBe(200);
    expect(await command.interrupt()).toBe(0);
  });

  it.runIf(process.platform === 'linux').each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('with a sentence when %s comes while it feeds', async (signal, status) => {
    using folder = new Folder();
    const fed = ['local', '--once', '--data', folder.at('data'), ...longFeed(folder)];
    const command = startCommand(fed);
    await command.until('audit event');
    command.child.kill(signal);
    command.child.kill(signal); // the terminal sends it, and whoever started it
    expect(await command.ended()).toBe(status);
    expect(command.printed.errors).toBe(STOPPED);
    const again = await runCommand(fed);
    expect(again).toMatchObject({ status: 0, errors: '' });
  });

  it.runIf(process.platform === 'linux').each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('with a sentence when %s comes while its functions start, and they with it', async (signal, status) => {
    using folder = new Folder();
    const port = await freePort();
    const options = ['--port', String(port), '--data', folder.at('data')];
    const command = startCommand(['local', ...options, ...quickFeed(folder)]);
    await expect.poll(() => childrenOf(command.child.pid), { timeout: 60_000 }).not.toEqual([]);
    const children = await childrenOf(command.child.pid);
    command.child.kill(signal);
    command.child.kill(signal); // the terminal sends it, and whoever started it
    expect(await command.ended()).toBe(status);
    expect(command.printed.errors).toBe(STOPPED);
    await untilEnded(children);
    await untilFree(port);
    expect(leftBundles(command.child.pid)).toEqual([]);
  });

  it('in the same way if the process that started it is gone', async () => {
    using folder = new Folder();
    const options = ['--port', String(await freePort()), '--data', folder.at('data')];
    const command = startCommand(['local', ...options, ...longFeed(folder)], {}, 'ipc');
    await command.until('audit event');
    const exit = once(command.child, 'exit'); // 'close' never comes where this side has cut the channel
    command.child.disconnect();
    expect(await exit).toEqual([143, null]);
    expect(command.printed.errors).toBe(STOPPED);
  });

  it.runIf(process.platform === 'linux')('with a sentence when its functions are ended by the system', async () => {
    using folder = new Folder();
    const command = startCommand(['local', '--port', '0', '--data', folder.at('data'), ...quickFeed(folder)]);
    await command.until('ready: ');
    for (const pid of await childrenOf(command.child.pid)) process.kill(pid, 'SIGKILL');
    expect(await command.ended()).toBe(1);
    expect(command.printed.errors).toBe(
      'eks-whois: The functions ended unexpectedly. Start again: the service continues with what is stored.\n',
    );
  });

  it.runIf(process.platform === 'linux')(
    'without its functions and their bundles living on when the system kills it',
    async () => {
      using folder = new Folder();
      const port = await freePort();
      const command = startCommand(['local', '--port', String(port), '--data', folder.path]);
      await command.until('audit events');
      const children = await childrenOf(command.child.pid);
      command.child.kill('SIGKILL');
      await command.ended();
      await untilEnded(children);
      await untilFree(port);
      expect(leftBundles(command.child.pid)).toEqual([]);
    },
  );
});

/** The parts of a checkout that the service needs. */
const PARTS = [
  'bin',
  'cli',
  'console',
  'functions',
  'infra',
  'lib',
  'local',
  'package.json',
  'serverless.yml',
  'openapi.yaml',
];

/** Folders of bundles that a service left in the checkout. */
function leftBundles(pid: number | undefined): string[] {
  const cache = join(REPOSITORY, 'node_modules/.cache');
  return readdirSync(cache).filter((name) => name.startsWith(`eks-whois-local-${pid}-`));
}

/** A week whose first line is printed seconds before its last, even if this process is held up. */
function longFeed(folder: Folder): string[] {
  writeBench(folder.path, { audit: 3_000, grants: 600, seed: 20260310, within: 6 * 24 * 3_600 });
  return ['--audit', folder.at('audit'), '--cloudtrail', folder.at('cloudtrail')];
}

/** Nothing but an empty file, which is fed in seconds. */
function quickFeed(folder: Folder): string[] {
  return ['--audit', folder.file('none.jsonl', '')];
}
