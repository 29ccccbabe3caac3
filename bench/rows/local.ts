import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readRecord } from '../../lib/adapters/dynamodb/record-item.ts';
import { DAY, HOUR, SECOND } from '../../lib/time.ts';
import { LOCAL_TABLES, storeIn } from '../../local/service/local-tables.ts';
import { itemOf } from '../../local/tables/attributes.ts';
import { LevelStore } from '../../local/tables/level-store.ts';
import { ROOT } from '../../release/bundle.ts';
import { type Cost, measureProgram } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, costLine } from '../result.ts';
import { sameAnswers } from '../same-answers.ts';
import { SEED, writeBench } from '../world/day.ts';
import { temporaryFolder } from '../world/kept.ts';

/** Row of `local --once` over a person's own week, compared with `attribute`. */

const COMMAND = join(ROOT, 'bin', 'eks-whois');
/** Audit events for each grant. */
const EVENTS_A_GRANT = 5;
/** A week. At its end, every session is over. */
const WITHIN = (7 * DAY - 4 * HOUR) / SECOND;

export async function* localRows({ week }: AllSizes): AsyncGenerator<BenchLine> {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const grants = Math.ceil(week / EVENTS_A_GRANT);
  writeBench(folder.path, { audit: week, grants, seed: SEED, within: WITHIN });
  const files = ['--audit', at('audit'), '--cloudtrail', at('cloudtrail')];
  const attribute = run('attribute', ...files, '--output-file', at('attribute.jsonl'));
  const local = run('local', '--once', ...files, '--data', at('tables'));
  await writeRecords(at('tables'), at('local.jsonl'));
  await sameAnswers(at('local.jsonl'), at('attribute.jsonl'));
  yield costLine('local', { ours: local, theirs: attribute }, '`attribute` of the same files', {
    reach: 'wall at most 20',
    note: `${week} audit events, ${grants} grants of a week`,
  });
}

/** Writes the records of the tables in that folder as JSON lines. */
async function writeRecords(folder: string, file: string): Promise<void> {
  const store = await LevelStore.open(storeIn(folder), [LOCAL_TABLES.records]);
  const lines = async function* () {
    for await (const item of store.items(LOCAL_TABLES.records))
      yield `${JSON.stringify(readRecord(itemOf(item)).record)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  await store.close();
}

/** Measures the command with the processes that it starts. */
function run(...args: readonly string[]): Cost {
  return measureProgram(process.execPath, [COMMAND, ...args]);
}
