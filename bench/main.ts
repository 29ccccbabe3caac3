import { parseArgs } from 'node:util';
import { type BenchLine, OutputsDiffer } from './result.ts';
import { attributeRows, memoryRows, type Sizes } from './rows/attribute.ts';
import { coldStartRows } from './rows/cold-start.ts';
import { ingestRows } from './rows/ingest.ts';
import { localRows } from './rows/local.ts';

/**
 * `npm run bench`, or `npm run bench -- NAME…` for some of it: each row of docs/performance.md as one JSON line with both figures
 * and the ratio. What a run costs is the machine's word too, so it fails only where two programs that should answer alike do not.
 */

type Family = (sizes: Sizes) => AsyncIterable<BenchLine>;

const FAMILIES: Readonly<Record<string, Family>> = {
  attribute: attributeRows,
  memory: memoryRows,
  ingest: ingestRows,
  'cold-start': coldStartRows,
  local: localRows,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    audit: { type: 'string', default: '200000' },
    grants: { type: 'string', default: '100000' },
    pairs: { type: 'string', default: '3' },
    week: { type: 'string', default: '500' },
  },
});

async function main(): Promise<void> {
  const sizes = {
    audit: Number(values.audit),
    grants: Number(values.grants),
    pairs: Number(values.pairs),
    week: Number(values.week),
  };
  const unknown = positionals.filter((name) => !(name in FAMILIES));
  if (unknown.length > 0) {
    throw new Error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(FAMILIES).join(', ')}.`);
  }
  for (const [name, family] of Object.entries(FAMILIES)) {
    if (positionals.length === 0 || positionals.includes(name)) await printAll(name, family(sizes));
  }
}

async function printAll(name: string, lines: AsyncIterable<BenchLine>): Promise<void> {
  try {
    for await (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  } catch (error) {
    if (!(error instanceof OutputsDiffer)) throw error;
    process.stdout.write(`${JSON.stringify({ bench: name, outputsDiffer: error.message })}\n`);
    process.exitCode = 1;
  }
}

await main();
