import { sameActor } from '../../../attribution/actor.ts';
import { actorName } from '../../../attribution/actor-names.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { isSameJson } from '../../../json.ts';
import { parseInstant } from '../../../time.ts';
import { requestsOf } from '../../activity/requests.ts';
import { type Comparison, compareRequest, type DescribedRequest, type Feature } from './described-request.ts';
import type { Informant } from './informant.ts';
import {
  type InLog,
  joinSentences,
  type Outcome,
  type SessionFound,
  type SessionsOutcome,
  withoutName,
} from './outcomes.ts';
import type { RecordedRequests } from './recorded-requests.ts';
import { sessionsOfRecords } from './sessions-of-records.ts';

/** Limits the groups of requests in an answer. */
const MOST_LISTED = 100;

/**
 * Returns who made a request that a text describes. If the audit log has the request, it is the log's answer. Otherwise
 * it is `byNames`, the answer by the names in the text, but it names nobody whom the log does not show.
 */
export async function answerByLog(
  described: DescribedRequest,
  informant: Informant,
  byNames: () => Promise<Outcome>,
): Promise<Outcome> {
  const recorded = await informant.requestsLike(described);
  if (recorded === undefined) return { ...withNote(await byNames(), NO_LOG), inLog: NOTHING_CHECKED };
  return recorded.records.length > 0 ? ofRequests(recorded, described) : unseen(recorded, described, await byNames());
}

const NOTHING_CHECKED: InLog = { result: 'not-checked', requests: 0, agrees: [], differs: [] };
const NO_LOG =
  'From the text you pasted; not checked against the audit log. To check it, add the audit log (--audit with --cloudtrail) or ask the service.';

interface MatchingRequest extends Comparison {
  readonly record: AuditRecord;
}

function ofRequests({ records, isWhole }: RecordedRequests, described: DescribedRequest): Outcome {
  const fitting = requestsOf(records)
    .map(({ record }): MatchingRequest => ({ record, ...compareRequest(record, described) }))
    .sort((a, b) => b.agrees.length - a.agrees.length || timeOf(b.record) - timeOf(a.record));
  const groups = sessionsOfRecords(fitting.map(({ record }) => record).sort((a, b) => timeOf(b) - timeOf(a)));
  const [best] = fitting;
  if (best === undefined) throw new RangeError('There is a request that fits.');
  const { record, agrees, differs } = best;
  const requests = fitting.length;
  const isSure = isWhole && areOneAnswer(groups) && !differs.includes('ips');
  if (!isSure) return severalGroups(groups, { isWhole, inLog: { result: 'several', requests, agrees, differs } });
  const head =
    requests === 1
      ? 'The audit log has this request'
      : `The audit log has ${requests} such requests, all by this caller`;
  const note = `${head}. ${comparisonText(best)}`;
  const inLog: InLog = { result: 'one-caller', requests, agrees, differs };
  const { attribution, caller } = record;
  return { kind: 'attributed', attribution, caller, record, isStored: true, note, inLog };
}

function timeOf({ time }: AuditRecord): number {
  return parseInstant(time ?? '') ?? 0;
}

/** Whether the groups are one answer: requests of one claim, or of one actor with the same answer. */
function areOneAnswer([first, ...others]: readonly SessionFound[]): boolean {
  return others.every(({ attribution: { status, method, flags, actor } }) => {
    const of = first?.attribution;
    if (actor === undefined || of?.actor === undefined) return false;
    return sameActor(actor, of.actor) && status === of.status && method === of.method && isSameJson(flags, of.flags);
  });
}

