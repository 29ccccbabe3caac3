import type { Flag } from '../../lib/attribution/attribution.ts';
import { present } from '../../lib/json.ts';
import { requestsOf } from '../access/requests.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { note } from '../failures/faults.ts';
import { type QuestionOptions, questionFrom, questionText } from '../options/question-options.ts';
import { type AskedRange, rangeText } from '../options/time-range.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { BY_SESSION, groupsText } from '../records/groups/group-rows.ts';
import { keyOfFlaggedSession, RecordGroups } from '../records/groups/record-groups.ts';
import { ReadPages } from '../records/read.ts';
import { written } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import type { SessionsOptions } from './options.ts';

/** The sessions with one of these flags, among the records of the question; says what was read. */
export async function flaggedAction(
  options: SessionsOptions,
  flags: ReadonlySet<Flag>,
  range: AskedRange,
): Promise<void> {
  const { status, cluster, namespace, actor, session, since, from, to } = options;
  const place = { cluster, namespace, actor, session, since, from, to };
  const question = questionFrom(present<QuestionOptions>({ ...place, status: status && [status], flag: [...flags] }));
  const groups = new RecordGroups(keyOfFlaggedSession);
  const read = new ReadPages(question, serviceOrLocal(options), {});
  for await (const { record } of requestsOf(read.records())) groups.add(record);
  const rows = groups.sorted();
  await written(groupsText(rows, BY_SESSION, options.format, viewOf(options)), resultsTo(options));
  note(`Read ${counted(read.examined, 'record')} for those ${questionText(question)}, ${rangeText(range)}.`);
  process.stderr.write(`${counted(rows.length, 'session')}\n`);
}
