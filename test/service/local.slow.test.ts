import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../local/service/port.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { startCommand } from '../records/running-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'bin/eks-whois');
const run = promisify(execFile);

interface ShownPage {
  readonly auditId: string;
  readonly time: string;
  readonly stage: string;
  readonly caller: object;
  readonly attribution: { readonly status: string; readonly flags: readonly string[]; readonly provisional: boolean };
}

interface RecordsPage {
  readonly records: readonly ShownPage[];
  readonly cursor?: string;
}

/** Starts the service. Returns once it prints `ready`, with everything that it printed. */
async function start(args: readonly string[]): Promise<{ child: ChildProcess; printed: string }> {
  const child = spawn(process.execPath, [COMMAND, 'local', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const piece of child.stdout) {
    printed += String(piece);
    if (printed.includes('ready: ')) break;
  }
  return { child, printed };
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function attributed(): Promise<ShownPage[]> {
  const args = ['attribute', '--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
  const { stdout } = await run(process.execPath, [COMMAND, ...args], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Returns the parts to compare. `provisional` is not among them, because no later grants can change an answer over files. */
function comparable({ caller, attribution }: ShownPage): object {
  return { caller, attribution: { ...attribution, provisional: undefined } };
}

describe('the service on one machine', () => {
  let folder: string;
  let port: number;
  let service: { child: ChildProcess; printed: string };
  const api = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const ask = async <T>(path: string): Promise<T> => (await (await api(path)).json()) as T;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eks-whois-local-'));
    port = await freePort();
    service = await start(['--port', String(port), '--data', folder]);
  });

  afterAll(async () => {
    await stop(service?.child);
    await rm(folder, { recursive: true });
  });

  it('reports in words what happens, including alerts', () => {
    expect(service.printed).toMatch(/audit events of prod: .*\d+ pending/);
    expect(service.printed).toMatch(/settled \d+ records: now .*attributed/);
    expect(service.printed).toMatch(/alert: eks-whois: unattributed: session named etl-debug/);
    expect(service.printed).toContain(`ready: http://127.0.0.1:${port}`);
  });

  it('ends with the same answers that attribute gives over the same files', async () => {
    const expected = await attributed();
    expect(new Set(expected.map(({ attribution }) => attribution.status)).size).toBe(5);
    for (const record of expected) {
      const { records } = await ask<RecordsPage>(`/records?auditId=${record.auditId}`);
      const stored = records.find(({ time, stage }) => time === record.time && stage === record.stage);
      expect(stored && comparable(stored), record.auditId).toEqual(comparable(record));
    }
  });

  it('lists by actor, newest first, page by page', async () => {
    const first = await ask<RecordsPage>('/records?actor=ana.silva&limit=2');
    expect(first.records).toHaveLength(2);
    const next = await ask<RecordsPage>(`/records?actor=ana.silva&limit=2&cursor=${first.cursor}`);
    const times = [...first.records, ...next.records].map(({ time }: ShownPage) => time);
    expect(times).toEqual([...times].sort().reverse());
    const all = [...first.records, ...next.records].map((record) => JSON.stringify(record));
    expect(new Set(all).size).toBe(4);
  });

  it('answers who is behind a session, with the evidence, and 400 with the parameter for wrong questions', async () => {
    const [record] = (await attributed()).filter(({ attribution }) =>
      attribution.flags.includes('session-name-claims-other-actor'),
    );
    const key = (record as unknown as { caller: { accessKeyId: string } }).caller.accessKeyId;
    const answer = await ask<{ attribution: object }>(`/whois?accessKeyId=${key}&at=${record?.time}`);
    expect(answer.attribution).toMatchObject({ status: 'attributed', actor: { name: 'dmitri.volkov' } });
    const wrong = await api('/whois?principal=nobody');
    expect(wrong.status).toBe(400);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(await wrong.json()).toMatchObject({ status: 400, parameter: 'principal' });
  });

  it('answers like API Gateway if no route fits', async () => {
    for (const [method, path] of [
      ['GET', '/nope'],
      ['GET', '/console'],
      ['POST', '/whois'],
      ['DELETE', '/records'],
    ] as const) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
    }
  });

  it('lists the unidentified sessions', async () => {
    const { sessions } = await ask<{ sessions: unknown[] }>('/sessions?status=unattributed');
    expect(sessions.length).toBeGreaterThanOrEqual(3);
  });

  it('answers the command line: records, sessions and whois by audit id', async () => {
    const command = async (...args: string[]) =>
      (await run(process.execPath, [COMMAND, ...args, '--api', `http://127.0.0.1:${port}`])).stdout;
    const jsonl = await command('records', '--actor', 'dmitri.volkov', '--format', 'jsonl');
    const found: ShownPage[] = jsonl
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.length).toBeGreaterThanOrEqual(5);
    const named = found.find(({ attribution }) => attribution.flags.includes('node-role-used-by-person'));
    const text = await command('whois', '--audit-id', named?.auditId ?? '');
    expect(text).toContain('dmitri.volkov  (IAM user)  attributed, by access key');
    const one = await command(
      'records',
      '--cluster',
      'staging',
      '--namespace',
      'payments',
      '--object',
      'feature-flags',
    );
    expect(one).toMatch(/unattributed {2}session-name-unknown {2}delete/);
    expect(await command('sessions', '--status', 'unattributed')).toMatch(/etl-debug .* no-matching-grant/);
  });

  it('can be followed, summed up and searched for forged names by the command line', async () => {
    const api = ['--api', `http://127.0.0.1:${port}`];
    const place = ['--cluster', 'staging', '--namespace', 'payments'];
    const since = ['--from', '2026-03-10T12:00:00Z', '--interval', '0.2'];
    const following = startCommand(['records', '--follow', ...place, ...since, ...api]);
    await following.until('feature-flags');
    expect(await following.interrupt()).toBe(0);
    const times = following.printed.output.split('\n').flatMap((line) => /^2026\S+/.exec(line)?.[0] ?? []);
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual(times.toSorted());
    const summary = await runCommand(['records', '--summary', ...place, ...api]);
    expect(summary.output).toMatch(/username legacy-ops .* unattributed +1 /);
    const forged = await runCommand(['sessions', '--forged', '--cluster', 'prod', '--namespace', 'orders', ...api]);
    expect(forged.output).toMatch(/session-name-claims-other-actor +AROA\w+:ana\.silva .* dmitri\.volkov /);
  });

  it('continues with its data when it is started again', async () => {
    await stop(service.child);
    service = await start(['--port', String(port), '--data', folder]);
    expect(service.printed).toMatch(/0 events recorded, 144 there already/);
    const { records } = await ask<RecordsPage>('/records?actor=ana.silva');
    expect(records.length).toBeGreaterThan(2);
  });
});

describe('a machine that prevents the start', () => {
  async function failing(args: readonly string[]): Promise<{ code: number; stderr: string }> {
    return run(process.execPath, [COMMAND, 'local', ...args]).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
  }

  it('is reported if the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const folder = await mkdtemp(join(tmpdir(), 'eks-whois-local-'));
    const { code, stderr } = await failing(['--port', String(port), '--data', folder]);
    server.close();
    await rm(folder, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `eks-whois: Port ${port} of 127.0.0.1 is in use or not permitted. Choose another one with --port.\n`,
    );
  });

  it('is reported if the folder is a file', async () => {
    using folder = new Folder();
    const file = folder.file('file', '');
    const { code, stderr } = await failing(['--data', file]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `eks-whois: ${file} is a file, not a folder. Choose another folder with --data.\n`,
    });
  });

  it('is reported if the folder cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eks-whois-local-'));
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, stderr } = await failing(['--data', join(file, 'below')]);
    await rm(folder, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Choose another folder with --data\.\n$/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('is reported if the store is corrupt', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eks-whois-local-'));
    await writeFile(join(folder, 'dynamodb'), 'no database');
    const { code, stderr } = await failing(['--data', folder, '--port', String(await freePort())]);
    await rm(folder, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/move the folder away/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
