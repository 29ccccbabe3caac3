import type { Flag } from '../../lib/attribution/attribution.ts';
import { requestsOf } from '../access/requests.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { note } from '../failures/faults.ts';
import { rangeText } from '../options/time-range.ts';
import { BY_SESSION, groupsText } from '../records/groups/group-rows.ts';
import { keyOfFlaggedSession, RecordGroups } from '../records/groups/record-groups.ts';
import { allRecords } from '../records/pages.ts';
import { queryOf, questionText } from '../records/question.ts';
import { printed } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import type { SessionsOptions } from './sessions.ts';

/** The sessions with one of these flags, among the records of the question; says what was read. */
export async function flaggedAction(
  options: SessionsOptions,
  flags: ReadonlySet<Flag>,
  range: { readonly from?: string; readonly to?: string },
): Promise<void> {
  const groups = new RecordGroups(keyOfFlaggedSession);
  let read = 0;
  for await (const { record } of requestsOf(allRecords(serviceOrLocal(options), queryOf(options, range)))) {
    read += 1;
    if (record.attribution.flags.some((flag) => flags.has(flag))) groups.add(record);
  }
  const rows = groups.sorted();
  await printed(groupsText(rows, BY_SESSION, options.format), options.outputFile);
  note(`Read ${counted(read, 'request')} ${questionText(options)}, ${rangeText(range)}, and none elsewhere.`);
  process.stderr.write(`${counted(rows.length, 'session')}\n`);
}
