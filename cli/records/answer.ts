import { isOwnWork } from '../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type Request, requestsIn } from '../../lib/usecases/activity/requests.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { note } from '../failures/faults.ts';
import { isTable, recordFormat } from '../format/formats.ts';
import { askedQuestion, asksForSystem } from '../options/question-options.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import type { TextOutput } from '../terminal/output.ts';
import { counted } from '../terminal/text-table.ts';
import { emptyWords } from './empty-answer.ts';
import type { RecordsOptions } from './options.ts';
import { ReadPages } from './read.ts';
import { tellOfCandidates } from './tell-candidates.ts';

/** Writes the records, and says what a person would miss in them. */
export async function recordsAnswer(options: RecordsOptions): Promise<void> {
  const asked = { options, question: askedQuestion(options), service: serviceOrLocal(options) };
  const output = resultsTo(options);
  const read = new ReadPages(asked.question, asked.service, options);
  const written = await writeRecords(read.records(), output, options);
  await output.end();
  process.stderr.write(`${countText(written)}${cutText(written.isCut, read)}\n`);
  if (written.rows === 0) for (const words of await emptyWords(asked)) note(words);
  await tellOfCandidates(asked);
}

/** What was written: requests and their records, those among them that are only summed; and whether there are more. */
interface Written {
  readonly rows: number;
  readonly records: number;
  readonly isCut: boolean;
}

/** `--limit` counts the rows of a table, not what is summed below it. */
async function writeRecords(
  records: AsyncIterable<AuditRecord>,
  output: TextOutput,
  options: RecordsOptions,
): Promise<Written> {
  const { format: name, limit = Number.POSITIVE_INFINITY } = options;
  const sumsSystem = isTable(name) && !asksForSystem(options);
  const format = recordFormat(name, { ...viewOf(options), sumsSystem, most: limit });
  const written = { shown: 0, rows: 0, records: 0, isCut: false };
  for await (const { record, stages } of isTable(name) ? requestsIn(records) : eachAlone(records)) {
    const isRow = !sumsSystem || !isOwnWork(record.attribution);
    written.isCut = isRow && written.shown >= limit;
    if (written.isCut) break;
    output.write(format.record(record));
    if (isRow) written.shown += 1;
    written.rows += 1;
    written.records += stages.length;
    await output.drain();
    if (output.closedByReader) break;
  }
  output.write(format.end());
  return written;
}

/** A watch or an exec has a record for each of its stages. */
function countText({ rows, records }: { readonly rows: number; readonly records: number }): string {
  return rows === records
    ? counted(rows, 'record')
    : `${counted(rows, 'request')}, ${counted(records, 'record')} with their stages`;
}

function cutText(isCut: boolean, read: ReadPages): string {
  if (isCut) return '; there are more: --limit cut them off';
  return read.isLeftOff
    ? `; there may be more: --max-pages ended the reading after ${counted(read.examined, 'record')}`
    : '';
}

/** Each record by itself, where its stages are to be seen. */
async function* eachAlone(records: AsyncIterable<AuditRecord>): AsyncGenerator<Request> {
  for await (const record of records) yield { record, stages: [record] };
}
