import { sameActor } from '../../../attribution/actor.ts';
import { actorName } from '../../../attribution/actor-names.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { isSameCluster } from '../../../identity/cluster.ts';
import { isSameJson } from '../../../json.ts';
import { clockText, describeRequest, namesText } from '../../../recognize/describe.ts';
import { type PastedEvent, WRITTEN_WITHIN } from '../../../recognize/subject.ts';
import { quoted } from '../../../shell.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE, parseInstant, SECOND } from '../../../time.ts';
import { usedElsewhere } from '../../../words/used-from.ts';
import type { ChangeRow } from '../../changes/changes.ts';
import {
  type Comparison,
  connectionAtProcess,
  type DescribedRequest,
  describedRequest,
  doubtsOf,
  type Feature,
  hasSameCaller,
  isFrom,
  namesOf,
  similarNamesOf,
  statesVerb,
} from './described-request.ts';
import type { Informant } from './informant.ts';
import { areAllByOne, groupsText, MOST_PHRASES, shownRequests } from './listed-requests.ts';
import { type MatchingRequest, matchRequests, type RequestMatch } from './match-requests.ts';
import { placesOf } from './object-places.ts';
import {
  type AttributedOutcome,
  type InLog,
  joinSentences,
  type Outcome,
  type SessionFound,
  type SessionsOutcome,
  type SubjectAnswer,
  withoutName,
} from './outcomes.ts';
import { type PodOrigin, podOrigin } from './pod-origin.ts';
import { alteredCopies, type LogReach, type RecordedRequests } from './recorded-requests.ts';
import { sessionIdentity, sessionsOfRecords } from './sessions-of-records.ts';
import { answerToken, ISSUER_UNKNOWN, WHOEVER_HAS_IT } from './token-answer.ts';
import { isNameOf } from './usernames.ts';

/** The maximum number of sessions in an answer. */
const MOST_LISTED = 100;

/**
 * Returns who made the request that a text describes. If the audit log has the request, the log's answer counts.
 * @param bySigns the answer by what the text says about the caller. It counts if the log does not have the request.
 *   If the log contradicts it, the answer names nobody.
 */
export async function answerByLog(
  described: DescribedRequest,
  informant: Informant,
  bySigns: () => Promise<Outcome>,
): Promise<Outcome> {
  const recorded = await informant.requestsLike(described);
  if (recorded === undefined) return { ...withNote(await bySigns(), NO_LOG), inLog: NOTHING_CHECKED };
  const match = matchRequests(described, recorded.records);
  const credentialId = tokenIn(described, match, recorded);
  const ofIssuer =
    credentialId &&
    (await answerToken(
      { credentialId, records: recordsOf(match.requests), isComplete: recorded.isComplete },
      informant,
    ));
  if (ofIssuer) return ofIssuer;
  const origin = () => podOrigin(described, recordsOf(match.requests), informant);
  if (match.requests.length > 0) {
    const answer = asFarAsRead(answerByRequests(match, recorded, described), recorded);
    return withOriginNote(answer, await origin());
  }
  const pause = recorded.isCovered ? await pauseOfLog(recorded, described, informant) : undefined;
  const seen = { ...recorded, near: match.near, pause };
  const others = pause === undefined ? await otherDeeds(seen, described, informant) : undefined;
  if (others !== undefined) return asFarAsRead(others, recorded);
  const found = await origin();
  const [first] = found?.records ?? [];
  if (found !== undefined && first !== undefined) return asFarAsRead(answerByOrigin(found, seen, described), recorded);
  return asFarAsRead(withOriginNote(unseen(seen, described, await bySigns()), found), recorded);
}

/** Returns the requests that can have led to a pod that a controller created. None of them is the described one. */
function answerByOrigin({ records, note }: PodOrigin, recorded: NearRequests, described: DescribedRequest): Outcome {
  const { result, why } = checkOf(recorded, described);
  const inLog: InLog = { result, requests: 0, agrees: [], differs: [], ...shownRequests(records) };
  const requests = records.map((record) => ({ record, likeness: undefined, agrees: [], differs: [] }));
  return { ...listed(requests, inLog, []), note: joinSentences(why, note) };
}

function withOriginNote(outcome: Outcome, origin: PodOrigin | undefined): Outcome {
  if (origin === undefined) return outcome;
  if (outcome.kind === 'not-known') return { ...outcome, why: `${outcome.why} ${origin.note}` };
  return { ...outcome, note: joinSentences(outcome.note, origin.note) };
}

/**
 * Returns the outcome, marked as incomplete if not all of the log was read. An attributed outcome is not marked,
 * because its `inLog` says so.
 */
function asFarAsRead(outcome: Outcome, { isComplete }: RecordedRequests): Outcome {
  return isComplete || outcome.kind === 'attributed' ? outcome : { ...outcome, isComplete: false };
}

/**
 * Returns the answer about a pasted event that the log does not have. The log may have a request with the same audit ID
 * that differs from the event. In that case, the answer names nobody and shows that request.
 * @param answer the answer by what the event itself states.
 */
