import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect } from 'vitest';
import { backfillStatements } from '../../infra/policies.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR, MINUTE } from '../../lib/time.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { canRunWithin, runWithin } from '../builders/within.ts';
import { deployed } from '../functions/deployed.ts';
import { type Call, type LoopbackAws, startLoopbackAws } from '../functions/loopback-aws.ts';
import { type LogEntry, type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';

const TABLE = 'eks-whois-test';

export interface ProcessResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A deployed service's tables, CloudTrail and CloudWatch Logs on this machine, and a folder to work in. */
export interface Account {
  readonly aws: LoopbackAws;
  readonly logs: LogsServer;
  readonly folder: Folder;
  /** `eks-whois backfill --table …`. */
  backfill(args: readonly string[], environment?: Environment): Promise<ProcessResult>;
  /** Runs it in its own process, and sends Ctrl-C (or `signal`) at the first request after the condition holds. */
  interrupted(args: readonly string[], when: () => boolean, signal?: NodeJS.Signals): Promise<ProcessResult>;
  /** Returns the records that `eks-whois records` finds. */
  records(args: readonly string[]): Promise<JsonObject[]>;
  /** The bookmarks that are kept; undefined where there is no file. */
  state(): JsonObject | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

export async function account(
  given: { groups?: Readonly<Record<string, readonly LogEntry[]>>; pageSize?: number } = {},
): Promise<Account> {
  const tables = tableNames(TABLE);
  const gate = { before: open };
  const beforeAnswer = () => gate.before();
  const [aws, logs] = await Promise.all([
    startLoopbackAws(tables, beforeAnswer),
    startLogs({ ...given, beforeAnswer }),
  ]);
  const folder = new Folder();
  running.push(
    () => aws.stop(),
    () => logs.close(),
    async () => folder[Symbol.dispose](),
  );
  const environment = {
    PATH: process.env.PATH,
    HOME: folder.path,
    AWS_ENDPOINT_URL: aws.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const start = (args: readonly string[], more: Environment = {}) =>
    spawn(process.execPath, [`${REPOSITORY}/bin/eks-whois`, ...args], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...more },
    });
  const within = async (args: readonly string[], more: Environment = {}): Promise<ProcessResult> => {
    if (!canRunWithin(args)) return ended(start(args, more));
    const { status, output, errors } = await runWithin(args, {
      environment: { ...environment, ...more },
      folder: folder.path,
    });
    return { status, stdout: output, stderr: withoutProgress(errors) };
  };
  return {
    aws,
    logs,
    folder,
    async backfill(args, more) {
      const before = aws.calls.length;
      const given = ['--table', TABLE, ...args];
      const result = await within(['backfill', ...onceEach(given)], more);
      expectAllowed(aws.calls.slice(before), given[given.lastIndexOf('--table') + 1] ?? '');
      return result;
    },
    async interrupted(args, when, signal = 'SIGINT') {
      const child = start(['backfill', ...onceEach(['--table', TABLE, ...args])]);
      const end = ended(child);
      gate.before = async () => {
        if (!when()) return;
        child.kill(signal);
        await end;
      };
      const stopped = await end;
      gate.before = open;
      return stopped;
    },
    async records(args) {
      const { stdout } = await within(['records', '--table', TABLE, '--format', 'jsonl', ...args]);
      return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JsonObject]));
    },
    state: () => stateOf(folder),
  };
}

/** The policy of docs/access.md, in which the tables have the prefix `eks-whois-dev`. */
const ALLOWED = new Set(
  backfillStatements(deployed({})).flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => [Resource].flat().map((each) => `${action} ${tableOf(each)}`)),
  ),
);

function tableOf(resource: unknown): string {
  return isJsonObject(resource) ? String(resource['Fn::Sub']).replace(/^.*:table\//, '') : String(resource);
}

/** Whoever has the policy may run it, whatever it loads. GetCallerIdentity needs no permission (FACTS). */
function expectAllowed(calls: readonly Call[], prefix: string): void {
  const asking = calls.filter(({ action }) => !action.endsWith(':GetCallerIdentity'));
  const made = new Set(asking.map(({ action, resource }) => `${action} ${resource.replace(prefix, 'eks-whois-dev')}`));
  expect([...made].filter((call) => !ALLOWED.has(call))).toEqual([]);
}

async function open(): Promise<void> {}

/** Removes the lines of progress: the clock decides whether they are printed. */
function withoutProgress(errors: string): string {
  return errors.replaceAll(/^(?:audit files|CloudTrail files|LookupEvents in|log group) ?[^\n]*: \d+ %[^\n]*\n/gm, '');
}

function stateOf(folder: Folder): JsonObject | undefined {
  try {
    const state: unknown = JSON.parse(folder.read('.eks-whois/backfill.json'));
    return isJsonObject(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

async function ended(child: ChildProcess): Promise<ProcessResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr: withoutProgress(stderr) };
}

/** Three hours ago: old enough to be settled for the last time, and within the event history. */
export const THEN: EpochMillis = epochMillis(Math.floor((Date.now() - 3 * HOUR) / 1_000) * 1_000);

export function minute(minutes: number): string {
  return formatInstant(epochMillis(THEN + minutes * MINUTE));
}

/** The n-th of some people's grants, each for an hour. */
export function grantOf(n: number, fields: JsonObject = {}): JsonObject {
  const at = { at: minute(0), until: minute(60) };
  return grant({ ...at, id: `grant-${n}`, session: `session-${n}`, key: keyOf(n), fields });
}

/** Returns an event of that person, ten minutes later. */
export function eventOf(n: number): JsonObject {
  return auditEvent({
    auditID: `7a0e1c5e-0000-4000-8000-${String(n).padStart(12, '0')}`,
    user: roleUser({ session: `session-${n}`, key: keyOf(n) }),
    requestReceivedTimestamp: minute(10),
  });
}

function keyOf(n: number): string {
  return `ASIAPERSON${String(n).padStart(10, '0')}`;
}

export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** One clear sentence or two, no stack trace. */
export const ONE_SENTENCE = /^eks-whois: [^\n]{10,600}[.?]\n$/;

/** Keeps only the last value of an option that takes one: a test overrides what it shares with others. */
function onceEach(args: readonly string[]): readonly string[] {
  const single = ['--table', '--from', '--to', '--cluster-name', '--log-stream', '--state'];
  const isOutdated = (word: string | undefined, at: number) =>
    word !== undefined && single.includes(word) && args.lastIndexOf(word) > at;
  return args.filter((word, at) => !isOutdated(word, at) && !isOutdated(args[at - 1], at - 1));
}
