import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { installedDuckDb } from '../duckdb/installed.ts';
import { type Cost, measure, measureProgram } from '../measure.ts';
import { inPairs } from '../pairs.ts';
import { type BenchLine, benchLine, figuresOf, rounded } from '../result.ts';
import { sameAnswers } from '../same-answers.ts';
import { writeBench } from '../world/day.ts';
import { bytesIn, gzipFolder, temporaryFolder } from '../world/kept.ts';

/** `attribute` over whole files: beside what a person would write instead, and beside what the files alone cost. */

const ROOT = join(import.meta.dirname, '..', '..');
const SEED = 20_260_310;

export interface Sizes {
  readonly audit: number;
  readonly grants: number;
  readonly pairs: number;
  /** Audit events of a person's own week. */
  readonly week: number;
}

function attribute(audit: string, cloudtrail: string, output: string): Cost {
  const args = ['attribute', '--audit', audit, '--cloudtrail', cloudtrail, '--output-file', output];
  return measure([join(ROOT, 'bin', 'eks-whois'), ...args]);
}

/** How many keys the events of a busy day use. */
const BUSY_KEYS = 4_000;

export async function* attributeRows(sizes: Sizes): AsyncGenerator<BenchLine> {
  const { audit, grants, pairs } = sizes;
  using busy = temporaryFolder();
  writeBench(busy.path, { audit, grants, seed: SEED, keys: Math.min(grants, BUSY_KEYS) });
  yield* await besideDuckDb(busy.path, pairs);
  yield await besidePlainScript('attribute-plain', busy.path, sizes, 'CPU at most 1.5, peak under 400 MB');
  yield await besideZcat(busy.path, pairs);
  using twice = temporaryFolder();
  writeBench(twice.path, { audit, grants, seed: SEED, keys: Math.ceil(audit / 2), trailLines: true });
  yield await besidePlainScript('attribute-plain-twice', twice.path, sizes, 'CPU at most 2.1, peak under 500 MB');
}

async function besideDuckDb(folder: string, pairs: number): Promise<BenchLine[]> {
  const [mine, theirs] = [join(folder, 'ours.jsonl'), join(folder, 'duckdb.jsonl')];
  const engine = installedDuckDb();
  const product = () => attribute(join(folder, 'audit'), join(folder, 'cloudtrail'), mine);
  const join2 = () => measure([join(engine, 'join.mjs'), folder, theirs], { cwd: engine });
  product();
  join2();
  await sameAnswers(mine, theirs);
  const cost = inPairs(pairs, product, join2);
  const mebibytes = (bytesIn(join(folder, 'audit')) + bytesIn(join(folder, 'cloudtrail'))) / 2 ** 20;
  return [
    benchLine('attribute', {
      ours: figuresOf(cost.ours),
      against: { what: 'DuckDB join by access key, 2 threads', ...figuresOf(cost.theirs) },
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

async function besidePlainScript(bench: string, folder: string, sizes: Sizes, reach: string): Promise<BenchLine> {
  const [mine, theirs] = [join(folder, 'ours.jsonl'), join(folder, 'plain.jsonl')];
  const product = () => attribute(join(folder, 'audit'), join(folder, 'cloudtrail'), mine);
  const plain = () => measure([join(ROOT, 'bench', 'plain-script.ts'), folder, theirs]);
  plain();
  product();
  await sameAnswers(mine, theirs);
  const cost = inPairs(sizes.pairs, product, plain);
  return benchLine(bench, {
    ours: figuresOf(cost.ours),
    against: { what: 'a single-threaded Node.js script with a Map', ...figuresOf(cost.theirs) },
    reach,
  });
}

async function besideZcat(folder: string, pairs: number): Promise<BenchLine> {
  const [audit, cloudtrail] = [join(folder, 'audit-gz'), join(folder, 'cloudtrail-gz')];
  await gzipFolder(join(folder, 'audit'), audit);
  await gzipFolder(join(folder, 'cloudtrail'), cloudtrail);
  const zipped = join(folder, 'zipped.jsonl');
  const product = () => attribute(audit, cloudtrail, zipped);
  product();
  await sameAnswers(zipped, join(folder, 'ours.jsonl'));
  const cost = inPairs(pairs, product, () =>
    measureProgram('sh', ['-c', 'zcat "$1"/* "$2"/* > /dev/null', 'sh', audit, cloudtrail]),
  );
  return benchLine('attribute-gzip', {
    ours: figuresOf(cost.ours),
    against: { what: 'zcat of the same files to nowhere', ...figuresOf(cost.theirs) },
    reach: 'wall at most 2',
  });
}

/** In MiB, what the larger of two days has. */
const GIBIBYTE = 1024;
const TENTH = 100;
const EVENT_BYTES = 1_225;

/** How much memory a day ten times as long takes, with as many grants. */
export async function* memoryRows({ grants }: Sizes): AsyncGenerator<BenchLine> {
  const [large, small] = [peakOf(GIBIBYTE, grants), peakOf(TENTH, grants)];
  yield benchLine('memory', {
    ours: figuresOf(large),
    against: { what: `itself on ${TENTH} MiB of audit events instead of ${GIBIBYTE}`, ...figuresOf(small) },
    reach: 'peak at most 1.2, and under 512 MB',
  });
}

function peakOf(mebibytes: number, grants: number): Cost {
  using folder = temporaryFolder();
  writeBench(folder.path, { audit: Math.floor((mebibytes * 2 ** 20) / EVENT_BYTES), grants, seed: SEED });
  return attribute(join(folder.path, 'audit'), join(folder.path, 'cloudtrail'), join(folder.path, 'out.jsonl'));
}
