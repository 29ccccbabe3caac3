import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBench } from './generate.ts';
import { type Cost, measure, median } from './measure.ts';

/**
 * `npm run bench`: `attribute` over 200,000 audit events and 100,000 grants against a plain script over the same files.
 * Runs come in pairs, and the one that goes first alternates, so that a machine that slows down slows both. It prints what
 * both cost, and fails only where they do not name the same actors: what a run costs is the machine's word too.
 */

/** What `attribute` should take at most, as a multiple of the plain script. */
const GOAL = 1.5;
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

/** A fast run that does less is no fast run: both have to give the same answer to each event. */
function sameWork(folder: string): { readonly records: number; readonly attributed: number } {
  const [product, plain] = [answersIn(productOutput(folder)), answersIn(plainOutput(folder))];
  const differing = [...plain].filter(([auditId, answer]) => product.get(auditId) !== answer);
  if (product.size !== plain.size || differing.length > 0) {
    const [auditId = '', answer] = differing[0] ?? [];
    throw new Error(
      `the two do not agree: ${product.size} and ${plain.size} records, ${differing.length} other answers, such as ` +
        `${product.get(auditId)} and ${answer} to ${auditId}`,
    );
  }
  return {
    records: plain.size,
    attributed: [...plain.values()].filter((text) => text.startsWith('attributed')).length,
  };
}

/** What each event is answered with, by its id: `attributed arn:aws:iam::…:user/…`. */
function answersIn(file: string): ReadonlyMap<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const records = lines.map((line) => JSON.parse(line) as Answered);
  return new Map(records.map(({ auditId, attribution: { status, actor } }) => [auditId, `${status} ${actor?.arn}`]));
}

interface Answered {
  readonly auditId: string;
  readonly attribution: { readonly status: string; readonly actor?: { readonly arn?: string } };
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
    console.log(
      `ratio of wall times, median of ${asked.pairs} pairs: ${ratio.toFixed(2)} (to be at most ${GOAL} on a quiet machine)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
