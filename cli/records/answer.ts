import { isOwnWork } from '../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type Request, requestsIn, requestsOf } from '../../lib/usecases/activity/requests.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { pagesOf } from '../../lib/usecases/query/pages.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { RecordsAccess } from '../access/files-access.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { compareBy, fieldsNamed, RECORD_FIELDS } from '../format/fields.ts';
import { isTable, recordFormat } from '../format/formats.ts';
import { asksForSystem } from '../options/question-options.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import type { TextOutput } from '../terminal/output.ts';
import { counted } from '../terminal/text-table.ts';
import { recordsCommandText } from './command.ts';
import { emptyWords } from './empty-answer.ts';
import { NextReport } from './next-report.ts';
import { type RecordsOptions, recordsQuestion } from './options.ts';
import { notePeople } from './people-text.ts';
import { ReadPages } from './read.ts';

/** Writes the records, and notes what a person would miss in them. */
export async function recordsAnswer(options: RecordsOptions, service: RecordsAccess): Promise<void> {
  const query = { options, question: recordsQuestion(options), service };
  const output = resultsTo(options);
  const read = new ReadPages(query.question, query.service, options);
  const next = NextReport.for(options);
  const written = await writeRecords(read.records(), { output, options, next });
  await output.end();
  const empty = written.rows === 0 && !read.isLeftOff ? await emptyWords(query) : [];
  if (empty.length === 0) process.stderr.write(`${countText(written)}${cutText(written.isCut, read)}\n`);
  for (const words of empty) note(words);
  await noteCandidates(query);
  notePeople(read);
  for (const words of next?.sentences() ?? []) note(words);
}

/** The number of written requests and records, including summed ones, and whether there are more. */
interface WriteResult {
  readonly rows: number;
  readonly records: number;
  readonly isCut: boolean;
}

interface WriteContext {
  readonly output: TextOutput;
  readonly options: RecordsOptions;
  /** Collects from the shown records what to suggest next. Undefined if nothing is to be suggested. */
  readonly next: NextReport | undefined;
}

/** Writes the records. `--limit` counts the rows of a table, not the requests that are summed below it. */
async function writeRecords(
  records: AsyncIterable<AuditRecord>,
  { output, options, next }: WriteContext,
): Promise<WriteResult> {
  const { format: name, fields, limit = Number.POSITIVE_INFINITY } = options;
  const sumsSystem = isTable(name) && fields === undefined && !asksForSystem(options);
  const format = recordFormat(name, { ...viewOf(options), sumsSystem, most: limit, fields });
  const written = { rows: 0, records: 0, isCut: false };
  const requests = isTable(name) ? requestsIn(records) : eachAlone(records);
  const shown = upTo(limit, requests, {
    isRow: (record) => !sumsSystem || !isOwnWork(record.attribution),
    cut: () => {
      written.isCut = true;
    },
  });
  for await (const { record, stages } of inOrder(shown, options)) {
    output.write(format.record(record));
    next?.add(record);
    written.rows += 1;
    written.records += stages.length;
    await output.drain();
    if (output.closedByReader) break;
  }
  output.write(format.end());
  return written;
}

interface RowCut {
  /** Returns whether the record takes a row of the table. */
  isRow(record: AuditRecord): boolean;
  /** Notes that there are more rows than are shown. */
  cut(): void;
}

async function* upTo(most: number, requests: AsyncIterable<Request>, { isRow, cut }: RowCut): AsyncGenerator<Request> {
  let rows = 0;
  for await (const request of requests) {
    if (isRow(request.record)) rows += 1;
    if (rows > most) return cut();
    yield request;
  }
}

