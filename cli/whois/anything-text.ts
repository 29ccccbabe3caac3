import { actorName } from '../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { TargetedAwsCall } from '../../lib/cloudtrail/pod-session.ts';
import { type JsonObject, textAt } from '../../lib/json.ts';
import { describeRequest } from '../../lib/recognize/describe.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { firstUsesText } from '../../lib/usecases/activity/first-uses.ts';
import {
  type AnythingAnswer,
  type AttributedOutcome,
  completedCircumstances,
  describeFound,
  isUndecided,
  notKnownText,
  type SessionFound,
  type SessionsOutcome,
  type SubjectAnswer,
} from '../../lib/usecases/query/anything/outcomes.ts';
import { validityOf } from '../../lib/usecases/query/anything/sessions-of-records.ts';
import { somebodyText } from '../../lib/usecases/query/anything/unissued-keys.ts';
import { NamesInList, statusColumn, whoColumn } from '../../lib/words/columns.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { recordFormat } from '../format/formats.ts';
import { requestsText } from '../format/request-list.ts';
import { sharedIdHead, sharedIdText, sharedRequests, shownOfShared } from '../format/shared-id-text.ts';
import { briefTime, shownTime } from '../format/shown-time.ts';
import type { View } from '../format/view.ts';
import { whoisText } from '../format/whois-text.ts';
import { type Column, fittedTable, type Layout } from '../terminal/fitted-table.ts';
import { counted, textTable } from '../terminal/text-table.ts';

export interface AnswerView {
  readonly isOfFiles: boolean;
  readonly isOfService: boolean;
  readonly hasTime: boolean;
  /** The screen to fit. */
  readonly view: View;
  /** Returns the command that lists all records of an audit ID. */
  recordsOfId(auditId: string): string;
}

/** Returns the answer as text: what was recognized, the request, who is behind it, and the next commands. */
export function anythingText(answer: AnythingAnswer, next: readonly string[], shown: AnswerView): string {
  const head = headLines(answer).map((line) => `${escapeForTerminal(line)}\n`);
  const body =
    answer.isOne && answer.found[0] !== undefined
      ? `${oneText(answer.found[0], shown)}${deniedText(answer.found[0])}`
      : severalText(answer.found, shown);
  const commands = next.length === 0 ? '' : `\nNext:\n${next.map((each) => `  ${escapeForTerminal(each)}\n`).join('')}`;
  return `${head.join('')}\n${body}${commands}`;
}

function headLines({ as, notes, found, isOne, left }: AnythingAnswer): readonly string[] {
  const [first] = found;
  const searched = isOne && first !== undefined ? describeFound(first) : '';
  const described = isOne && first !== undefined ? requestText(first) : '';
  const request = searched === `requests ${described}` ? '' : described;
  return [
    `Recognized ${as}.${lookupText(searched)}`,
    ...(request === '' ? [] : [requestLine(request)]),
    ...logNotes(found),
    ...(isOne && first !== undefined ? firstUseLines(first) : []),
    ...notes.map((note) => `Note: ${note}`),
    ...(left > 0
      ? [
          `Note: ${left} more were not looked up. Put them in a file: eks-whois attribute --audit FILE --cloudtrail CLOUDTRAIL-LOGS.`,
        ]
      : []),
  ];
}

/** Returns the line about the request. A text can state only its time. */
function requestLine(request: string): string {
  const [, time] = /^(?:at )?(\d{4}-\S+Z)$/.exec(request) ?? [];
  return time === undefined ? `Request: ${request.replace(/^to /, 'any request to ')}` : `Time in the text: ${time}`;
}

/** Returns the sentence that says what is looked up, after a space. Empty if that is several things. */
function lookupText(searched: string): string {
  if (searched === '') return '';
  const what = isCutRequest(searched) ? 'the request' : searched;
  return ` Looking up ${what}${what.endsWith('…') ? '' : '.'}`;
}

/** Returns whether the words are those of a request without their end. The next line has the whole request. */
function isCutRequest(searched: string): boolean {
  return searched.startsWith('requests ') && searched.endsWith('…');
}