export async function answerWithoutEvent(
  answer: AttributedOutcome,
  pasted: PastedEvent,
  described: DescribedRequest,
  informant: Informant,
): Promise<Outcome> {
  const recorded = informant.isSpent ? undefined : await informant.requestsLike(described);
  if (recorded === undefined) return answer;
  const ofId = matchRequests(described, recorded.records).requests.filter(
    ({ differs }) => !differs.includes('cluster'),
  );
  const [best] = ofId;
  if (best !== undefined && doubtsOf(best, described).length > 0)
    return beside(answer, [best, ...ofId.slice(1)], described);
  if (best !== undefined || alteredCopies(pasted, recorded.records).length > 0) return answer;
  const pause = recorded.isCovered ? await pauseOfLog(recorded, described, informant) : undefined;
  return unseen({ ...recorded, near: [], pause, isOfEvent: true }, described, answer);
}

/** Returns the answer about a pasted event with the differing requests that have its audit ID. It names nobody. */
function beside(
  answer: AttributedOutcome,
  requests: readonly [MatchingRequest, ...MatchingRequest[]],
  described: DescribedRequest,
): AttributedOutcome {
  const [{ agrees, differs }] = requests;
  const shown = shownRequests(recordsOf(requests));
  const note = `The audit log has this audit ID, but the text differs from its record: ${groupsText(shown)}. ${comparisonText(requests, described)}`;
  return {
    ...withNote(withoutName(answer), note),
    similar: sessionsOf(requests),
    inLog: { result: 'similar', requests: requests.length, agrees, differs, ...shown },
  };
}

/**
 * How long a log that was turned off can still get records, in milliseconds. An estimate: EKS does not publish how long
 * an update takes.
 */
const SWITCHED_WITHIN = 15 * MINUTE;

/**
 * Returns a sentence if the cluster's audit log was off when the request was made, or may have been. Undefined
 * if all changes of the cluster are known and none turned the log off.
 */
async function pauseOfLog(
  { lastBefore }: RecordedRequests,
  { circumstances, times, margin }: DescribedRequest,
  informant: Informant,
): Promise<string | undefined> {
  const { cluster, clusterArn = cluster } = circumstances;
  if (lastBefore === undefined || times.length === 0 || cluster === undefined) return undefined;
  const range = { from: epochMillis(lastBefore - SWITCHED_WITHIN), to: epochMillis(Math.max(...times) + margin) };
  const { changes, isCut } = (await informant.clusterChanges(range, clusterArn)) ?? { changes: [] };
  const ofLog = ({ loggingOff = [], loggingOn = [] }: ChangeRow) => [...loggingOff, ...loggingOn].includes('audit');
  const switches = changes
    .filter((change) => change.errorCode === undefined && ofLog(change))
    .filter((change) => isSameCluster(circumstances, change) !== false);
  const stateAt = (time: number) => switches.find((change) => (parseInstant(change.time) ?? 0) <= time);
  const [off] = times
    .flatMap((time) => stateAt(time) ?? [])
    .filter(({ loggingOff = [] }) => loggingOff.includes('audit'));
  if (off !== undefined) return pauseText(off);
  return isCut === true ? unknownPauseText(cluster) : undefined;
}

/**
 * Answers a question such as `did lucia delete pods?` for which the log has no request. The answer lists what else
 * lucia did. Undefined if the text names nobody or an object, or if the log has no requests by that name.
 */
async function otherDeeds(
  recorded: NearRequests,
  described: DescribedRequest,
  informant: Informant,
): Promise<SessionsOutcome | undefined> {
  if (!asksWhatSomebodyDid(described)) return undefined;
  const { names = [], request = {}, ...others } = described.circumstances;
  const anything = describedRequest({ by: 'request', circumstances: { ...others, names } });
  const found = anything && (await informant.requestsLike(anything));
  const own = anything && found ? matchRequests(anything, found.records).requests : [];
  if (own.length === 0) return undefined;
  const shown = shownRequests(recordsOf(own));
  const { result: checked } = checkOf(recorded, described);
  const result = checked === 'not-checked' ? 'similar' : checked; // The log covers only a part of the time, but it has these requests.
  const inLog: InLog = { result, requests: 0, agrees: ['names'], differs: [], ...shown };
  const byOthers = recorded.near.filter(({ differs }) => differs.every((feature) => feature === 'names'));
  return {
    ...listed(own, inLog, []),
    note: joinSentences(
      `No request ${namesText(names)} in the audit log matches the question (${describeRequest({ request })}).`,
      recorded.isComplete ? undefined : joinSentences('Not all of the audit log was read.', recorded.toReadRest),
      recorded.isCovered ? undefined : 'The audit log covers only a part of the time in the text.',
      reachText(recorded.reach),
      byOthers.length === 0 ? undefined : `Such requests by others: ${groupsText(shownRequests(recordsOf(byOthers)))}.`,
      byOthers.some(({ record }) => isUnidentified(record)) ? CAN_BE_ANYBODY : undefined,
      `Other requests ${namesText(names)}: ${groupsText(shown)}.`,
      similarNamesText(own, described),
    ),
  };
}

