import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Cost of one run of a command. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system time of the process and its children. */
  readonly cpuSeconds: number;
  /** Largest resident size of any of these processes; 0 if unknown, as for other programs than Node.js. */
  readonly peakMegabytes: number;
}

const USAGE = pathToFileURL(join(import.meta.dirname, 'usage.ts')).href;

/**
 * Runs `node …args` to its end.
 * @throws if it fails, with its output.
 */
export function measure(args: readonly string[], { cwd }: { readonly cwd?: string } = {}): Cost {
  const folder = mkdtempSync(join(tmpdir(), 'eks-whois-usage-'));
  try {
    const options = `${process.env.NODE_OPTIONS ?? ''} --import=${USAGE}`;
    const env = { ...process.env, BENCH_USAGE_FOLDER: folder, NODE_OPTIONS: options };
    const wallSeconds = timed(process.execPath, args, { env, cwd });
    return { wallSeconds, ...used(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program other than Node.js to its end. Its CPU time comes from Linux's figures for child processes. */
export function measureProgram(program: string, args: readonly string[]): Cost {
  const before = childrenSeconds();
  const wallSeconds = timed(program, args, {});
  return { wallSeconds, cpuSeconds: childrenSeconds() - before, peakMegabytes: 0 };
}

function timed(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string | undefined },
): number {
  const start = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.slice(-2_000)}`);
  return wallSeconds;
}

/** Returns `cutime` and `cstime` in seconds. Linux has 100 clock ticks a second (proc_pid_stat(5)). */
function childrenSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

interface Usage {
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
  readonly maxRSS: number;
}

function used(folder: string): Pick<Cost, 'cpuSeconds' | 'peakMegabytes'> {
  const usages = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Usage);
  const microseconds = usages.reduce((sum, usage) => sum + usage.userCPUTime + usage.systemCPUTime, 0);
  return { cpuSeconds: microseconds / 1e6, peakMegabytes: Math.max(...usages.map(({ maxRSS }) => maxRSS)) / 1024 };
}

/**
 * Runs `node …args RESULT` to its end, while this process serves its requests. Returns the content of RESULT.
 * @throws if it fails, with its output.
 */
export async function resultOf<T>(args: readonly string[], result: string, env: NodeJS.ProcessEnv): Promise<T> {
  const child = spawn(process.execPath, [...args, result], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (piece) => {
    output += piece;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${output.slice(-2_000)}`);
  return JSON.parse(readFileSync(result, 'utf8')) as T; // our own program's
}

/** Measures work within this process. */
export async function costOf<T>(
  work: () => T | Promise<T>,
): Promise<Omit<Cost, 'peakMegabytes'> & { readonly result: T }> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const wallSeconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return { wallSeconds, cpuSeconds: (user + system) / 1e6, result };
}

/** Runs two programs in turns. The one that goes first alternates, so that a slower machine affects both. */
export async function inTurns<T>(rounds: number, ours: () => T | Promise<T>, theirs: () => T | Promise<T>) {
  const [mine, others]: [T[], T[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) mine.push(await ours());
    others.push(await theirs());
    if (round % 2 === 1) mine.push(await ours());
  }
  return { ours: mine, theirs: others };
}

/** Runs in turns and returns the cost of each: the median of its runs, and the highest peak. */
export async function inPairs(pairs: number, ours: () => Cost | Promise<Cost>, theirs: () => Cost | Promise<Cost>) {
  const runs = await inTurns(pairs, ours, theirs);
  return { ours: middle(runs.ours), theirs: middle(runs.theirs) };
}

function middle(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: median(costs.map((cost) => cost.wallSeconds)),
    cpuSeconds: median(costs.map((cost) => cost.cpuSeconds)),
    peakMegabytes: Math.max(...costs.map((cost) => cost.peakMegabytes)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