function severalGroups(
  groups: readonly SessionFound[],
  { isWhole, inLog }: { readonly isWhole: boolean; readonly inLog: InLog },
): SessionsOutcome {
  const differs = groups.length === 1 && inLog.differs.includes('ips') ? `${comparisonText(inLog)} ` : '';
  const counts = `Matching requests in the audit log: ${groupsText(groups)}.`;
  const unread = isWhole ? undefined : 'Not all of the audit log was read, so there may be more.';
  return {
    kind: 'sessions',
    sessions: groups.slice(0, MOST_LISTED),
    left: Math.max(0, groups.length - MOST_LISTED),
    note: joinSentences(
      `${differs}${counts}`,
      unread,
      'The text does not show which one it is, so no single caller is named.',
    ),
    inLog,
  };
}

const MOST_SAID = 5;

/** Returns the groups in words: `2 by an unidentified caller with the access key ASIA…, 1 by ben.okafor`. */
function groupsText(groups: readonly SessionFound[]): string {
  const said = groups.slice(0, MOST_SAID).map((group) => `${group.requests ?? 1} by ${callerText(group)}`);
  return [...said, ...(groups.length > MOST_SAID ? [`${groups.length - MOST_SAID} more callers`] : [])].join(', ');
}

function callerText({ attribution, accessKeyId, session, username }: SessionFound): string {
  if (attribution.actor !== undefined) return actorName(attribution.actor);
  const sign = accessKeyId === undefined ? (username ?? session) : `the access key ${accessKeyId}`;
  if (attribution.status === 'system') return username ?? session ?? 'the cluster itself';
  const names = (attribution.candidates ?? []).map(({ actor }) => actorName(actor));
  const all = names.length + (attribution.candidatesLeftOut ?? 0);
  const who =
    names.length === 0 ? 'an unidentified caller' : `one of ${all} candidates (${names.slice(0, 3).join(', ')})`;
  return sign === undefined ? who : `${who} with ${sign}`;
}

const WORDS: Readonly<Record<Feature, string>> = {
  cluster: 'cluster',
  time: 'time',
  verb: 'verb',
  uri: 'request path',
  resource: 'object',
  username: 'username',
  code: 'response code',
  ips: 'source IP',
  userAgent: 'user agent',
};

function comparisonText({ agrees, differs }: Pick<Comparison, 'agrees' | 'differs'>): string {
  const listed = (features: readonly Feature[]) => features.map((feature) => WORDS[feature]).join(', ');
  const other = differs.length === 0 ? '' : ` Different: ${listed(differs)}.`;
  return `Same as in the text: ${listed(agrees)}.${other}`;
}

/** Answers if the log does not have the request, or does not cover the time. */
function unseen({ isWhole, isCovered }: RecordedRequests, described: DescribedRequest, byNames: Outcome): Outcome {
  if (isWhole && !isCovered) return { ...withNote(byNames, notCovered(described)), inLog: NOTHING_CHECKED };
  const result = isWhole ? 'none' : 'partly-read';
  const why = isWhole ? noSuchRequest(described) : 'No such request was found, but not all of the audit log was read.';
  const inLog: InLog = { result, requests: 0, agrees: [], differs: [] };
  return { ...withNote(unnamed(byNames), `${why} Any name shown comes from the pasted text alone.`), inLog };
}

function noSuchRequest({ times }: DescribedRequest): string {
  return times.length === 0
    ? 'The audit log has no such request.'
    : 'The audit log covers this cluster and time, and has no such request.';
}

function notCovered({ circumstances: { cluster }, times }: DescribedRequest): string {
  const where = cluster === undefined ? '' : ` from the cluster ${cluster}`;
  const when = times.length === 0 ? '' : ' at this time';
  return `The audit log has no records${where}${when}, so nothing was checked. The answer comes from the text you pasted.`;
}

function unnamed(outcome: Outcome): Outcome {
  return outcome.kind === 'attributed' ? withoutName(outcome) : outcome;
}

function withNote<T extends Outcome>(outcome: T, note: string): T {
  if (outcome.kind === 'not-known') return { ...outcome, why: joinSentences(note, outcome.why) };
  return { ...outcome, note: joinSentences(note, outcome.note) };
}