/** Returns whether the text asks if somebody did something: it states a name and an action, but no object. */
function asksWhatSomebodyDid({ isTrace, circumstances: { names, request } }: DescribedRequest): boolean {
  return isTrace && names !== undefined && request !== undefined && request.name === undefined;
}

const CAN_BE_ANYBODY = 'An unidentified caller can be anybody.';

function isUnidentified({ attribution: { status } }: AuditRecord): boolean {
  return status === 'unattributed' || status === 'pending';
}

/** Returns a sentence that says which time range and which clusters the log has records of. */
function reachText(reach: LogReach | undefined): string | undefined {
  if (reach === undefined) return undefined;
  const { first, last, clusters } = reach;
  const more = clusters.length > MOST_PHRASES ? ` and ${clusters.length - MOST_PHRASES} more` : '';
  const of = clusters.length === 0 ? '' : `, of ${clusters.slice(0, MOST_PHRASES).join(', ')}${more}`;
  return `The log has records from ${first} to ${last}${of}.`;
}

/**
 * Returns the ID of the token that the text states. A text can also ask for a token by who requested it. Then returns
 * the ID if there is only one such token. Undefined if there can be several.
 */
function tokenIn(
  { circumstances: { tokenOf, credentialId } }: DescribedRequest,
  { requests }: RequestMatch,
  { isComplete }: RecordedRequests,
): string | undefined {
  if (tokenOf === undefined) return credentialId;
  const records = recordsOf(requests);
  const [only, ...others] = tokensOf(records);
  const areExact = records.every(({ attribution: { actor } }) => actor && isNameOf(actor, tokenOf.requestedBy));
  return isComplete && others.length === 0 && areExact ? only : undefined;
}

function tokensOf(records: readonly AuditRecord[]): readonly string[] {
  return [...new Set(records.flatMap(({ caller }) => caller.credentialId ?? []))];
}

const NOTHING_CHECKED: InLog = { result: 'not-checked', requests: 0, agrees: [], differs: [] };
const NO_LOG =
  'From the text you pasted; not checked against the audit log. To check it, add the audit log (--audit with --cloudtrail) or ask the service.';

/**
 * Answers by the matching requests in the log. The answer names a single actor only if the CONTRACT allows it (12.5).
 */
function answerByRequests(match: RequestMatch, recorded: RecordedRequests, described: DescribedRequest): Outcome {
  const { requests, isIdentified } = match;
  const [best] = requests;
  if (best === undefined) throw new RangeError('There is a request that matches.');
  const sessions = sessionsOf(requests);
  const unread = joinSentences(unreadText(recorded, described), uncountedText(described, requests.length));
  const isOfOne = areOneAnswer(sessions) && doubtsOf(best, described).length === 0;
  if (isIdentified && unread === undefined && isOfOne) return answerByOneCaller(requests, best, described);
  const { agrees, differs } = described.isAggregated ? comparisonOfAll(requests, best) : best;
  const isByOne = unread === undefined && isAnsweredByAll(recordsOf(requests), described);
  const result = isByOne ? 'one-caller' : isIdentified ? 'several' : 'similar';
  const inLog: InLog = { result, requests: requests.length, agrees, differs, ...shownRequests(recordsOf(requests)) };
  if (described.isTrace) {
    const why = undecidedText(requests, described, { unread, isByOne });
    const names = joinSentences(lackingNames(best, described), similarNamesText(requests, described));
    return answerByTrace(requests, inLog, joinSentences(why, names, originsText(recordsOf(requests))));
  }
  return listed(requests, inLog, [
    comparisonText(requests, described),
    aggregatedText(described, requests.length),
    unread,
    isIdentified ? WHICH_ONE : lackText(described, requests, best),
    similarNamesText(requests, described),
    originsText(recordsOf(requests)),
  ]);
}

/** The maximum number of sessions for which a use from another source IP is named. */
const MOST_ORIGINS = 3;

/**
 * Returns a sentence that says whose credentials were used from a source IP other than the one that they were issued
 * to. Undefined if nobody's were.
 */
function originsText(records: readonly AuditRecord[]): string | undefined {
  // A token of a service account is compared with where it was requested (`tokenOrigin`).
  const ofSessions = records.filter(({ attribution: { flags } }) => !flags.includes('token-of-service-account'));
  const origins = [...Map.groupBy(ofSessions, sessionIdentity).values()].flatMap((own) => {
    const { attribution } = own[0] ?? {};
    const origin =
      attribution &&
      usedElsewhere(
        attribution,
        own.flatMap(({ source }) => source ?? []),
      );
    return origin === undefined || attribution?.actor === undefined
      ? []
      : [`${actorName(attribution.actor)}: ${origin}`];
  });
  return joinSentences(...origins.slice(0, MOST_ORIGINS));
}

/**
 * Returns one comparison for all of the requests. It has only those features in `agrees` in which all requests agree
 * with the text.
 */
function comparisonOfAll(requests: readonly MatchingRequest[], { agrees, differs }: MatchingRequest) {
  return { agrees: agrees.filter((each) => requests.every((request) => request.agrees.includes(each))), differs };
}

