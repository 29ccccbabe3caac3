import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { chartOf } from './chart.ts';
import { type AllSizes, type BenchOptions, benchOptions } from './options.ts';
import { type BenchLine, OutputsDiffer } from './result.ts';
import { attributeRows, memoryRows } from './rows/attribute.ts';
import { coldStartRows } from './rows/cold-start.ts';
import { growthRows } from './rows/growth.ts';
import { ingestRows, ingestStoreRows } from './rows/ingest.ts';
import { localRows } from './rows/local.ts';
import { scaleRows } from './rows/scale.ts';
import { startUpRows } from './rows/start-up.ts';
import { whoisRows } from './rows/whois.ts';
import { whoisCloudTrailRows } from './rows/whois-cloudtrail.ts';

/**
 * `npm run bench`, or `npm run bench -- NAME…` for some rows: prints each row of docs/performance.md as one JSON line
 * with both figures and their ratio. `--charts FOLDER` draws growth curves. Figures depend on the machine, so a run
 * fails only if two programs give different answers.
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

async function bench({ families, sizes, charts }: BenchOptions): Promise<void> {
  for (const [name, family] of Object.entries(FAMILIES)) {
    if (families.length === 0 || families.includes(name)) await printAll(name, family(sizes), charts);
  }
}

async function printAll(name: string, lines: AsyncIterable<BenchLine>, charts: string | undefined): Promise<void> {
  try {
    for await (const line of lines) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
      if (charts !== undefined) draw(line, charts);
    }
  } catch (error) {
    if (!(error instanceof OutputsDiffer)) throw error;
    process.stdout.write(`${JSON.stringify({ bench: name, outputsDiffer: error.message })}\n`);
    process.exitCode = 1;
  }
}

/** Draws the growth curve of a row that has one. */
function draw({ bench, curve }: BenchLine, folder: string): void {
  if (curve === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${bench}.svg`), chartOf(bench, curve));
}

try {
  await bench(benchOptions(process.argv.slice(2), Object.keys(FAMILIES)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode; // commander has printed the message
}