/** Returns what is new in the request, or in each group of requests. */
function firstUseLines({ outcome }: SubjectAnswer): readonly string[] {
  if (outcome.kind === 'not-known') return [];
  if (outcome.kind === 'attributed') return [firstUsesText(outcome.firstUses) ?? []].flat();
  return outcome.sessions.flatMap(({ firstUses, attribution: { actor } }) => {
    const words = firstUsesText(firstUses);
    return words === undefined || actor === undefined ? [] : [`${actorName(actor)}: ${words}`];
  });
}

/** The maximum number of notes about the audit log. */
const MOST_LOG_NOTES = 20;

/**
 * Returns the note of a single answer. For several described requests, returns what the log says about each one without
 * a single caller.
 */
function logNotes(found: readonly SubjectAnswer[]): readonly string[] {
  const notes = found.flatMap((each) => {
    const { outcome } = each;
    if (outcome.kind === 'not-known' || outcome.note === undefined) return [];
    if (found.length === 1 && outcome.kind === 'attributed') return outcome.note;
    if (outcome.inLog === undefined) return [];
    if (found.length === 1) return outcome.note;
    return outcome.inLog.result === 'one-caller' ? [] : `${describeFound(each)}: ${outcome.note}`;
  });
  return [...new Set(notes)].slice(0, MOST_LOG_NOTES);
}

/** Returns the request as the text states it, completed from its record. */
function requestText(found: SubjectAnswer): string {
  return describeRequest(completedCircumstances(found));
}

function oneText({ subject, outcome }: SubjectAnswer, shown: AnswerView): string {
  if (outcome.kind === 'not-known') return `${escapeForTerminal(notKnownText(outcome))}\n`;
  if (outcome.kind === 'sessions') return sessionsText(outcome, shown);
  return `${whoisText(sessionAnswer(outcome, shown, subject.circumstances.at !== undefined))}${sharedText(outcome, shown)}${keyText(outcome, shown)}${callsText(outcome)}${intoPodsText(outcome, shown)}${usedText(outcome, shown)}${matchingText(outcome, subject, shown)}${similarText(outcome, shown)}`;
}

/** Returns all requests that the text means, if they are several of one caller. */
function matchingText(
  { inLog, similar = [] }: AttributedOutcome,
  { circumstances }: Subject,
  { view }: AnswerView,
): string {
  if (inLog?.groups === undefined || similar.length > 0) return '';
  const what =
    (circumstances.credentialId ?? circumstances.tokenOf) === undefined
      ? 'in the audit log'
      : 'that were made with the token';
  return `\nThe requests ${what}:\n${requestsText(inLog, view)}`;
}

/** Returns similar requests, if the log does not have the one in the text. */
function similarText(
  { similar = [], inLog }: Pick<AttributedOutcome, 'similar' | 'inLog'>,
  { view }: AnswerView,
): string {
  if (similar.length === 0) return '';
  const table =
    inLog?.groups === undefined ? sessionsTable(similar.slice(0, MOST_USED), view) : requestsText(inLog, view);
  return `\nSimilar requests in the audit log, which differ from the one in the text:\n${table}`;
}

/** Returns the requests that may also have returned the object that was read. */
function collectionText({ mayAlsoHaveRead: reads }: SessionsOutcome, { view }: AnswerView): string {
  return reads === undefined ? '' : `\nRequests that may also have returned it:\n${requestsText(reads, view)}`;
}

/** Returns the requests that the pod itself made. */
function podText({ ofPod }: SessionsOutcome, { view }: AnswerView): string {
  return ofPod === undefined ? '' : `\nRequests with tokens of a pod of this name:\n${requestsText(ofPod, view)}`;
}

/** Returns the requests with which somebody can have obtained the role of a pod. */
function intoPodsText({ inItsPods }: AttributedOutcome, { view }: AnswerView): string {
  return inItsPods === undefined
    ? ''
    : `\nRequests that could reach the role of the pod:\n${requestsText(inItsPods, view)}`;
}

