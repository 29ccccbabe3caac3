import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chartOf } from './chart.ts';
import { type BenchLine, OutputsDiffer } from './result.ts';
import { attributeRows, memoryRows } from './rows/attribute.ts';
import { coldStartRows } from './rows/cold-start.ts';
import { growthRows } from './rows/growth.ts';
import { ingestRows } from './rows/ingest.ts';
import { ingestStoreRows } from './rows/ingest-store.ts';
import { localRows } from './rows/local.ts';
import { scaleRows } from './rows/scale.ts';
import { startUpRows } from './rows/start-up.ts';
import { whoisRows } from './rows/whois.ts';
import { whoisCloudTrailRows } from './rows/whois-cloudtrail.ts';
import { type AllSizes, DEFAULT_SIZES } from './sizes.ts';

/**
 * `npm run bench`, or `npm run bench -- NAME…` for some of it: each row of docs/performance.md as one JSON line with both figures
 * and the ratio; `--charts FOLDER` draws how costs grow. What a run costs is the machine's word too, so it fails only where two programs that should answer alike do not.
 */

type Family = (sizes: AllSizes) => AsyncIterable<BenchLine>;

const FAMILIES: Readonly<Record<string, Family>> = {
  attribute: attributeRows,
  memory: memoryRows,
  ingest: ingestRows,
  'ingest-store': ingestStoreRows,
  'cold-start': coldStartRows,
  'start-up': startUpRows,
  local: localRows,
  whois: whoisRows,
  'whois-cloudtrail': whoisCloudTrailRows,
  growth: growthRows,
  scale: scaleRows,
};

const NAMES = Object.keys(DEFAULT_SIZES) as (keyof AllSizes)[]; // our own constant's keys

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(['charts', ...NAMES].map((name) => [name, { type: 'string' as const }])),
});

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !(name in FAMILIES));
  if (unknown.length > 0) {
    throw new Error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(FAMILIES).join(', ')}.`);
  }
  const given = NAMES.flatMap((name) => (values[name] === undefined ? [] : [[name, Number(values[name])] as const]));
  const sizes = { ...DEFAULT_SIZES, ...Object.fromEntries(given) };
  for (const [name, family] of Object.entries(FAMILIES)) {
    if (positionals.length === 0 || positionals.includes(name)) await printAll(name, family(sizes));
  }
}

async function printAll(name: string, lines: AsyncIterable<BenchLine>): Promise<void> {
  try {
    for await (const line of lines) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
      draw(line);
    }
  } catch (error) {
    if (!(error instanceof OutputsDiffer)) throw error;
    process.stdout.write(`${JSON.stringify({ bench: name, outputsDiffer: error.message })}\n`);
    process.exitCode = 1;
  }
}

/** `--charts FOLDER`: how the cost grows, a file for each row that says it. */
function draw({ bench, curve }: BenchLine): void {
  if (values.charts === undefined || curve === undefined) return;
  mkdirSync(values.charts, { recursive: true });
  writeFileSync(join(values.charts, `${bench}.svg`), chartOf(bench, curve));
}

await main();
