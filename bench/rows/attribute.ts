import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../release/bundle.ts';
import { installedDuckDb } from '../duckdb/installed.ts';
import { type Cost, inPairs, measure, measureProgram } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, costLine, rounded } from '../result.ts';
import { sameAnswers } from '../same-answers.ts';
import { SEED, writeBench } from '../world/day.ts';
import { bytesIn, gzipFolder, temporaryFolder } from '../world/kept.ts';

/**
 * Rows of `attribute` over whole files, compared with a script that a person would write, and with reading the files
 * alone.
 */

function attribute(audit: string, cloudtrail: string, output: string): Cost {
  const args = ['attribute', '--audit', audit, '--cloudtrail', cloudtrail, '--output-file', output];
  return measure([join(ROOT, 'bin', 'eks-whois'), ...args]);
}

/** Number of keys in use on a busy day. */
const BUSY_KEYS = 4_000;

export async function* attributeRows({ audit, grants, pairs }: AllSizes): AsyncGenerator<BenchLine> {
  using busy = temporaryFolder();
  writeBench(busy.path, { audit, grants, seed: SEED, keys: Math.min(grants, BUSY_KEYS) });
  yield* await besideDuckDb(busy.path, pairs);
  yield await besidePlainScript('attribute-plain', busy.path, pairs, 'CPU at most 1.5, peak under 400 MB');
  yield await besideZcat(busy.path, pairs);
  using twice = temporaryFolder();
  writeBench(twice.path, { audit, grants, seed: SEED, keys: Math.ceil(audit / 2), trailLines: true });
  yield await besidePlainScript('attribute-plain-twice', twice.path, pairs, 'CPU at most 2.1, peak under 500 MB');
}

async function besideDuckDb(folder: string, pairs: number): Promise<BenchLine[]> {
  const theirs = join(folder, 'duckdb.jsonl');
  const engine = installedDuckDb();
  const cost = await compared(folder, pairs, {
    file: theirs,
    run: () => measure([join(engine, 'join.mjs'), folder, theirs], { cwd: engine }),
  });
  const mebibytes = (bytesIn(join(folder, 'audit')) + bytesIn(join(folder, 'cloudtrail'))) / 2 ** 20;
  return [
    costLine('attribute', cost, 'DuckDB join by access key, 2 threads', {
      reach: 'wall at most 1, CPU at most 1.2, peak under 1; then wall 1/1.3',
    }),
    benchLine('throughput', {
      ours: { mebibytesPerCpuSecond: rounded(mebibytes / cost.ours.cpuSeconds) },
      against: { what: "Vector's published sizing, 25 MiB/s per vCPU: another task", mebibytesPerCpuSecond: 25 },
      reach: 'at least 60 MiB/s per vCPU, then 100',
      note: `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} vCPU; both logs counted`,
    }),
  ];
}

async function besidePlainScript(bench: string, folder: string, pairs: number, reach: string): Promise<BenchLine> {
  const theirs = join(folder, 'plain.jsonl');
  const cost = await compared(folder, pairs, {
    file: theirs,
    run: () => measure([join(ROOT, 'bench', 'plain-script.ts'), folder, theirs]),
  });
  return costLine(bench, cost, 'a single-threaded Node.js script with a Map', { reach });
}

/** Compares `attribute` with another program that writes its answers to a file: first the answers, then the costs. */
async function compared(
  folder: string,
  pairs: number,
  { file, run }: { readonly file: string; readonly run: () => Cost },
) {
  const mine = join(folder, 'ours.jsonl');
  const product = () => attribute(join(folder, 'audit'), join(folder, 'cloudtrail'), mine);
  run();
  product();
  await sameAnswers(mine, file);
  return inPairs(pairs, product, run);
}

async function besideZcat(folder: string, pairs: number): Promise<BenchLine> {
  const [audit, cloudtrail] = [join(folder, 'audit-gz'), join(folder, 'cloudtrail-gz')];
  await gzipFolder(join(folder, 'audit'), audit);
  await gzipFolder(join(folder, 'cloudtrail'), cloudtrail);
  const zipped = join(folder, 'zipped.jsonl');
  const product = () => attribute(audit, cloudtrail, zipped);
  product();
  await sameAnswers(zipped, join(folder, 'ours.jsonl'));
  const zcat = ['-c', 'zcat "$1"/* "$2"/* > /dev/null', 'sh', audit, cloudtrail];
  const cost = await inPairs(pairs, product, () => measureProgram('sh', zcat));
  return costLine('attribute-gzip', cost, 'zcat of the same files to nowhere', { reach: 'wall at most 2' });
}

/** Size of the larger of two days, in MiB. */
const GIBIBYTE = 1024;
const TENTH = 100;
const EVENT_BYTES = 1_225;

/** Measures the memory for a day ten times as long with as many grants. */
export async function* memoryRows({ grants }: AllSizes): AsyncGenerator<BenchLine> {
  const [large, small] = [peakOf(GIBIBYTE, grants), peakOf(TENTH, grants)];
  const what = `itself on ${TENTH} MiB of audit events instead of ${GIBIBYTE}`;
  yield costLine('memory', { ours: large, theirs: small }, what, {
    reach: 'peak at most 1.2, and under 512 MB',
  });
}

function peakOf(mebibytes: number, grants: number): Cost {
  using folder = temporaryFolder();
  writeBench(folder.path, { audit: Math.floor((mebibytes * 2 ** 20) / EVENT_BYTES), grants, seed: SEED });
  return attribute(join(folder.path, 'audit'), join(folder.path, 'cloudtrail'), join(folder.path, 'out.jsonl'));
}
