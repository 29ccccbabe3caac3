import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { canRunWithin, runWithin } from './within.ts';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(REPOSITORY, 'bin/eks-whois');

export interface CommandOutcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the real command line. It gets a process of its own only if it needs one. */
export function runCommand(
  args: readonly string[],
  input?: string | Buffer,
  environment?: Readonly<Record<string, string>>,
): Promise<CommandOutcome> {
  const isAlone = input !== undefined || environment?.NODE_OPTIONS !== undefined || !canRunWithin(args);
  if (isAlone) return runAsProcess(args, input, environment);
  return runWithin(args, { environment: { ...process.env, NO_COLOR: '1', ...environment } });
}

/** Runs the real command line in a process of its own. */
export function runAsProcess(
  args: readonly string[],
  input?: string | Buffer,
  environment?: Readonly<Record<string, string>>,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      stdio: 'pipe',
      env: { ...process.env, NO_COLOR: '1', ...environment },
    });
    const chunks: { output: Buffer[]; errors: Buffer[] } = { output: [], errors: [] };
    child.stdout.on('data', (chunk: Buffer) => chunks.output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.errors.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', () => undefined); // the command may end before it has read everything
    child.stdin.end(input ?? '');
    child.on('close', (status) => {
      const [output, errors] = [chunks.output, chunks.errors].map((parts) => Buffer.concat(parts).toString('utf8'));
      resolve({ status, output: output ?? '', errors: errors ?? '' });
    });
  });
}

/** A folder for the files of one test. It is removed after the test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'eks-whois-test-'));

  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, and creates its folders. */
  file(name: string, content: string | Buffer): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface AttributeRun extends CommandOutcome {
  readonly records: readonly AuditRecord[];
  readonly rejects: readonly RejectedPiece[];
}

/** Runs `attribute` over these files. Returns its JSON lines, and what it skipped. */
export async function attributeFiles(
  folder: Folder,
  paths: {
    readonly audit: readonly string[];
    readonly cloudtrail?: readonly string[];
    readonly more?: readonly string[];
  },
  input?: string | Buffer,
): Promise<AttributeRun> {
  const rejects = folder.at('rejects-of-the-run.jsonl');
  const cloudtrail = paths.cloudtrail ?? [folder.file('empty-cloudtrail.json', '')];
  const ran = await runCommand(
    [
      'attribute',
      '-v',
      '--audit',
      ...paths.audit,
      '--cloudtrail',
      ...cloudtrail,
      '--rejects',
      rejects,
      ...(paths.more ?? []),
    ],
    input,
  );
  return { ...ran, records: jsonLines(ran.output), rejects: jsonLines(readFileSync(rejects, 'utf8')) };
}

function jsonLines<T>(text: string): T[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}
