import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBench } from './generate.ts';
import { type Cost, measure, median } from './measure.ts';

/**
 * `npm run bench`: `attribute` over 200,000 audit events and 100,000 grants against a plain script over the same files.
 * Runs come in pairs, and the one that goes first alternates, so that a machine that slows down slows both. Fails where
 * the median of the pairs' ratios is above the limit.
 */

const LIMIT = 1.5;
const ROOT = join(import.meta.dirname, '..');

const { values: asked } = parseArgs({
  options: {
    audit: { type: 'string', default: '200000' },
    grants: { type: 'string', default: '100000' },
    pairs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '20260310' },
  },
});

interface Pair {
  readonly product: Cost;
  readonly plain: Cost;
}

function runPair(folder: string, productFirst: boolean): Pair {
  const runProduct = () =>
    measure([
      join(ROOT, 'bin', 'eks-whois'),
      'attribute',
      ...['--audit', join(folder, 'audit')],
      ...['--cloudtrail', join(folder, 'cloudtrail')],
      ...['--output-file', productOutput(folder)],
    ]);
  const runPlain = () => measure([join(ROOT, 'bench', 'plain.ts'), folder, plainOutput(folder)]);
  if (productFirst) return { product: runProduct(), plain: runPlain() };
  const plain = runPlain();
  return { product: runProduct(), plain };
}

function productOutput(folder: string): string {
  return join(folder, 'product.jsonl');
}

function plainOutput(folder: string): string {
  return join(folder, 'plain.jsonl');
}

/** A fast run that does less is no fast run: both have to name as many actors in as many records. */
function sameWork(folder: string): { readonly records: number; readonly attributed: number } {
  const [product, plain] = [productOutput(folder), plainOutput(folder)].map(countStatuses);
  if (!product || !plain || product.records !== plain.records || product.attributed !== plain.attributed) {
    throw new Error(`the two do not agree: ${JSON.stringify({ product, plain })}`);
  }
  return product;
}

function countStatuses(file: string): { readonly records: number; readonly attributed: number } {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return { records: lines.length, attributed: lines.filter((line) => line.includes('"status":"attributed"')).length };
}

function report(pairs: readonly Pair[]): number {
  const row = (name: string, costs: readonly Cost[]) => ({
    program: name,
    'wall s': median(costs.map((cost) => cost.wallSeconds)).toFixed(2),
    'CPU s': median(costs.map((cost) => cost.cpuSeconds)).toFixed(2),
    'peak MB': Math.max(...costs.map((cost) => cost.peakMegabytes)).toFixed(0),
  });
  const rows = [
    row(
      'eks-whois attribute',
      pairs.map(({ product }) => product),
    ),
    row(
      'plain script',
      pairs.map(({ plain }) => plain),
    ),
  ];
  console.table(rows);
  return median(pairs.map(({ product, plain }) => product.wallSeconds / plain.wallSeconds));
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'eks-whois-bench-'));
  try {
    console.error(`generating ${asked.audit} audit events and ${asked.grants} grants`);
    writeBench(folder, { audit: Number(asked.audit), grants: Number(asked.grants), seed: Number(asked.seed) });
    console.error('warming up');
    runPair(folder, true);
    const { records, attributed } = sameWork(folder);
    console.error(`both wrote ${records} records, ${attributed} of them attributed`);
    const ratio = report(Array.from({ length: Number(asked.pairs) }, (_, index) => runPair(folder, index % 2 === 0)));
    console.log(`ratio of wall times, median of ${asked.pairs} pairs: ${ratio.toFixed(2)} (at most ${LIMIT})`);
    process.exitCode = ratio > LIMIT ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