/**
 * Returns a sentence on how many requests a finding stands for, and which details are only those of the latest.
 * Undefined for any other text.
 */
function aggregatedText({ isAggregated, circumstances: { count } }: DescribedRequest, found: number) {
  if (!isAggregated) return undefined;
  const counted = count === undefined ? CAN_BE_SEVERAL : `The finding counts ${count} requests; found: ${found}.`;
  return `${counted} ${OF_LATEST}`;
}

const CAN_BE_SEVERAL = 'The finding can stand for several requests.';
const OF_LATEST = 'Its source IP, user agent and response code are only those of the latest request.';

/**
 * Returns a sentence if a finding counts more requests than were found. It says that anybody can have made the others,
 * and how to list them. Undefined if enough were found.
 */
function uncountedText({ isAggregated, circumstances, range: { from, to } }: DescribedRequest, found: number) {
  const { count = 0, sourceIps } = circumstances;
  if (!isAggregated || count <= found) return undefined;
  const ip = sourceIps?.at(-1);
  const others =
    ip === undefined || from === undefined || to === undefined
      ? undefined
      : `To list all requests from this source IP in that time: eks-whois records --ip ${quoted(ip)} --from ${formatInstant(from)} --to ${formatInstant(to)}.`;
  return joinSentences('Anybody can have made the requests that were not found. They can be to other objects.', others);
}

/**
 * Returns a sentence that says which names of the text the best match does not have. Undefined if it has all of them.
 */
function lackingNames(
  { record }: MatchingRequest,
  { circumstances: { names = [] } }: DescribedRequest,
): string | undefined {
  const found = namesOf(record, names);
  const lacking = names.filter((name) => !found.includes(name) && similarNamesOf(record, [name]).length === 0);
  return lacking.length === 0 ? undefined : `Not all of these requests have the name ${lacking.join(' or ')}.`;
}

/**
 * Returns a sentence that says which names in the requests are similar to a name in the text that has no domain.
 * Undefined if none are.
 */
function similarNamesText(
  requests: readonly MatchingRequest[],
  { circumstances: { names = [] } }: DescribedRequest,
): string | undefined {
  const phrases = names.flatMap((name) => {
    const full = [...new Set(requests.flatMap(({ record }) => similarNamesOf(record, [name])))];
    const more = full.length - MOST_PHRASES;
    const listedNames = [...full.slice(0, MOST_PHRASES), ...(more > 0 ? [`${more} more`] : [])].join(', ');
    return full.length === 0
      ? []
      : [
          `The name ${name} in the text has no domain. Similar names in these requests: ${listedNames}. Each may belong to somebody else.`,
        ];
  });
  return joinSentences(...phrases);
}

/** Returns whether the text asks for all requests, and these are proven to be by one actor (CONTRACT, 12.23). */
function isAnsweredByAll(records: readonly AuditRecord[], described: DescribedRequest): boolean {
  return described.asksForAll && areAllFromThere(records, described) && areAllByOne(records);
}

/**
 * Returns whether a source IP in the text is the last one of each request. Clients write all source IPs but the last.
 */
function areAllFromThere(records: readonly AuditRecord[], { circumstances }: DescribedRequest): boolean {
  const ip = circumstances.sourceIps?.at(-1);
  if (ip === undefined) return true;
  const isFromThere = isFrom(ip);
  return records.every(({ source }) => isFromThere(source?.ips?.at(-1) ?? ''));
}

/**
 * Returns a sentence that says why this answer names no caller (CONTRACT, 12.23).
 * @param unread a sentence about the part of the log that was not read.
 */
function undecidedText(
  requests: readonly MatchingRequest[],
  described: DescribedRequest,
  { unread, isByOne }: { readonly unread: string | undefined; readonly isByOne: boolean },
): string | undefined {
  if (isByOne) return writtenText(described);
  if (unread === undefined && isOnlyOne(requests, described)) return onlyOneText(requests[0], described);
  return joinSentences(unread ?? whyOf(recordsOf(requests), described), writtenText(described, requests));
}

/** Returns a sentence that says why this answer names no caller, although the whole log was read. */
function whyOf(records: readonly AuditRecord[], described: DescribedRequest): string {
  const { credentialId, tokenOf } = described.circumstances;
  if (credentialId !== undefined) return ISSUER_UNKNOWN;
  if (tokenOf !== undefined) return `Tokens in these requests: ${tokensOf(records).length}. ${WHOEVER_HAS_IT}`;
  if (!described.asksForAll) return WHICH_ONE;
  if (!areAllFromThere(records, described)) return FORGEABLE;
  return records.length === 1 ? NOT_PROVEN : NOT_ALL_PROVEN;
}

type OnlyOne = readonly [MatchingRequest];

/** Returns whether exactly one request matches a text that does not ask for all of them. */
function isOnlyOne(
  requests: readonly MatchingRequest[],
  { asksForAll, circumstances }: DescribedRequest,
): requests is OnlyOne {
  const { credentialId, tokenOf } = circumstances;
  return requests.length === 1 && !asksForAll && (credentialId ?? tokenOf) === undefined;
}

