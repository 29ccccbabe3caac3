import { wrongUsage } from './failure.ts';
import { note } from './faults.ts';
import { BY_ACTOR, GROUP_FORMATS, groupsText } from './groups/group-rows.ts';
import { keyOfActor, RecordGroups } from './groups/record-groups.ts';
import { filteredQuestion, filterText, isMeant } from './record-filter.ts';
import { allRecords } from './record-pages.ts';
import type { RecordsOptions } from './records.ts';
import { queryOf, questionText } from './records-question.ts';
import { serviceOrLocal } from './service-access.ts';
import { outputTo } from './text-output.ts';
import { counted } from './text-table.ts';
import { rangeOf, rangeText } from './time-range.ts';

/** Counts all records of the question by who acted, and says what was counted. */
export async function summaryAction(options: RecordsOptions): Promise<void> {
  const format = GROUP_FORMATS.find((known) => known === options.format);
  if (format === undefined) throw wrongUsage('A summary is no OCSF event: give --output table, jsonl or csv.');
  const range = rangeOf(options, Date.now());
  const { question, filter } = filteredQuestion(options);
  const query = queryOf(question, range);
  const service = serviceOrLocal(options);
  const output = outputTo(options.outputFile);
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  const groups = new RecordGroups(keyOfActor);
  let read = 0;
  let isCut = false;
  for await (const record of allRecords(service, query)) {
    if (!isMeant(filter, record)) continue;
    isCut = read >= most;
    if (isCut) break;
    groups.add(record);
    read += 1;
  }
  const rows = groups.sorted();
  output.write(groupsText(rows, BY_ACTOR, format));
  await output.end();
  const what = `${questionText(question)}${filterText(filter)}`;
  note(`${counted(read, 'record')} ${what}, ${rangeText(range)}: ${counted(rows.length, 'row')}.`);
  if (isCut) note(`--limit cut it: there are more records than the ${order(options)} ${most} that were counted.`);
}

function order({ status }: RecordsOptions): string {
  return status === undefined ? 'newest' : 'first';
}
