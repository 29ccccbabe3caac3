import { eachAlone, requestsOf } from '../access/requests.ts';
import { type ServiceAccess, serviceOrLocal } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { recordFormat } from '../format/record-format.ts';
import { type AskedRange, rangeOf } from '../options/time-range.ts';
import { outputTo } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import { type CandidateRequests, candidateRequests, candidateWords } from './candidates.ts';
import { recordsCommandText } from './command.ts';
import { emptyWords } from './empty-answer.ts';
import { type FilteredQuestion, filteredQuestion, leavesOut } from './filter.ts';
import { allRecords, PAGE } from './pages.ts';
import { queryOf } from './question.ts';
import { ReadRecords } from './read.ts';
import type { RecordsOptions } from './records.ts';

/** What was asked, and whom. */
export interface AskedRecords extends FilteredQuestion {
  readonly options: RecordsOptions;
  readonly range: AskedRange;
  readonly service: ServiceAccess;
}

/** Writes the records, and says what a person would miss in them. */
export async function recordsAnswer(options: RecordsOptions): Promise<void> {
  const { question, filter } = filteredQuestion(options);
  const range = rangeOf(options);
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  const query = queryOf(question, range, leavesOut(filter) ? PAGE : most + 1);
  const asked = { options, question, filter, range, service: serviceOrLocal(options) };
  const output = outputTo(options.outputFile);
  const format = recordFormat(options.format);
  const read = new ReadRecords(filter);
  const written = { rows: 0, records: 0, isCut: false };
  const records = read.meant(allRecords(asked.service, query), () => written.rows >= most);
  for await (const { record, stages } of options.format === 'table' ? requestsOf(records) : eachAlone(records)) {
    written.isCut = written.rows >= most;
    if (written.isCut) break;
    output.write(format.record(record));
    written.rows += 1;
    written.records += stages.length;
    await output.drain();
    if (output.closedByReader) break;
  }
  output.write(format.end());
  await output.end();
  process.stderr.write(`${countText(written)}${cutText(written.isCut, read.isLeftOff)}\n`);
  if (written.rows === 0) for (const words of await emptyWords({ ...asked, read })) note(words);
  await tellOfCandidates(asked);
}

/** A watch or an exec has a record for each of its stages. */
function countText({ rows, records }: { readonly rows: number; readonly records: number }): string {
  return rows === records
    ? counted(rows, 'record')
    : `${counted(rows, 'request')}, ${counted(records, 'record')} with their stages`;
}

function cutText(isCut: boolean, isLeftOff: boolean): string {
  if (isCut) return '; there are more: --limit cut them off';
  return isLeftOff ? '; there may be more: --limit ended the reading' : '';
}

/** Whoever asks for somebody's records is to know of those in which she is one of several. */
async function tellOfCandidates(asked: AskedRecords): Promise<void> {
  const { actor = '' } = asked.question;
  try {
    const found = await candidatesOf(asked);
    if (found === undefined) return;
    for (const words of candidateWords(actor, found, candidatesCommand(asked.options))) note(words);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    note(`Whether ${actor} is one of several who can be meant elsewhere could not be asked. ${error.message}`);
  }
}

/** Shows the records in which the actor of the question is one of several. */
export function candidatesCommand(options: RecordsOptions): string {
  return recordsCommandText(options, { status: 'ambiguous' });
}

/** Those in which the actor of the question is one of several; undefined where it asks for no actor, or for a status. */
export async function candidatesOf(asked: AskedRecords): Promise<CandidateRequests | undefined> {
  const { question, filter, range, service } = asked;
  if (question.actor === undefined || filter.status !== undefined) return undefined;
  return candidateRequests(question.actor, filter, range, service);
}