/**
 * Returns a sentence about a request that is the only recorded one that agrees with the text. It says why the text may
 * still mean another one.
 */
function onlyOneText(only: MatchingRequest, described: DescribedRequest): string | undefined {
  const partly = described.circumstances.isPartlyRead === true ? PARTLY_READ : undefined;
  const lacks = joinSentences(unusedText(described), statedNotText(lacksOfRequest(described, only)));
  return joinSentences(ONLY_ONE, writtenText(described, [only]), lacks, partly, ANOTHER);
}

/** Returns a sentence that says which times of the text were not used. Undefined if there are none. */
function unusedText({ circumstances: { unusedTimes } }: DescribedRequest): string | undefined {
  if (unusedTimes === undefined) return undefined;
  return `No time was compared, because it is not clear which one is meant: ${unusedTimes.join(', ')}.`;
}

/** Returns a sentence that says which details the text does not state. Undefined if `lacking` is empty. */
function statedNotText(lacking: readonly string[]): string | undefined {
  const last = lacking.at(-1);
  const others = lacking.slice(0, -1).join(', ');
  return last === undefined ? undefined : `The text does not say ${others === '' ? '' : `${others} or `}${last}.`;
}

function recordsOf(requests: readonly MatchingRequest[]): readonly AuditRecord[] {
  return requests.map(({ record }) => record);
}

/**
 * Returns who made the requests from a source IP, for an object, or at a time. If all requests from a source IP or at
 * a time are proven to be one person's, the answer names them (CONTRACT, 12.23).
 */
function answerByTrace(
  requests: readonly MatchingRequest[],
  inLog: InLog,
  undecided: string | undefined,
): SessionsOutcome {
  const note = joinSentences(`Requests in the audit log: ${groupsText(inLog)}.`, undecided);
  return { ...listed(requests, inLog, []), note };
}

const WHICH_ONE = 'The text does not show which of these requests it means, so no single caller is named.';
const ANOTHER = 'Another request may be meant, so no single caller is named.';
const ONLY_ONE = 'No other recorded request agrees with the text.';
const NOT_PROVEN = 'Who made it is not proven, so no single caller is named.';
const NOT_ALL_PROVEN = 'It is not proven that one person made all of them, so no single caller is named.';
const FORGEABLE =
  'In some of them, this is not the last source IP. A client can write any source IP before the last one, so no single caller is named.';

function answerByOneCaller(
  requests: readonly MatchingRequest[],
  best: MatchingRequest,
  described: DescribedRequest,
): AttributedOutcome {
  const { record, agrees, differs } = best;
  const isOne = requests.length === 1;
  const one =
    described.circumstances.isProcessStart === true
      ? 'The audit log has this request, made just before the process started'
      : 'The audit log has this request';
  const head = isOne ? one : `The audit log has ${requests.length} such requests, all by this caller`;
  const note = joinSentences(
    `${head}. ${comparisonText(requests, described)}`,
    aggregatedText(described, requests.length),
  );
  const shown = isOne ? {} : shownRequests(recordsOf(requests));
  const inLog: InLog = { result: 'one-caller', requests: requests.length, agrees, differs, ...shown };
  const { attribution, caller } = record;
  return { kind: 'attributed', attribution, caller, record, isStored: true, note, inLog };
}

/**
 * Returns a sentence that says which part of the log was not read. Undefined if no such request can be in an unread
 * part.
 */
function unreadText(
  { isComplete, isCovered, toReadRest }: RecordedRequests,
  { circumstances, asksForAll }: DescribedRequest,
): string | undefined {
  if (!isComplete) return joinSentences('Not all of the audit log was read, so there may be more.', toReadRest);
  return (circumstances.since === undefined && !asksForAll) || isCovered
    ? undefined
    : 'The audit log covers only a part of the time in the text, so there may be more.';
}

/**
 * Returns a sentence that says what the text would have to state, so that exactly one request in the log matches it.
 */
function lackText(
  described: DescribedRequest,
  requests: readonly MatchingRequest[],
  best: MatchingRequest,
): string | undefined {
  const isProcess = described.circumstances.isProcessStart === true;
  const stated = statedNotText(isProcess ? lacksOfProcess(described) : lacksOfRequest(described, best));
  const lacks = joinSentences(unusedText(described), stated);
  const written = writtenText(described, requests);
  const only = requests.length === 1 ? ONLY_ONE : undefined;
  const startedIn = isProcess ? joinSentences(parentText(described), openText(described, requests)) : undefined;
  const notWithin = requests.length === 1 ? 'It' : 'None of them';
  const other =
    described.circumstances.isPartlyRead === true
      ? PARTLY_READ
      : `${notWithin} is ${requests.length === 1 ? 'not ' : ''}within 2 s of the time that was given.`;
  const why = joinSentences(written, lacks, startedIn) ?? (isProcess ? NO_SUCH_EXEC : other);
  return joinSentences(only, why, ANOTHER);
}

