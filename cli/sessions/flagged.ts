import type { Flag } from '../../lib/attribution/flags.ts';
import { present } from '../../lib/json.ts';
import { requestsIn } from '../../lib/usecases/activity/requests.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { note } from '../failures/faults.ts';
import { type QuestionOptions, questionFrom, questionText } from '../options/question-options.ts';
import { type AskedRange, rangeText } from '../options/time-range.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { emptyWords } from '../records/empty-answer.ts';
import { BY_OWN_SESSION, BY_SESSION, groupsText } from '../records/groups/group-rows.ts';
import { keyOfFlaggedSession, keyOfSession, RecordGroups } from '../records/groups/record-groups.ts';
import { ReadPages } from '../records/read.ts';
import { tellOfCandidates } from '../records/tell-candidates.ts';
import { written } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import type { SessionsOptions } from './options.ts';

/** The sessions with one of these flags, or all of an actor or a role, among the records of the question; says what was read. */
export async function flaggedAction(
  options: SessionsOptions,
  flags: ReadonlySet<Flag>,
  range: AskedRange,
): Promise<void> {
  const { status, cluster, namespace, actor, role, session, since, from, to } = options;
  const place = { cluster, namespace, actor, role, session, since, from, to };
  const isOfFlags = flags.size > 0;
  const question = questionFrom(
    present<QuestionOptions>({ ...place, status: status && [status], flag: isOfFlags ? [...flags] : undefined }),
  );
  const groups = new RecordGroups(isOfFlags ? keyOfFlaggedSession : keyOfSession);
  const service = serviceOrLocal(options);
  const read = new ReadPages(question, service, {});
  for await (const { record } of requestsIn(read.records())) groups.add(record);
  const rows = groups.sorted();
  const columns = isOfFlags ? BY_SESSION : BY_OWN_SESSION;
  await written(groupsText(rows, columns, options.format, viewOf(options)), resultsTo(options));
  note(`Read ${counted(read.examined, 'record')} for those ${questionText(question)}, ${rangeText(range)}.`);
  process.stderr.write(`${counted(rows.length, 'session')}\n`);
  if (rows.length === 0) for (const words of await emptyWords({ question, service })) note(words);
  await tellOfCandidates({ options, question, service });
}
