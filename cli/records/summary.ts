import { requestsOf } from '../access/requests.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { rangeOf, rangeText } from '../options/time-range.ts';
import { outputTo } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import { type AskedRecords, candidatesCommand, candidatesOf } from './answer.ts';
import { emptyWords } from './empty-answer.ts';
import { filteredQuestion, filterText } from './filter.ts';
import { BY_ACTOR, GROUP_FORMATS, groupsText } from './groups/group-rows.ts';
import { keyOfActor, RecordGroups } from './groups/record-groups.ts';
import { allRecords } from './pages.ts';
import { queryOf, questionText } from './question.ts';
import { ReadRecords } from './read.ts';
import type { RecordsOptions } from './records.ts';

/** Counts all requests of the question by who acted, and says what was counted. */
export async function summaryAction(options: RecordsOptions): Promise<void> {
  const format = GROUP_FORMATS.find((known) => known === options.format);
  if (format === undefined) throw wrongUsage('A summary is no OCSF event: give --output table, jsonl or csv.');
  const { question, filter } = filteredQuestion(options);
  const asked = { options, question, filter, range: rangeOf(options), service: serviceOrLocal(options) };
  const query = queryOf(question, asked.range);
  const output = outputTo(options.outputFile);
  const groups = new RecordGroups(keyOfActor);
  const read = new ReadRecords(filter);
  const { number, isCut } = await countAll(asked, query, read, groups);
  const ambiguous = await countCandidates(asked, groups);
  const rows = groups.sorted();
  output.write(groupsText(rows, BY_ACTOR, format));
  await output.end();
  const what = `${questionText(question)}${filterText(filter)}`;
  note(`${counted(number, 'request')} ${what}, ${rangeText(asked.range)}${ambiguous}: ${counted(rows.length, 'row')}.`);
  if (isCut)
    note(`--limit cut it: there are more requests than the ${order(options)} ${options.limit} that were counted.`);
  if (rows.length === 0) for (const words of await emptyWords({ ...asked, read })) note(words);
}

async function countAll(
  { options, service }: AskedRecords,
  query: URLSearchParams,
  read: ReadRecords,
  groups: RecordGroups,
): Promise<{ readonly number: number; readonly isCut: boolean }> {
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  let number = 0;
  for await (const { record } of requestsOf(read.meant(allRecords(service, query), () => number >= most))) {
    if (number >= most) return { number, isCut: true };
    groups.add(record);
    number += 1;
  }
  return { number, isCut: read.isLeftOff };
}

/** Those in which the actor is one of several have rows of their own: nobody is known there. */
async function countCandidates(asked: AskedRecords, groups: RecordGroups): Promise<string> {
  const found = await candidatesOf(asked);
  if (found === undefined || (found.requests.length === 0 && found.isWhole)) return '';
  for (const { record } of found.requests) groups.add(record);
  const number = `${found.isWhole ? '' : 'at least '}${found.requests.length.toLocaleString('en-US')}`;
  return `, and ${number} more in which ${asked.question.actor} is one of several who can be meant (${candidatesCommand(asked.options)})`;
}

function order({ status }: RecordsOptions): string {
  return status === undefined ? 'newest' : 'first';
}