const NO_SUCH_EXEC = 'None of them is an exec with the same command, made at most 2 s before the process started.';
const PARTLY_READ = 'Only some words of the text were read.';

/**
 * Returns a sentence that says which process started the one in the text. Undefined if the text does not state it. A
 * process that another process started is not itself the command of an exec.
 */
function parentText({ circumstances: { startedBy } }: DescribedRequest): string | undefined {
  return startedBy === undefined
    ? undefined
    : `${startedBy} started the process inside the container, so the process is not itself the command of an exec.`;
}

/**
 * Returns a sentence that says how many of these requests had an open connection when the process started. Somebody can
 * have started the process through any of them.
 */
function openText(described: DescribedRequest, requests: readonly MatchingRequest[]): string | undefined {
  const connections = requests.map(({ record }) => connectionAtProcess(record, described));
  const open = connections.filter((each) => each === 'open').length;
  const unknown = connections.filter((each) => each === 'unknown').length;
  if (open + unknown === 0) return undefined;
  if (requests.length === 1)
    return `${open === 1 ? OPEN : NO_END}, so somebody can have started the process through it.`;
  const ofOpen =
    open === 0
      ? undefined
      : `${open} of these connections ${open === 1 ? 'was' : 'were'} open when the process started.`;
  const ofUnknown = unknown === 0 ? undefined : `The log does not show when ${unknown} of them ended.`;
  return joinSentences(ofOpen, ofUnknown, 'Somebody can have started the process through one of them.');
}

const OPEN = 'The connection of this request was open when the process started';
const NO_END = 'The log does not show when the connection of this request ended';

/**
 * Returns a sentence if the text does not state the time of the request. It may only state when it was written, or a
 * time of day. Undefined for any other text.
 */
export function writtenText(
  { circumstances }: Pick<DescribedRequest, 'circumstances'>,
  requests: readonly MatchingRequest[] = [],
): string | undefined {
  const { at, clock, isWrittenLater, isWrittenAtOnce } = circumstances;
  if (clock !== undefined)
    return `The text says ${clockText(clock)}, but not the ${clock.monthAndDay === undefined ? 'date' : 'year'}.`;
  if (at !== undefined && isWrittenAtOnce === true)
    return `${writtenAt(at)} The request was made at most ${WITHIN} before.`;
  if (at === undefined || isWrittenLater !== true) return undefined;
  // Times in the log have microseconds.
  return requests.some(({ record }) => Math.trunc(timeOf(record)) === Math.trunc(at))
    ? `${writtenAt(at)} A request was made at the same time. This can be a coincidence.`
    : `${writtenAt(at)} The request can be older.`;
}

function writtenAt(at: EpochMillis): string {
  return `The time in the text (${formatInstant(at)}) is when it was written.`;
}

const WITHIN = `${WRITTEN_WITHIN / SECOND} s`;

function lacksOfRequest(described: DescribedRequest, best: MatchingRequest): readonly string[] {
  const { circumstances, stated } = described;
  const { request = {} } = circumstances;
  return lacksOf([
    ['when it happened', stated ?? writtenText(described) ?? unusedText(described)],
    ['what was done', statesVerb(described) || undefined],
    [request.name === undefined ? 'which object' : 'the type of the object', request.uri ?? request.resource],
    [described.isTrace ? 'who made it' : 'the username', hasStatedCaller(best, described) || undefined],
  ]);
}

/** Returns whether the text states the caller of the request, by a username, an access key or a name. */
function hasStatedCaller(request: MatchingRequest, { isTrace }: DescribedRequest): boolean {
  return hasSameCaller(request) || (isTrace && request.agrees.includes('names'));
}

function lacksOfProcess(described: DescribedRequest): readonly string[] {
  const { circumstances, stated } = described;
  const { request, action } = circumstances;
  return lacksOf([
    ['when it happened', stated ?? writtenText(described) ?? unusedText(described)],
    ['the namespace', request?.namespace],
    ['the pod', circumstances.isOfWorkload === true ? undefined : request?.name],
    ['the command', action?.command],
  ]);
}

function lacksOf(features: readonly (readonly [words: string, value: unknown])[]): readonly string[] {
  return features.flatMap(([words, value]) => (value === undefined ? [words] : []));
}

function sessionsOf(requests: readonly MatchingRequest[]): readonly SessionFound[] {
  return sessionsOfRecords(recordsOf(requests).toSorted((a, b) => timeOf(b) - timeOf(a)));
}

function timeOf({ time }: AuditRecord): number {
  return parseInstant(time ?? '') ?? 0;
}

/**
 * Returns whether the groups give a single answer: they have one claim, or one actor with the same status, method and
 * flags.
 */
function areOneAnswer([first, ...others]: readonly SessionFound[]): boolean {
  return others.every(({ attribution: { status, method, flags, actor } }) => {
    const of = first?.attribution;
    if (actor === undefined || of?.actor === undefined) return false;
    return sameActor(actor, of.actor) && status === of.status && method === of.method && isSameJson(flags, of.flags);
  });
}