/** Returns the requests that used the access key. */
function keyText({ keyUses }: AttributedOutcome, { view }: AnswerView): string {
  if (keyUses === undefined) return '';
  const { requests, first, listed } = keyUses;
  const isAll = first !== undefined && listed.length >= requests;
  return `\nThe ${isAll ? '' : `newest ${listed.length} `}requests with this access key:\n${requestsText({ listed }, view)}`;
}

/** Returns the calls in CloudTrail that the access key signed. */
function callsText({ awsCalls = [] }: AttributedOutcome): string {
  if (awsCalls.length === 0) return '';
  return `\nCalls to AWS with this access key, as CloudTrail shows them:\n${textTable(CALL_COLUMNS, awsCalls.map(callCells))}`;
}

const CALL_COLUMNS = ['TIME', 'CALL', 'RESULT', 'ON', 'REGION', 'SOURCE IP', 'CALLER', 'EVENT ID'];

function callCells({
  time,
  service,
  name,
  on = '',
  errorCode,
  region = '',
  sourceIp = '',
  principalId = '',
  eventId,
}: TargetedAwsCall): readonly string[] {
  const call = `${service.replace(/\.amazonaws\.com$/, '')}:${name}`;
  return [time, call, errorCode ?? 'done', on, region, sourceIp, principalId, eventId];
}

/** Returns the calls that AWS refused with the message in the text. */
function deniedText({ deniedCalls }: SubjectAnswer): string {
  if (deniedCalls === undefined) return '';
  if (deniedCalls.length === 0)
    return '\nCloudTrail, as far as it was searched, has no call that was refused with this message.\n';
  const rows = deniedCalls.map((call) => [
    call.attribution === undefined ? '?' : whoOf(call.attribution, {}),
    call.accessKeyId ?? '',
    ...callCells(call),
  ]);
  return `\nCalls that AWS refused with this message, as CloudTrail shows them:\n${textTable(['WHO', 'KEY', ...CALL_COLUMNS], rows)}`;
}

const OF_LOG =
  'Sessions in the audit log with this access key, or with credentials or tokens that were requested with it';
const OF_GRANTS = 'Sessions whose credentials were obtained with this access key, as CloudTrail shows them';

function usedText({ used = [] }: AttributedOutcome, { view }: AnswerView): string {
  if (used.length === 0) return '';
  const isOfLog = used.some(({ records }) => records !== undefined);
  return `\n${isOfLog ? OF_LOG : OF_GRANTS}:\n${sessionsTable(used.slice(0, MOST_USED), view)}`;
}

/**
 * The maximum number of sessions of one access key that are listed. A key has several sessions only if clients wrote
 * false values, or with another authenticator.
 */
const MOST_USED = 10;

function sessionAnswer(
  { attribution, caller, record, records, unidentified = [], keyUses, isComplete }: AttributedOutcome,
  shown: AnswerView,
  hasTime: boolean,
) {
  const fields = { ...caller };
  const isOfEvent = record !== undefined;
  const basis = {
    isOfEvent,
    isOfService: shown.isOfService,
    hasKey: textAt(fields, 'accessKeyId') !== undefined,
    hasTime: isOfEvent || hasTime || shown.hasTime,
    onlyKey: isOfEvent ? undefined : onlyKeyOf(fields),
    isComplete,
  };
  const others = unidentified.slice(0, MOST_USED).map(somebodyText);
  return {
    attribution,
    caller: fields,
    records,
    source: record?.source,
    keyUses,
    others,
    basis,
    isOfFiles: shown.isOfFiles,
  };
}

/** Returns the access key, if nothing else is known of the caller. */
function onlyKeyOf(caller: JsonObject): string | undefined {
  const isOfSession = ['uid', 'username', 'roleId', 'sessionName', 'arn'].some((name) => caller[name] !== undefined);
  return isOfSession ? undefined : textAt(caller, 'accessKeyId');
}

function sharedText({ records, record }: AttributedOutcome, shown: AnswerView): string {
  const shared = sharedRequests(records);
  if (shared === undefined || record === undefined) return '';
  return `\n${sharedIdText(shared, escapeForTerminal(shown.recordsOfId(record.auditId)))}`;
}