/** Yields the requests in the order of `--sort` and `--reverse`. Without these, they stay as they come. */
async function* inOrder(requests: AsyncIterable<Request>, { sort, reverse }: RecordsOptions): AsyncGenerator<Request> {
  if (sort === undefined && reverse !== true) return yield* requests;
  const all: Request[] = [];
  for await (const request of requests) all.push(request);
  const [by] = sort === undefined ? [] : fieldsNamed([sort], RECORD_FIELDS, '--sort');
  const compare = by === undefined ? () => 0 : compareBy(by);
  const sorted = all.sort((a, b) => compare(a.record, b.record));
  yield* reverse === true ? sorted.reverse() : sorted;
}

/** Returns the counts in words. A watch or an exec has one record for each stage. */
function countText({ rows, records }: { readonly rows: number; readonly records: number }): string {
  return rows === records
    ? counted(rows, 'record')
    : `${counted(rows, 'request')}, stored as ${counted(records, 'record')}: one for each stage`;
}

function cutText(isCut: boolean, read: ReadPages): string {
  if (isCut) return '; there are more (--limit reached)';
  return read.isLeftOff ? `; there may be more (--max-pages reached after ${counted(read.examined, 'record')})` : '';
}

/** Yields each record as a request of its own, so that all stages are shown. */
async function* eachAlone(records: AsyncIterable<AuditRecord>): AsyncGenerator<Request> {
  for await (const record of records) yield { record, stages: [record] };
}

interface CandidatesQuery {
  readonly options: Parameters<typeof recordsCommandText>[1];
  readonly question: RecordsQuestion;
  readonly service: RecordsAccess;
}

/** Notes how many more requests may be by the actor in the question. */
export async function noteCandidates({ options, question, service }: CandidatesQuery): Promise<void> {
  const candidates = candidatesQuestion(question);
  if (candidates === undefined) return;
  const actor = question.filter.actor?.any?.join(' or ') ?? '';
  try {
    const found = await candidateRequests(candidates, service);
    for (const words of candidateWords(actor, found, recordsCommandText(candidates, options))) note(words);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    note(`Could not check whether more requests may be by ${actor}. ${error.message}`);
  }
}

/**
 * The maximum number of pages that are read for candidates. No index leads to candidates, so all ambiguous sessions are
 * read.
 */
const MOST_ASKED = 20;

/** Requests that may be by the actor, who is one of several candidates. */
interface CandidateRequests {
  readonly requests: readonly Request[];
  /** Whether all were read. */
  readonly isComplete: boolean;
}

/**
 * Returns the same question for requests in which the actor is only a candidate. Undefined if the question has no
 * actor, or has a status.
 */
export function candidatesQuestion({ filter, range }: RecordsQuestion): RecordsQuestion | undefined {
  const { actor, status, candidate } = filter;
  if (actor?.any === undefined || status?.any !== undefined || candidate !== undefined) return undefined;
  return {
    filter: { ...without(filter, 'actor'), candidate: { any: actor.any }, status: { any: ['ambiguous'] } },
    range,
  };
}

/**
 * Returns the requests that match the question for candidates.
 * @throws CommandError if the service or the files cannot answer.
 */
export async function candidateRequests(question: RecordsQuestion, service: RecordsAccess): Promise<CandidateRequests> {
  const records: AuditRecord[] = [];
  let isComplete = false;
  for await (const page of pagesOf(question, service.records, { most: MOST_ASKED })) {
    records.push(...page.records);
    isComplete = page.isLast;
  }
  return { requests: requestsOf(records), isComplete };
}

/**
 * Returns the note about candidate requests, in a list. The list is empty if there are no such requests. `command`
 * lists them.
 */
function candidateWords(
  actor: string,
  { requests: { length }, isComplete }: CandidateRequests,
  command: string,
): readonly string[] {
  if (length === 0 && isComplete) return [];
  const how = `To list them, run ${command}`;
  if (length === 0) return [`Not all ambiguous requests were checked: more may be by ${actor}. ${how}`];
  const number = `${isComplete ? '' : 'At least '}${counted(length, 'more request')}`;
  return [`${number} may be by ${actor} (status ambiguous). ${how}`];
}