/** Returns a list of the sessions of the requests. Any of them can have made the request. */
function listed(
  requests: readonly MatchingRequest[],
  inLog: InLog,
  sentences: readonly (string | undefined)[],
): SessionsOutcome {
  const sessions = sessionsOf(requests);
  const what = inLog.result === 'similar' ? 'Similar requests' : 'Matching requests';
  return {
    kind: 'sessions',
    sessions: sessions.slice(0, MOST_LISTED),
    left: Math.max(0, sessions.length - MOST_LISTED),
    note: joinSentences(`${what} in the audit log: ${groupsText(inLog)}.`, ...sentences),
    inLog,
    places: placesOf(recordsOf(requests)),
  };
}

/**
 * Returns sentences about an object that has the same name as a person or a session. They say who made requests for the
 * object, and how to ask about it. Undefined if the log has no such requests.
 */
export function objectText({ subject, outcome }: SubjectAnswer): string | undefined {
  const { name } = subject.circumstances.request ?? {};
  if (outcome.kind !== 'sessions' || outcome.inLog === undefined || name === undefined) return undefined;
  const { requests, listed = [] } = outcome.inLog;
  const last = outcome.earlier?.last;
  if (requests === 0 || (outcome.sessions.length === 0 && last === undefined)) return undefined;
  const types = [...new Set(listed.map(({ request }) => request?.resource ?? 'TYPE'))];
  const paste = `To ask about it, put its type before the name: ${types[0] ?? 'TYPE'}/${name}.`;
  if (outcome.sessions.length === 0)
    return `An object has this name too, last seen before these hours, at ${last}. ${paste}`;
  const count = requests === 1 ? '1 request' : `${requests} requests`;
  return `An object has this name too: ${types.length === 1 ? `${types[0]}/${name}` : name}, with ${count}: ${groupsText(outcome.inLog)}. ${paste}`;
}

const WORDS: Readonly<Record<Feature, string>> = {
  auditId: 'audit ID',
  cluster: 'cluster',
  time: 'time',
  verb: 'verb',
  uri: 'request path',
  resource: 'object',
  namespace: 'namespace',
  username: 'username',
  names: 'name',
  accessKeyId: 'access key',
  credentialId: 'token',
  action: 'command',
  binding: 'role or subjects of the binding',
  code: 'response code',
  ips: 'source IP',
  userAgent: 'user agent',
};

/** Returns a sentence: in which features all of the requests agree with the text, and how many of them differ in each other feature. */
function comparisonText(
  requests: readonly Pick<Comparison, 'agrees' | 'differs'>[],
  { circumstances }: Pick<DescribedRequest, 'circumstances'>,
): string {
  const words = circumstances.isWrittenAtOnce === true ? { ...WORDS, time: `time (at most ${WITHIN} before)` } : WORDS;
  const features = Object.keys(WORDS) as Feature[];
  const same = features.filter((feature) => requests.every(({ agrees }) => agrees.includes(feature)));
  const other = features.flatMap((feature) => {
    const count = requests.filter(({ differs }) => differs.includes(feature)).length;
    if (count === 0) return [];
    return count === requests.length ? words[feature] : `${words[feature]} (in ${count} of ${requests.length})`;
  });
  const agreeing =
    same.length === 0
      ? 'No part of the text agrees with all of them.'
      : `Same as in the text: ${same.map((feature) => words[feature]).join(', ')}.`;
  return other.length === 0 ? agreeing : `${agreeing} Different from the text: ${other.join(', ')}.`;
}

/** What was read of a log that does not have the described request, and the similar requests in it. */
type NearRequests = RecordedRequests &
  Pick<RequestMatch, 'near'> & {
    /**
     * A sentence if the log was turned off at the time, or may have been. Nothing counts as checked then, although the
     * log covers the times.
     */
    readonly pause?: string | undefined;
    /** Whether a whole audit event was pasted. */
    readonly isOfEvent?: true;
  };

/**
 * Returns the answer for a log that does not have the request, or does not cover its time. It is `bySigns`, with the
 * similar requests in the log. If the log contradicts `bySigns`, it names nobody.
 */
function unseen(recorded: NearRequests, described: DescribedRequest, bySigns: Outcome): Outcome {
  const { result, why } = checkOf(recorded, described);
  const [best] = recorded.near;
  // The log may have been turned off by somebody who used another person's session name. Then nobody may be named.
  const mayName = result === 'not-checked' && recorded.pause === undefined;
  if (best === undefined) return withInLog(mayName ? bySigns : unnamed(bySigns), { ...NOTHING_CHECKED, result }, why);
  const { agrees, differs } = best;
  const similar = sessionsOf(recorded.near);
  const shown = shownRequests(recordsOf(recorded.near));
  const near = `Similar requests in the audit log: ${groupsText(shown)}. ${comparisonText(recorded.near, described)}`;
  // A text from a chat can be written long after the request that it describes.
  const isOnlyWritten = result === 'none' && writtenText(described) !== undefined;
  if (bySigns.kind === 'not-known' || isOnlyWritten) {
    const inLog: InLog = { result: 'similar', requests: recorded.near.length, agrees, differs, ...shown };
    return {
      ...listed(recorded.near, inLog, []),
      note: `${why} ${near} They are other requests, so no caller is named.`,
    };
  }
  const isNamed = mayName && similar.every((group) => isBySame(group, bySigns));
  const outcome = isNamed ? bySigns : unnamed(bySigns);
  const inLog: InLog = { result, requests: 0, agrees, differs, ...shown };
  const answer = withInLog(outcome, inLog, `${why} ${near}`);
  return answer.kind === 'not-known' ? answer : { ...answer, similar: similar.slice(0, MOST_LISTED) };
}