/** Returns the note for standard error beside JSON: one attribution alone would hide the other requests. */
export function sharedNote({ found }: AnythingAnswer, shown: AnswerView): string {
  const [outcome] = found.map((each) => each.outcome);
  const of = outcome?.kind === 'attributed' ? sharedRequests(outcome.records) : undefined;
  if (outcome?.kind !== 'attributed' || of === undefined) return '';
  const about = shownOfShared(of) === 'one' ? 'one of them' : 'the latest request';
  return `${sharedIdHead(of)} The answer is about ${about}.${sharedText(outcome, shown)}`;
}

const COLUMNS =
  'The credentials were valid from the time ISSUED to the time EXPIRES. The audit log has requests with them from FIRST USE to LAST USE.';

function sessionsText(outcome: SessionsOutcome, shown: AnswerView): string {
  const { sessions, left, note, inLog } = outcome;
  const hasRecords = sessions.some(({ records }) => records !== undefined);
  const isTable = sessions.length > 0 && inLog?.groups === undefined;
  const list = sessions.length === 0 ? '' : sessionsTable(sessions, shown.view);
  const notes = [
    ...(isTable && hasRecords && sessions.some(validityOf) && list.includes('ISSUED') ? [COLUMNS] : []),
    ...(left > 0 ? [`${counted(left, 'more session')} not shown.`] : []),
    ...(note === undefined || inLog !== undefined ? [] : [note]),
  ];
  const isOfSimilar = (outcome.similar ?? []).length > 0;
  const table = inLog?.groups === undefined || isOfSimilar ? list : requestsText(inLog, shown.view);
  return `${table}${collectionText(outcome, shown)}${podText(outcome, shown)}${similarText(outcome, shown)}${notes.map((each) => `${escapeForTerminal(each)}\n`).join('')}`;
}

/**
 * Returns several answers as text. Events are a table of records. Everything else is a table of inputs, followed by
 * their requests.
 */
function severalText(found: readonly SubjectAnswer[], { view }: AnswerView): string {
  const records = found.map(({ outcome }) => (outcome.kind === 'attributed' ? outcome.record : undefined));
  const events = records.filter((record) => record !== undefined);
  const others = found.filter((_, at) => records[at] === undefined);
  const table = recordFormat('table');
  const eventsText = `${events.map((record) => table.record(record)).join('')}${table.end()}`;
  const othersText =
    others.length === 0 ? '' : textTable(['INPUT', 'WHO', 'STATUS', 'METHOD/REASON'], others.map(otherRow));
  const requestsOfOthers = others.slice(0, MOST_LOG_NOTES).flatMap((each) => {
    const inLog = each.outcome.kind === 'not-known' ? undefined : each.outcome.inLog;
    if (inLog?.groups === undefined) return [];
    return `In the audit log, for ${escapeForTerminal(describeFound(each))}:\n${requestsText(inLog, view)}`;
  });
  return [eventsText, othersText, ...requestsOfOthers].filter((text) => text !== '').join('\n');
}

function otherRow(found: SubjectAnswer): readonly string[] {
  const { outcome } = found;
  const subject = describeFound(found);
  if (outcome.kind === 'not-known') return [subject, '?', '', outcome.why];
  if (outcome.kind === 'sessions') {
    const who = new Set(outcome.sessions.map(({ attribution }) => whoOf(attribution, {})));
    return [
      subject,
      [...who].join(', '),
      isUndecided(outcome) ? 'ambiguous' : '',
      `${counted(outcome.sessions.length + outcome.left, 'session')}${lastSeenText(outcome)}`,
    ];
  }
  const { attribution, caller, unidentified = [] } = outcome;
  const who = [whoOf(attribution, caller), ...unidentified.slice(0, MOST_USED).map(somebodyText)].join(' or ');
  return [subject, who, attribution.status, attribution.reason ?? attribution.method ?? ''];
}

