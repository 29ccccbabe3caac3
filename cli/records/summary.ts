import type { AuditRecord } from '../../lib/attribution/record.ts';
import { senderOf } from '../../lib/identity/cluster.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { requestsIn } from '../../lib/usecases/activity/requests.ts';
import type { RecordsAccess } from '../access/files-access.ts';
import { note } from '../failures/faults.ts';
import { asksForSystem, questionText } from '../options/question-options.ts';
import { shownRows } from '../options/shown-options.ts';
import { rangeOf, rangeText } from '../options/time-range.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { counted } from '../terminal/text-table.ts';
import { candidateRequests, candidatesQuestion } from './answer.ts';
import { recordsCommandText } from './command.ts';
import { emptyWords } from './empty-answer.ts';
import {
  ACTOR_FIELDS,
  BY_ACTOR,
  groupFormat,
  groupsText,
  keyOfActor,
  keyOfCaller,
  RecordGroups,
} from './groups/record-groups.ts';
import { type RecordsOptions, type RecordsQuery, recordsQuestion } from './options.ts';
import { notePeople } from './people-text.ts';
import { ReadPages } from './read.ts';

/** Counts all requests of the question by who acted, and says what was counted. */
export async function summaryAction(options: RecordsOptions, service: RecordsAccess): Promise<void> {
  const format = groupFormat(options.format);
  const query = { options, question: recordsQuestion(options), service };
  const view = { ...viewOf(options), sumsSystem: !asksForSystem(options) };
  const output = resultsTo(options);
  const groups = new RecordGroups(keyOfActor);
  const read = new ReadPages(query.question, query.service, options);
  const { number, cut } = await countAll(query, read, groups);
  const unnamed = await countUnnamed(query, groups);
  const ambiguous = await countCandidates(query, groups);
  const rows = shownRows(groups.sorted(), { ...options, limit: undefined }, ACTOR_FIELDS);
  output.write(groupsText(rows, BY_ACTOR, format, { ...view, fields: options.fields }));
  await output.end();
  const what = `${questionText(query.question)}, ${rangeText(rangeOf(options))}`;
  note(`${counted(number, 'request')} ${what}${unnamed}${ambiguous}: ${counted(rows.length, 'row')}.`);
  if (cut !== undefined)
    note(
      `Based on the ${order(query)} ${counted(number, 'request')} (${cut} reached). There are more, which are not counted.`,
    );
  if (rows.length === 0) for (const words of await emptyWords(query)) note(words);
  notePeople(read);
}

async function countAll(
  { options }: RecordsQuery,
  read: ReadPages,
  groups: RecordGroups,
): Promise<{ readonly number: number; readonly cut?: '--limit' | '--max-pages' }> {
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  let number = 0;
  for await (const { record } of requestsIn(read.records())) {
    if (number >= most) return { number, cut: '--limit' };
    groups.add(record);
    number += 1;
  }
  return read.isLeftOff ? { number, cut: '--max-pages' } : { number };
}

/** The statuses of requests by unidentified callers. */
const UNNAMED = ['unattributed', 'ambiguous', 'pending'] as const;
/** The longest lifetime of a session, in milliseconds: that of a federated user. */
const LONGEST_SESSION = 36 * HOUR;
/** The maximum number of pages of older requests that are read to find out which sessions are new. */
const MOST_PAGES_BEFORE = 100;

/**
 * Counts the requests of new unidentified sessions from their records: a service's directory has only known actors
 * (CONTRACT, 11.22).
 */
async function countUnnamed({ options, question, service }: RecordsQuery, groups: RecordGroups): Promise<string> {
  const { filter, range, firstSeenSince: since } = question;
  if (since === undefined || filter.actor !== undefined) return '';
  const { any, not = [] } = filter.status ?? {};
  const statuses = UNNAMED.filter((each) => any?.includes(each) !== false && !not.includes(each));
  if (statuses.length === 0) return '';
  const status = { ...filter.status, any: statuses };
  const from = epochMillis(Math.max(since, range.from ?? since));
  const before = {
    filter: { status },
    range: { from: epochMillis(since - LONGEST_SESSION), to: epochMillis(since - 1) },
  };
  const seen = new Set<string>();
  const earlier = new ReadPages(before, service, { maxPages: MOST_PAGES_BEFORE });
  for await (const record of earlier.records()) seen.add(sessionKeyOf(record));
  let number = 0;
  const newer = new ReadPages({ filter: { ...filter, status }, range: { ...range, from } }, service, options);
  for await (const { record } of requestsIn(newer.records())) {
    if (seen.has(sessionKeyOf(record))) continue;
    groups.add(record);
    number += 1;
  }
  if (earlier.isLeftOff)
    note('Not all older requests were read, so an unidentified session can be older than it seems.');
  return number === 0 ? '' : `, and ${number.toLocaleString('en-US')} by unidentified sessions that are new`;
}

/** Returns the text that identifies a session of one account: events that another account sends do not make it old. */
function sessionKeyOf(record: AuditRecord): string {
  return JSON.stringify([senderOf(record), keyOfCaller(record.caller)]);
}

/** Counts the requests that may be by the actor, who is a candidate. They have their own rows, because their actor is unknown. */
async function countCandidates({ options, question, service }: RecordsQuery, groups: RecordGroups): Promise<string> {
  const candidates = candidatesQuestion(question);
  if (candidates === undefined) return '';
  const { requests, isComplete } = await candidateRequests(candidates, service);
  if (requests.length === 0 && isComplete) return '';
  for (const { record } of requests) groups.add(record);
  const number = `${isComplete ? '' : 'at least '}${requests.length.toLocaleString('en-US')}`;
  const actor = question.filter.actor?.any?.join(' or ') ?? '';
  return `, and ${number} more that may be by ${actor} (${recordsCommandText(candidates, options)})`;
}

function order({ question }: RecordsQuery): string {
  return question.filter.status?.any === undefined ? 'newest' : 'first';
}