/** Returns how far the log was searched for the request: as one word, and as sentences for the user. */
function checkOf(
  { isComplete, isCovered, toReadRest, pause, lastBefore, isOfEvent }: NearRequests,
  described: DescribedRequest,
): { result: InLog['result']; why: string } {
  if (pause !== undefined) return { result: 'not-checked', why: pause };
  const what = isOfEvent ? 'event' : 'request';
  const partly = `No such ${what} was found, but not all of the audit log was read.`;
  if (!isComplete) return { result: 'partly-read', why: joinSentences(partly, toReadRest) ?? partly };
  const { cluster, clusterArn = cluster } = described.circumstances;
  if (isOfEvent && isCovered && clusterArn === undefined) return { result: 'not-checked', why: OF_ANY_CLUSTER };
  return isCovered
    ? { result: 'none', why: joinSentences(noSuchRequest(described, what), gapText(lastBefore, described)) ?? '' }
    : { result: 'not-checked', why: notCovered(described) };
}

/** If a log has had no records for this long, in milliseconds, an answer says so. */
const NOTEWORTHY_GAP = 10 * MINUTE;

/**
 * Returns a sentence that says when the log had its last record before the time in the text. Undefined if that was
 * shortly before, or if the text states no time.
 */
function gapText(lastBefore: EpochMillis | undefined, { times }: DescribedRequest): string | undefined {
  if (lastBefore === undefined || Math.min(...times) - lastBefore < NOTEWORTHY_GAP) return undefined;
  return `Its last record before that time is from ${formatInstant(lastBefore)}.`;
}

const OF_ANY_CLUSTER =
  'The audit log has no such event. The text does not state a cluster, so nothing shows whether the log covers it.';

function pauseText({ time, cluster = '' }: ChangeRow): string {
  return `CloudTrail shows that the audit log of ${cluster} was turned off at ${time}, and not turned on again before the time in the text. So nothing was checked. To see who turned it off, run eks-whois changes --cluster ${cluster}.`;
}

function unknownPauseText(cluster: string): string {
  return `Not all changes of ${cluster} were read, so its audit log can have been turned off. So nothing was checked. To list these changes, run eks-whois changes --cluster ${cluster}.`;
}

const SIGNS = 'The caller was looked up by the details in the text.';

function withInLog(outcome: Outcome, inLog: InLog, why: string): Outcome {
  return { ...withNote(outcome, outcome.kind === 'not-known' ? why : `${why} ${SIGNS}`), inLog };
}

/** Returns whether the group's requests are by the actor of the answer. */
function isBySame({ attribution: { actor } }: SessionFound, outcome: Outcome): boolean {
  const named = outcome.kind === 'attributed' ? outcome.attribution.actor : undefined;
  return actor !== undefined && named !== undefined && sameActor(actor, named);
}

function noSuchRequest(described: DescribedRequest, what: 'event' | 'request'): string {
  const { times, circumstances } = described;
  const { tokenOf } = circumstances;
  if (tokenOf !== undefined)
    return `The audit log has no request with such a token. To list the tokens that were requested: eks-whois records --resource serviceaccounts/token --actor ${quoted(tokenOf.requestedBy)}.`;
  if (circumstances.credentialId !== undefined)
    return `The audit log has no request with the token ${circumstances.credentialId}.`;
  if (circumstances.isWrittenAtOnce === true || circumstances.clock !== undefined)
    return joinSentences('The audit log has no such request at that time.', writtenText(described)) ?? '';
  if (circumstances.isProcessStart === true)
    return 'The audit log covers this cluster and time, and has no exec or attach of this pod that was open then.';
  if (asksWhatSomebodyDid(described))
    return `The audit log has no such request, and none at all ${namesText(circumstances.names ?? [])}.`;
  return times.length === 0
    ? `The audit log has no such ${what}.`
    : `The audit log covers this cluster and time, and has no such ${what}.`;
}

function notCovered({ circumstances: { cluster }, times }: DescribedRequest): string {
  const where = cluster === undefined ? '' : ` from the cluster ${cluster}`;
  const when = times.length === 0 ? '' : ' at this time';
  return `The audit log has no records${where}${when}, so nothing was checked.`;
}

function unnamed(outcome: Outcome): Outcome {
  return outcome.kind === 'attributed' ? withoutName(outcome) : outcome;
}

function withNote<T extends Outcome>(outcome: T, note: string): T {
  if (outcome.kind === 'not-known') return { ...outcome, why: `${note} ${outcome.why}`.trim() };
  return { ...outcome, note: joinSentences(note, outcome.note) };
}