/** Returns when a name without sessions in the time range was last seen. */
function lastSeenText({ sessions, earlier }: SessionsOutcome): string {
  return sessions.length > 0 || earlier?.last === undefined ? '' : `, the latest before at ${earlier.last}`;
}

function whoOf(attribution: AuditRecord['attribution'], caller: object): string {
  const username = textAt({ ...caller }, 'username');
  return whoColumn({ attribution, caller: { kind: 'role-session', username } });
}

/**
 * Returns the sessions as a table that fits the screen. The session itself is never cut; if needed, it stands below its
 * row.
 */
function sessionsTable(sessions: readonly SessionFound[], view: View): string {
  const hasRecords = sessions.some(({ records }) => records !== undefined);
  const hasGrants = sessions.some((session) => validityOf(session) !== undefined);
  const list = new NamesInList();
  for (const { attribution } of sessions) list.add(attribution.actor);
  const who = whoColumnOf(list);
  const ips = sessions.some((session) => session.ips !== undefined) ? [IPS] : [];
  const columns = [SESSION, KEY, who, STATUS, ...(hasRecords ? [RECORDS] : [])];
  const issued = hasGrants ? issueColumns : () => [];
  const used = hasRecords ? useColumns : () => [];
  const times = (shown: typeof shownTime) => [...issued(shown, view), ...used(shown, view)];
  const [first] = (hasRecords ? useColumns : issueColumns)(briefTime, view);
  const brief = first === undefined ? [] : [first];
  const layouts: readonly [Layout<SessionFound>, ...Layout<SessionFound>[]] = [
    { columns: [...times(shownTime), ...columns, ...ips] },
    { columns: [...times(briefTime), ...columns, ...ips] },
    { columns: [...times(briefTime), SESSION, KEY, who, STATUS, ...ips] },
    { columns: [...brief, SESSION, KEY, who, STATUS, ...ips] },
    { columns: [...(hasRecords ? useColumns : issueColumns)(briefTime, view), ...columns] },
    { columns: [...brief, ...columns] },
    { columns: [...brief, SESSION, KEY, who, STATUS] },
    { columns: [...brief, KEY, who, STATUS], below: SESSION },
  ];
  return fittedTable(layouts, sessions, view);
}

/** Returns the columns that show when the credentials are valid. */
function issueColumns(shown: typeof shownTime, { clock }: View): readonly Column<SessionFound>[] {
  return [
    { title: 'ISSUED', of: (session) => shown(validityOf(session)?.issuedAt, clock) },
    { title: 'EXPIRES', of: (session) => shown(validityOf(session)?.expiresAt, clock) },
  ];
}

/**
 * Returns the columns that show when the session was used. They are empty for a session without a request in the audit
 * log.
 */
function useColumns(shown: typeof shownTime, { clock }: View): readonly Column<SessionFound>[] {
  const time = (text: string | undefined, records: number | undefined) =>
    records === undefined ? '' : shown(text, clock);
  return [
    { title: 'FIRST USE', of: ({ from, records }) => time(from, records) },
    { title: 'LAST USE', of: ({ to, records }) => time(to, records) },
  ];
}

const SESSION: Column<SessionFound> = {
  title: 'SESSION',
  of: ({ session, username }) => session ?? username ?? '',
  least: 36,
  isId: true,
};
/** The source IPs of its requests, the latest first, three at most. */
const IPS: Column<SessionFound> = { title: 'SOURCE IPS', of: ({ ips = [] }) => ips.join(' ') };
const KEY: Column<SessionFound> = { title: 'KEY', of: ({ accessKeyId }) => accessKeyId ?? '' };

function whoColumnOf(list: NamesInList): Column<SessionFound> {
  return {
    title: 'WHO',
    of: ({ attribution, username }) => whoColumn({ attribution, caller: { kind: 'role-session', username } }, list),
    least: 9,
    isId: true,
  };
}

const STATUS: Column<SessionFound> = {
  title: 'STATUS, FLAGS',
  of: statusColumn,
  least: 13,
};
/** A watch or an exec has one record for each stage. */
const RECORDS: Column<SessionFound> = { title: 'RECORDS', of: ({ records }) => String(records ?? '') };
