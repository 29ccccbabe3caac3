import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY, HOUR, SECOND } from '../../lib/time.ts';
import { type Cost, measure, measureProgram } from '../measure.ts';
import { type BenchLine, benchLine, figuresOf } from '../result.ts';
import { sameAnswers } from '../same-answers.ts';
import { writeBench } from '../world/day.ts';
import { temporaryFolder } from '../world/kept.ts';

/** `local --once` over a person's own week: beside `attribute`, and beside what the tables alone cost on this machine. */

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin', 'eks-whois');
const WRITE_AGAIN = join(ROOT, 'bench', 'tables', 'write-again.ts');
const SEED = 20_260_310;
/** Audit events for each grant. */
const EVENTS_A_GRANT = 5;
/** A week, at the end of which every session is over. */
const WITHIN = (7 * DAY - 4 * HOUR) / SECOND;

export async function* localRows({ week }: { readonly week: number }): AsyncGenerator<BenchLine> {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const grants = Math.ceil(week / EVENTS_A_GRANT);
  writeBench(folder.path, { audit: week, grants, seed: SEED, within: WITHIN });
  const files = ['--audit', at('audit'), '--cloudtrail', at('cloudtrail')];
  const attribute = run('attribute', ...files, '--output-file', at('attribute.jsonl'));
  const local = run('local', '--once', ...files, '--data', at('tables'));
  measure([WRITE_AGAIN, at('tables'), at('again'), at('local.jsonl'), at('cost.json')]);
  const { puts, ...bare } = JSON.parse(readFileSync(at('cost.json'), 'utf8')) as Cost & { puts: number };
  await sameAnswers(at('local.jsonl'), at('attribute.jsonl'));
  const note = `${week} audit events, ${grants} grants of a week`;
  yield benchLine('local', {
    ours: figuresOf(local),
    against: { what: '`attribute` of the same files', ...figuresOf(attribute) },
    reach: 'wall at most 20',
    note,
  });
  yield benchLine('local-tables', {
    ours: figuresOf(local),
    against: { what: `its ${puts} items, each put once into empty tables of dynalite`, ...figuresOf(bare) },
    reach: 'none: what is left when nothing is decided',
    note,
  });
}

/** With the processes that it starts, however they end. */
function run(...args: readonly string[]): Cost {
  return measureProgram(process.execPath, [COMMAND, ...args]);
}
