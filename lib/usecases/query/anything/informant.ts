import { type Actor, type PodsOfActor, sameActor } from '../../../attribution/actor.ts';
import { isActorId } from '../../../attribution/actor-id.ts';
import { filedName, isAbout } from '../../../attribution/actor-names.ts';
import type { Flag } from '../../../attribution/flags.ts';
import { type AuditRecord, recordedCaller, recordHead } from '../../../attribution/record.ts';
import { callerKeyOf, isRole, roleOfRecord } from '../../../attribution/role-of-record.ts';
import { isTokenOf } from '../../../audit/issued-token.ts';
import { type KnownKind, namesOfKnown } from '../../../claims/known.ts';
import type { CallsQuestion, TargetedAwsCall } from '../../../cloudtrail/pod-session.ts';
import { mapConcurrently } from '../../../concurrency.ts';
import { roleRef } from '../../../identity/arn.ts';
import { type ClusterKey, isSameCluster } from '../../../identity/cluster.ts';
import { isInstanceId } from '../../../identity/session-name.ts';
import type { JsonObject } from '../../../json.ts';
import { nearest } from '../../../nearness.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import type { PastedEvent } from '../../../recognize/subject.ts';
import { quoted } from '../../../shell.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../../time.ts';
import type { KnownChanges } from '../../changes/changes.ts';
import { LONGEST_SESSION } from '../doubt.ts';
import type { Matcher } from '../filter.ts';
import type { KnownRow } from '../known-row.ts';
import { rowHadName } from '../people.ts';
import { isInRange, LONGEST_VALUE, refusalOf } from '../question.ts';
import type { WhoisQuestion } from '../whois-question.ts';
import { listByMoment } from './at-moment.ts';
import type { DescribedRequest } from './described-request.ts';
import { notSearched, placesToSearch } from './flagged-places.ts';
import { Impersonations, SessionsNamed, unsearchedOthersText } from './impersonations.ts';
import type { ObjectPlace } from './object-places.ts';
import {
  flagsOfOthers,
  INTO_PODS,
  isByOther,
  isIntoPods,
  matcherOfValues,
  TOKENS,
  tokenRequests,
  tokensLeft,
  tokenUses,
  usernamesOf,
  type Values,
} from './others.ts';
import {
  type AttributedOutcome,
  type Completeness,
  hasSessions,
  joinSentences,
  NO_SESSIONS,
  notKnown,
  type Outcome,
  oneOfSeveral,
  outcomeOfRecord,
  type SessionFound,
  type SessionsOutcome,
  SHOWN_BY_EVENTS,
  withoutName,
} from './outcomes.ts';
import { groupedByPerson, withNamesToday } from './people-of-sessions.ts';
import { alteredCopies, haveOneAnswer, type RecordedRequests, recordsOfEvent } from './recorded-requests.ts';
import { GrantedUses, mostSuspiciousFirst, sessionsOfRecords } from './sessions-of-records.ts';
import { spellingsOf } from './spellings.ts';
import { hasUnissuedKey, isOfSession, type KeylessSession, oncePerHour, type UnissuedKeys } from './unissued-keys.ts';
import {
  IMPERSONATED,
  isActorNamed,
  isImpersonating,
  isInDirectory,
  isNamed,
  isSessionNamed,
  sharedNameText,
} from './usernames.ts';

/**
 * The sources that an `Informant` asks. Files have grants and records. CloudTrail's event history has grants, and the
 * service has records and names. If a source cannot be reached, each method throws the errors of that source.
 */
export interface InformantSources {
  /** The maximum number of subjects of one text that are looked up. */
  readonly most: number;
  /**
   * Returns the time of the latest event in the data. Undefined if there is none. Without this method, a question about
   * a name without a time covers all data, not only the last hours.
   */
  latest?(): Promise<EpochMillis | undefined>;
  /**
   * How far before the latest event a question about a name without a time goes back, in milliseconds. By default, this
   * is a day.
   */
  readonly lookback?: number | undefined;
  /** Whether the budget of this text is used up, so that nothing more may be looked up. */
  readonly isSpent?: boolean;
  /** Returns who is behind a session at time `at`. If `at` is undefined, the session can be from any time. */
  whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<AttributedOutcome>;
  /**
   * Attributes an event that is in no log, by everything that the event states. `question` asks about its caller, if it
   * has one.
   */
  event(pasted: PastedEvent, question: WhoisQuestion | undefined): Promise<AttributedOutcome>;
  /** Returns the CloudTrail record with this `eventID`, as CloudTrail wrote it. */
  trailRecord(eventId: string): Promise<JsonObject | undefined>;
  /**
   * Returns the CloudTrail calls that match the question, newest first, including denied ones. Absent if the source has
   * no CloudTrail calls.
   */
  calls?(question: CallsQuestion): Promise<readonly TargetedAwsCall[]>;
  /**
   * Returns the events that issued the token. Absent if the source knows them only through the requests that used the
   * token.
   */
  tokensIssued?(credentialId: string): readonly IssuingEvent[];
  /** Returns the IDs of the role in a session's ARN, from CloudTrail's records. Absent if `grants` has them. */
  roleIds?(session: string): Promise<readonly string[]>;
  readonly grants?: GrantSessions | undefined;
  readonly records?: RecordSearch | undefined;
  readonly names?: NameDirectory | undefined;
  /**
   * Returns the changes of clusters through the EKS API in a time range. Absent if the source does not have them.
   * @param cluster a name or an ARN. The service returns only the changes of that cluster. Files return all.
   */
  clusterChanges?(range: TimeInterval, cluster?: string): Promise<KnownChanges>;
  /** Sentences that say what to do if this source cannot find something. */
  readonly elsewhere: {
    readonly auditId: string;
    readonly eventId: string;
    readonly name: string;
    /** What to do if the ID of a session's role is not known. If absent, the sentence for a name is used. */
    readonly session?: string;
  };
}

/** Returns whether the request listed or watched all objects of the type, and was not refused. */
function isCollectionRead({ request = {}, response }: AuditRecord, resource: string): boolean {
  const { verb, subresource, name } = request;
  const isRead = (verb === 'list' || verb === 'watch') && (response === undefined || response.code < 300);
  return isRead && request.resource === resource && subresource === undefined && name === undefined;
}

/** An event that issued a token, with what an answer shows of it as evidence. */
export interface IssuingEvent {
  readonly auditId: string;
  readonly issuedAt: EpochMillis;
  /** The service account of the token, `<namespace>:<name>`. */
  readonly serviceAccount: string;
  readonly clusterKey: ClusterKey;
}

/** Finds sessions by their grants: those that are known, or those that are fetched for the question. */
export interface GrantSessions {
  ofRole(role: string, at: EpochMillis | undefined): Promise<SessionsOfGrants>;
  /**
   * Returns the sessions of the person. Each session is attributed first, then `isMatch` decides whether it belongs to
   * the list.
   */
  ofPerson(person: string, isMatch: SessionTest, at: EpochMillis | undefined): Promise<SessionsOfGrants>;
  /** Returns the sessions with this session name. */
  named(sessionName: string, at: EpochMillis | undefined): Promise<SessionsOfGrants>;
  /** Returns the sessions whose credentials were requested with this access key, as far as the grants are known. */
  obtainedWith(accessKeyId: string): Promise<SessionsOfGrants>;
  /** Returns the IDs of a role. `role` also has the ARN of one of its sessions. */
  roleIds(role: RoleOfSession): Promise<readonly string[]>;
  /**
   * Returns the IDs of everybody who had this name in the time range, according to the records that are known so far.
   */
  idsNamed(name: string, range: TimeRange): readonly string[];
  /** Returns the names of all roles that are known so far. */
  roleNames(): Iterable<string | undefined>;
}

type SessionTest = (session: Pick<AuditRecord, 'attribution'>) => boolean;

export interface SessionsOfGrants {
  readonly sessions: readonly SessionFound[];
  /** A sentence that says what was not searched. */
  readonly note?: string | undefined;
  readonly isComplete?: Completeness;
}

interface RoleOfSession {
  readonly arn: string;
  readonly session: string;
}

/** Searches recorded requests: the audit log in files, or the records of the service. */
export interface RecordSearch {
  /** Whether records are found only by the values of a question. If false, every record is read and tested. */
  readonly isIndexed: boolean;
  /** Returns records, newest first. */
  read(question: RecordQuestion): Promise<RecordsReading>;
  /**
   * Returns the records with the audit ID, the newest first. Returns `too-many` if there are too many to sort, or to
   * read for one account.
   */
  ofAuditId(auditId: string): Promise<RecordsOfId | 'too-many'>;
  /** Returns recorded requests that can be the described one. Undefined if the log was not searched. */
  requestsLike(described: DescribedRequest): Promise<RecordedRequests | undefined>;
}

export interface RecordQuestion {
  /** The values by which records are found, if they are indexed. */
  readonly values: Values;
  /** Tests each record that was found. If absent, every record with these values matches. */
  readonly isMatch?: Matcher;
  readonly range?: TimeRange;
  /** The maximum number of pages that are read for each account. */
  readonly pages?: number;
  /** The account of the cluster in question, if known. */
  readonly home?: string | undefined;
}

/** The records with one audit ID. */
export type RecordsOfId = Pick<RecordsReading, 'records' | 'isComplete'>;

export interface RecordsReading {
  readonly records: readonly AuditRecord[];
  /** The number of records that were read. */
  readonly examined: number;
  readonly isComplete: boolean;
}

/** The names that the service knows. */
export interface NameDirectory {
  known(kind: KnownKind, prefix: string, pages?: number): Promise<NamesReading>;
}

export interface NamesReading {
  readonly rows: readonly KnownRow[];
  readonly isComplete: boolean;
}

const NO_NAMES: NamesReading = { rows: [], isComplete: true };

const NO_RECORDS =
  'Not checked whether anybody else used this username or requested tokens for it. To check, add the audit log (--audit with --cloudtrail) or ask the service (--api or --table).';

/** Returns a sentence that says which requests of a username the service did not search, and how to search for them. */
function unsearchedText(username: string, range: TimeRange | undefined): string {
  const { from, to } = range ?? {};
  const what = isInstanceId(username) ? 'this instance' : 'this username';
  const searched =
    from === undefined || to === undefined
      ? `The requests of ${what} were not searched.`
      : `Only requests from ${formatInstant(from)} to ${formatInstant(to)} were searched for ${what}.`;
  const option = isInstanceId(username) ? '--session' : '--username'; // The username of a node has its DNS name, not its instance ID.
  return `The service has no index of ${isInstanceId(username) ? 'session names' : 'usernames'}. ${searched} To search another time: eks-whois records ${option} ${quoted(username)} --cluster NAME --from TIME --to TIME.`;
}

const TOKEN_UNKNOWN =
  'The token of the service account was not looked up, and somebody may have requested it. To check, add the audit log (--audit with --cloudtrail), or look up the audit ID of a recorded request.';

const SEVERAL_CLUSTERS =
  'The logs of several clusters have exactly this request, and they lead to different answers. Paste it with the log group and the account that owns it, or look up its audit ID.';

const OTHER_CALLER = 'The audit log has this event, but states another caller or access key.';
const STATED_OTHERWISE = `${OTHER_CALLER} So the actor of the pasted text is only a candidate.`;

/** The maximum number of pages of a search by flags alone. Each page may read some thousand records. */
const MOST_FLAGGED_PAGES = 2;
/**
 * The maximum number of callers whose use of tokens is searched. A caller of another account counts once for each of
 * their sessions.
 */
const MOST_ISSUERS = 50;
/**
 * The maximum number of pages of namespaces. Whoever can reach a cluster can invent namespaces. A search for records
 * has the same limit (CONTRACT, 13.23).
 */
const MOST_NAMESPACE_PAGES = 20;

/**
 * Returns a note on what a pasted event leaves out of the recorded event's caller, and where it states another source
 * than the log. Empty if there is nothing of this.
 */
function recordedNote({ event }: PastedEvent, { caller, source }: AuditRecord): { readonly note?: string } {
  const stated = recordedCaller(event.caller);
  const { source: origin } = recordHead(event, {});
  const ip = source?.ips?.at(-1);
  const others = [
    ...(ip !== undefined && origin?.ips !== undefined && origin.ips.at(-1) !== ip ? [`the source IP ${ip}`] : []),
    ...(source?.userAgent !== undefined && origin?.userAgent !== undefined && origin.userAgent !== source.userAgent
      ? [`the user agent ${source.userAgent}`]
      : []),
  ];
  const left = [
    ...(stated.uid === undefined && caller.uid !== undefined ? ['the uid'] : []),
    ...(stated.accessKeyId === undefined && caller.accessKeyId !== undefined ? ['the access key'] : []),
  ];
  const note = joinSentences(
    left.length === 0
      ? undefined
      : `The audit log has this event. It also states what the text leaves out: ${left.join(' and ')}.`,
    others.length === 0 ? undefined : `The audit log has this event with ${others.join(' and ')}.`,
  );
  return note === undefined ? {} : { note };
}

/**
 * Returns the answer about a pasted event. If the log has this event with another caller, the answer names no single
 * one.
 */
function unlessContradicted(answer: AttributedOutcome, copies: readonly AuditRecord[]): AttributedOutcome {
  const { actor } = answer.attribution;
  const isBySame = ({ attribution }: AuditRecord) =>
    attribution.actor === undefined ? actor === undefined : actor !== undefined && sameActor(attribution.actor, actor);
  if (copies.every(isBySame)) return answer;
  const similar = sessionsOfRecords(copies);
  if (actor === undefined) return { ...answer, similar, note: joinSentences(OTHER_CALLER, answer.note) };
  return { ...withoutName(answer), similar, note: joinSentences(STATED_OTHERWISE, answer.note) };
}

/** Answers questions about recognized texts from the available sources. */
export class Informant {
  readonly #sources: InformantSources;
  readonly #isOfLastDay: boolean;
  /** The records of each access key, so that each key is read once. */
  readonly #ofKeys: Map<string, Promise<RecordsReading>>;
  #unissued: Promise<RecordsReading> | undefined;
  #span: Promise<TimeInterval | undefined> | undefined;

  /** @param isOfLastDay whether lists for a question without a time cover only `lastDay`. */
  constructor(sources: InformantSources, isOfLastDay = false, ofKeys = new Map<string, Promise<RecordsReading>>()) {
    this.#sources = sources;
    this.#isOfLastDay = isOfLastDay;
    this.#ofKeys = ofKeys;
  }

  /** Returns an informant that limits lists without a time to `lastDay`, and says what was seen earlier. */
  ofLastDay(): Informant {
    return new Informant(this.#sources, true, this.#ofKeys);
  }

  /**
   * Returns the last 24 hours of the data, or the look-back that the user gives. Undefined if the source has no such
   * limit.
   */
  lastDay(): Promise<TimeInterval | undefined> {
    this.#span ??= lastDayOf(this.#sources);
    return this.#span;
  }

  get most(): number {
    return this.#sources.most;
  }

  get isSpent(): boolean {
    return this.#sources.isSpent === true;
  }

  get elsewhere(): InformantSources['elsewhere'] {
    return this.#sources.elsewhere;
  }

  /** Returns who is behind a session at time `at`. If `at` is undefined, the session can be from any time. */
  whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<AttributedOutcome> {
    return this.#sources.whois(question, at);
  }

  /**
   * Returns the answer about an event. If the log has the event, this is the log's answer, which also names the
   * cluster. Otherwise it attributes the event by what the event states.
   * @param question asks about the event's caller. Undefined if no question can.
   */
  async event(pasted: PastedEvent, question: WhoisQuestion | undefined): Promise<AttributedOutcome> {
    const found = await this.recordsOf(pasted.event.auditId);
    const stored = found === 'too-many' ? [] : recordsOfEvent(pasted, found.records);
    const [latest, ...others] = stored;
    if (latest !== undefined) {
      const shown = {
        isStored: true as const,
        ...(found !== 'too-many' && !found.isComplete && { isComplete: false as const }),
      };
      if (haveOneAnswer(stored)) return { ...outcomeOfRecord(latest), ...shown, ...recordedNote(pasted, latest) };
      const outcome = oneOfSeveral([outcomeOfRecord(latest), ...others.map(outcomeOfRecord)]);
      return { ...outcome, note: SEVERAL_CLUSTERS, ...shown };
    }
    const answer = await this.#sources.event(pasted, question);
    const isTokenKnown = answer.attribution.method === 'token' || this.#knowsToken(pasted);
    if (!isTokenKnown) return { ...withoutName(answer), note: TOKEN_UNKNOWN, isComplete: false };
    return found === 'too-many' ? answer : unlessContradicted(answer, alteredCopies(pasted, found.records));
  }

  /**
   * Returns whether the source can show who requested the token of the event. Events without a token, or without a
   * time, count as yes. Only audit log files, and events pasted with this one, show the requester.
   */
  #knowsToken({ event: { caller, at } }: PastedEvent): boolean {
    return this.#sources.records?.isIndexed === false || at === undefined || !isTokenOf(caller);
  }

  /** Returns the records with the audit ID as `ofAuditId` does. */
  async recordsOf(auditId: string): Promise<RecordsOfId | 'too-many'> {
    return (await this.#sources.records?.ofAuditId(auditId)) ?? { records: [], isComplete: true };
  }

  /** Returns the events that issued the token, as far as they are known without reading the requests that used it. */
  tokensIssued(credentialId: string): readonly IssuingEvent[] {
    return this.#sources.tokensIssued?.(credentialId) ?? [];
  }

  /**
   * Returns the recorded requests that issued a token with the ID to the service account of this username, as the
   * records state.
   */
  async tokenRequests(username: string, credentialId: string): Promise<readonly AuditRecord[]> {
    const values = tokenRequests(username);
    if (values === undefined || this.isSpent) return [];
    const isMatch: Matcher = ({ action }) => action?.credentialId === credentialId;
    const isOfAccount = matcherOfValues(values);
    return (await this.#read({ values, isMatch: (record) => isOfAccount(record) && isMatch(record) })).records;
  }

  /** Returns the recorded requests that can be the described one. Undefined if there is no audit log. */
  async requestsLike(described: DescribedRequest): Promise<RecordedRequests | undefined> {
    const span = this.#isOfLastDay ? await this.lastDay() : undefined;
    if (span === undefined) return this.#sources.records?.requestsLike(described);
    const range = { from: span.from };
    const found = await this.#sources.records?.requestsLike(this.#isIndexed ? { ...described, range } : described);
    const isOfSpan: Matcher = (record) => record.time === undefined || isInRange(record, range);
    return found && { ...found, records: found.records.filter(isOfSpan) };
  }

  /**
   * Returns the records of an access key, newest first. A key is read only once. Empty if the source has no records.
   */
  recordsOfKey(accessKeyId: string): Promise<RecordsReading> {
    const reading = this.#ofKeys.get(accessKeyId) ?? this.#read({ values: [{ name: 'key', value: accessKeyId }] });
    this.#ofKeys.set(accessKeyId, reading);
    return reading;
  }

  /**
   * Returns the newest records of an access key, and all its records with a flag that only events show. Anybody with a
   * cluster can forge newer requests with the key. So `recordsOfKey` alone could miss the flagged ones.
   * @returns the records. `isComplete` says whether all flagged ones are among them.
   */
  async withFlaggedOfKey(accessKeyId: string): Promise<RecordsReading> {
    const newest = await this.recordsOfKey(accessKeyId);
    if (newest.isComplete || this.isSpent) return newest;
    const flagged = (flags: readonly Flag[]) =>
      this.#read({
        values: [{ name: 'key', value: accessKeyId }, ...flags.map((value) => ({ name: 'flag', value }) as const)],
      });
    const all = await flagged(SHOWN_BY_EVENTS);
    const found = new Set(all.records.flatMap(({ attribution: { flags } }) => flags));
    const left = all.isComplete || found.size === 0 ? [] : SHOWN_BY_EVENTS.filter((flag) => !found.has(flag));
    // Requests with one of the flags can be so many that they hide those with another. So each flag is asked for
    // alone.
    const others = await mapConcurrently(left, (flag) => flagged([flag]));
    const isComplete = all.isComplete || (others.length > 0 && others.every((each) => each.isComplete));
    return { records: recordsOf([newest, all, ...others]), examined: newest.examined, isComplete };
  }

  /**
   * Returns the records of those sessions of the actor whose credentials were requested with this long-term key.
   * Undefined if the source has no log.
   */
  async recordsObtainedWith(accessKeyId: string, { id }: Actor): Promise<RecordsReading | undefined> {
    if (this.#sources.records === undefined || this.isSpent || id.length > LONGEST_VALUE) return undefined;
    const isMatch: Matcher = ({ attribution }) => callerKeyOf(attribution.chain ?? []) === accessKeyId;
    return this.#read({ values: [{ name: 'actor', value: id }], isMatch });
  }

  /**
   * Returns the CloudTrail calls that match the question, newest first. Undefined if the source has no CloudTrail
   * calls.
   */
  async calls(question: CallsQuestion): Promise<readonly TargetedAwsCall[] | undefined> {
    return this.isSpent ? undefined : this.#sources.calls?.(question);
  }

  /**
   * Returns the sessions whose credentials were requested with this key, from grants. Undefined if the source has no
   * grants.
   */
  async grantsObtainedWith(accessKeyId: string): Promise<SessionsOfGrants | undefined> {
    return this.isSpent ? undefined : this.#sources.grants?.obtainedWith(accessKeyId);
  }

  /**
   * Returns the successful requests that listed or watched all objects of a type, in one of these places and in the
   * time range.
   */
  async collectionReads(resource: string, places: readonly ObjectPlace[], range: TimeRange): Promise<RecordsReading> {
    const isThere: Matcher = (record) =>
      places.some(
        (place) =>
          (record.request?.namespace ?? place.namespace) === place.namespace && isSameCluster(record, place) !== false,
      );
    const isMatch: Matcher = (record) =>
      isCollectionRead(record, resource) && isThere(record) && isInRange(record, range);
    const values: Values = [
      ...['list', 'watch'].map((value) => ({ name: 'verb', value }) as const),
      { name: 'resource', value: resource },
    ];
    return this.isSpent ? { records: [], examined: 0, isComplete: false } : this.#read({ values, isMatch, range });
  }

  /** Returns the requests in the time range with tokens of a pod of this name, in one of these places. */
  async podRequests(name: string, places: readonly ObjectPlace[], range: TimeRange): Promise<RecordsReading> {
    const isThere: Matcher = (record) =>
      places.some(
        (place) =>
          isSameCluster(record, place) !== false &&
          record.caller.username?.startsWith(`system:serviceaccount:${place.namespace}:`) === true,
      );
    const isMatch: Matcher = (record) =>
      record.caller.pod?.name === name && isThere(record) && isInRange(record, range);
    const accounts = new Set(places.map(({ namespace }) => `system:serviceaccount:${namespace}:*`));
    const clusters = new Set(places.flatMap(({ cluster, clusterArn }) => clusterArn ?? cluster ?? []));
    const values: Values = [
      ...[...accounts].map((value) => ({ name: 'username', value }) as const),
      ...[...clusters].map((value) => ({ name: 'cluster', value }) as const),
    ];
    const isRefused = this.isSpent || (clusters.size === 0 && (range.from ?? range.to) === undefined);
    return isRefused ? { records: [], examined: 0, isComplete: false } : this.#read({ values, isMatch, range });
  }

  /**
   * Returns the requests in the time range by which somebody can have got the role of these pods. Undefined if the
   * source has no log.
   */
  async requestsIntoPods(pods: PodsOfActor, range: TimeRange): Promise<RecordsReading | undefined> {
    const { namespace, pod, serviceAccount } = pods;
    const isMatch: Matcher = (record) => isIntoPods(record, pods) && isInRange(record, range);
    const resources = [...INTO_PODS, ...(pod === undefined ? [] : ['pods']), ...(serviceAccount ? [TOKENS] : [])];
    const values: Values = [
      { name: 'namespace', value: namespace },
      ...resources.map((value) => ({ name: 'resource', value }) as const),
      ...(pod === undefined ? [] : [{ name: 'object', value: pod } as const]),
    ];
    return this.readBeside({ values, isMatch, range });
  }

  /**
   * Returns the newest requests of the actor up to time `to`. Undefined if the source has no log, or cannot be asked
   * about this actor.
   */
  async requestsUntil({ id }: Actor, to: EpochMillis): Promise<RecordsReading | undefined> {
    if (id.length > LONGEST_VALUE) return undefined;
    return this.readBeside({ values: [{ name: 'actor', value: id }], range: { to }, pages: 1 });
  }

  /**
   * Reads records that an answer only shows as an addition. Undefined if the source has no log or refuses the question,
   * because the answer must not fail for that.
   */
  async readBeside(question: RecordQuestion): Promise<RecordsReading | undefined> {
    if (this.#sources.records === undefined || this.isSpent) return undefined;
    try {
      return await this.#read(question);
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return undefined;
    }
  }

  /**
   * Returns the recorded sessions with the stated role and name whose access keys no grant issued. They are near the
   * time `at`.
   */
  async unissuedKeys(stated: KeylessSession, at: EpochMillis | undefined): Promise<UnissuedKeys> {
    if (this.#sources.records === undefined || stated.owners.length === 0) return { sessions: [], isComplete: true };
    if (this.isSpent) return { sessions: [], isComplete: false };
    const isOfStated = isOfSession(stated);
    const range = at === undefined ? {} : around(at);
    const isMatch: Matcher = (record) => hasUnissuedKey(record) && isOfStated(record) && isInRange(record, range);
    const { records, isComplete } = this.#isIndexed
      ? await this.#read({ values: valuesOfKeyless(stated), isMatch, range })
      : await this.#unissuedIn(isMatch);
    const sessions = sessionsOfRecords(records).map(
      ({ records: _records, requests: _requests, ...session }) => session,
    );
    return { sessions, isComplete };
  }

  /**
   * Returns matching records of unissued keys, from files. The first call reads all records of such keys and remembers
   * them. If there are too many to remember, each call reads only the records that it needs.
   */
  async #unissuedIn(isMatch: Matcher): Promise<RecordsReading> {
    this.#unissued ??= this.#read({ values: [], isMatch: oncePerHour(hasUnissuedKey) });
    const all = await this.#unissued;
    if (!all.isComplete) return this.#read({ values: [], isMatch: oncePerHour(isMatch) });
    return { ...all, records: all.records.filter(isMatch) };
  }

  /**
   * Returns the sessions that used this username in a cluster. If there are none, returns the sessions of any caller
   * with this session name. Those valid at `at` come first, also in the methods below.
   */
  async ofUsername(username: string, at: EpochMillis | undefined): Promise<Outcome> {
    const under = await this.#under(username, at);
    if (hasSessions(under)) return under;
    const named = await this.#bySessionName(username, at);
    const isComplete = wholeOf(under, named);
    if (hasSessions(named)) return { ...named, note: joinSentences(named.note, under.note), isComplete };
    const notNamed = named.note ?? (this.#sources.records && 'No session has this session name.');
    const hint = joinSentences(under.note, notNamed, this.elsewhere.name);
    return notKnown(`${NO_SESSIONS}the username ${username}.`, hint, isComplete);
  }

  /** Returns the CloudTrail record with this `eventID`, as CloudTrail wrote it. */
  trailRecord(eventId: string): Promise<JsonObject | undefined> {
    return this.#sources.trailRecord(eventId);
  }

  get #isIndexed(): boolean {
    return this.#sources.records?.isIndexed === true;
  }

  /**
   * Returns the sessions that used or impersonated the username. If there are none, and no session has this name,
   * returns the sessions of the person with this name.
   */
  async #under(username: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    if (this.#isIndexed) return this.#underByIndex(username, at);
    const isUnder: Matcher = (record) =>
      isNamed(record.caller.username ?? '', username) || isImpersonating(record, username);
    const hasName: Matcher = (record) => isSessionNamed(record, username);
    const isMatch: Matcher = (record) => isUnder(record) || hasName(record);
    const { records, ...read } = await this.#read({ values: [], isMatch });
    const under = records.filter(isUnder);
    const impersonated = under.some((record) => isImpersonating(record, username)) ? IMPERSONATED : undefined;
    // If anybody else used the username, sessions that only have it as their session name do not matter.
    if (!under.every(hasName)) {
      const found = await this.#sessionsIn([{ ...read, records: under }], at);
      return { ...found, note: joinSentences(impersonated, found.note) };
    }
    if (records.length > 0) return { ...(await this.#sessionsIn([{ ...read, records: [] }], at)), note: impersonated };
    const person = await this.sessionsOfPerson(username, at);
    return hasSessions(person) ? person : { ...person, note: undefined };
  }

  /**
   * Returns the sessions of the person whom the directory lists under the username. No index has usernames. If the
   * directory lists nobody, returns the sessions that used the username around that time. These include sessions with
   * the flag of an impersonation.
   */
  async #underByIndex(username: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    const person = await this.sessionsOfPerson(username, at);
    if (hasSessions(person)) return person;
    const used = await this.#usedAround(username, at);
    const flagged = await this.#flagged(['impersonation'], (record) => isImpersonating(record, username));
    const read = [...used.read, ...flagged.read];
    const found = await this.#sessionsIn(read, at);
    const isImpersonated = flagged.read.some(({ records }) => records.length > 0);
    const note = joinSentences(isImpersonated ? IMPERSONATED : undefined, found.note, flagged.note, used.note);
    return { ...found, note, isComplete: wholeOf(person, found, flagged) };
  }

  /** Reads the requests of a username in the hours around the time, or in the last hours of the data. */
  async #usedAround(username: string, at: EpochMillis | undefined): Promise<PartialReading> {
    const range = at === undefined ? await this.lastDay() : around(at);
    if (range === undefined || this.isSpent) return { read: [], note: unsearchedText(username, undefined) };
    const isMatch: Matcher = (record) => isNamed(record.caller.username ?? '', username);
    try {
      const values = usernamesOf(username).map((value) => ({ name: 'username', value }) as const);
      const read = await this.#read({ values, isMatch, range, pages: MOST_FLAGGED_PAGES });
      return { read: [read], note: unsearchedText(username, read.isComplete ? range : undefined) };
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return { read: [], note: unsearchedText(username, undefined) };
    }
  }

  /**
   * Returns the sessions with this session name. The index of sessions needs the role too, so only the newest records
   * are searched, or those around `at`.
   */
  async #bySessionName(sessionName: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    const granted = await this.#sources.grants?.named(sessionName, at);
    const range = at === undefined || !this.#isIndexed ? {} : around(at);
    let examined = 0;
    const found = await this.#withRecorded(granted, at, async ({ isNew }) => {
      const isMatch: Matcher = (record) => isSessionNamed(record, sessionName) && isNew(record);
      const read = await this.#read({ values: [], isMatch, range });
      examined = read.examined;
      return [read];
    });
    if (hasSessions(found))
      return { ...found, sessionName, note: joinSentences(sharedNameText(sessionName), found.note) };
    return found.isComplete === false
      ? { ...found, note: `No session has this session name in the newest ${examined} records.` }
      : found;
  }

  /**
   * Returns the sessions of other callers who acted as a service account, a node or an EKS service, newest first. They
   * used or impersonated its username, or requested tokens of the service account.
   */
  async othersAs(username: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    if (this.#sources.records === undefined) return { ...listByMoment([], at), note: NO_RECORDS };
    const isMatch = isByOther(username);
    if (!this.#isIndexed) return this.#sessionsIn([await this.#read({ values: [], isMatch })], at);
    const issued = await this.#tokensOf(username, isMatch);
    const flagged = await this.#flagged(['impersonation', ...flagsOfOthers(username)], isMatch);
    const found = await this.#sessionsIn([...flagged.read, ...issued.read], at);
    const note = joinSentences(found.note, issued.note, flagged.note);
    return { ...found, note, isComplete: wholeOf(found, issued, flagged) };
  }

  /** Reads who requested tokens of a service account, and the requests that were made with these tokens. */
  async #tokensOf(username: string, isMatch: Matcher): Promise<PartialReading> {
    const tokens = tokenRequests(username);
    if (tokens === undefined) return { read: [] };
    const issued = await this.#read({ values: tokens, isMatch });
    const uses = tokenUses(issued.records);
    const read = await mapConcurrently(uses.slice(0, MOST_ISSUERS), async (values) =>
      this.isSpent ? [] : [await this.#read({ values, isMatch })],
    );
    const done = read.flat();
    const left = uses.length - done.length;
    return { read: [issued, ...done], note: tokensLeft(left), isComplete: left === 0 ? undefined : false };
  }

  /**
   * Reads records that have one of the flags. Namespaces that are proven to exist are searched first, because anybody
   * can invent others.
   */
  async #flagged(flags: readonly Flag[], isMatch: Matcher): Promise<PartialReading> {
    const { rows, isComplete } = await this.#known('namespace', '', MOST_NAMESPACE_PAGES);
    const { proven, others, all } = placesToSearch(rows);
    const byFlags: Values = flags.map((value) => ({ name: 'flag', value }));
    const read: RecordsReading[] = [];
    let left = proven.reduce((sum, { count }) => sum + count, 0);
    for (const { values, count } of proven) {
      if (this.isSpent) break;
      read.push(await this.#read({ values: [...byFlags, ...values], isMatch, pages: MOST_FLAGGED_PAGES }));
      left -= count;
    }
    if (this.isSpent || !isComplete)
      return { read, note: notSearched({ proven: left, others, all, isComplete }), isComplete: false };
    return { read: [...read, await this.#read({ values: byFlags, isMatch, pages: MOST_FLAGGED_PAGES })] };
  }

  /**
   * Returns the IDs of a role. IDs that a grant states for this role come first. `role` also has the ARN of one of its
   * sessions.
   */
  async roleIds(role: RoleOfSession): Promise<{ readonly ids: readonly string[]; readonly isComplete: boolean }> {
    const { grants } = this.#sources;
    const granted = (await (grants?.roleIds(role) ?? this.#sources.roleIds?.(role.session))) ?? [];
    const { rows, isComplete } = await this.#known('role', roleRef(role.arn)?.roleName ?? '');
    const known = rows.flatMap(({ id, arn, proven }) => {
      const isMatch = id !== undefined && isRole({ roleId: id, arns: arn === undefined ? [] : [arn] }, role.arn);
      return isMatch ? { id, isProven: proven === true } : [];
    });
    const [proven, stated] = [true, false].map((is) => known.filter(({ isProven }) => isProven === is));
    return {
      ids: [...new Set([...granted, ...[...(proven ?? []), ...(stated ?? [])].map(({ id }) => id)])],
      isComplete,
    };
  }

  /** Returns the sessions of a role, by its ARN, ID or name. */
  sessionsOfRole(role: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    const wanted = role.toLowerCase();
    const isWanted = (id: string | undefined, arns: readonly string[]) =>
      isRole({ roleId: id?.toLowerCase(), arns: arns.map((arn) => arn.toLowerCase()) }, wanted);
    return this.#inAnyLetters({
      kind: 'role',
      text: role,
      spelling: ({ id, arn = '' }) => (isWanted(id, [arn]) ? (arn === '' ? id : arn) : undefined),
      isMatch(record) {
        const of = roleOfRecord(record);
        return of !== undefined && isWanted(of.roleId, of.arns);
      },
      granted: (grants) => grants.ofRole(role, at),
      others: () => this.#sources.grants?.roleNames() ?? [],
      at,
    });
  }

  /** Returns the changes as in `InformantSources`. Undefined if the source does not have them. */
  async clusterChanges(range: TimeInterval, cluster?: string): Promise<KnownChanges | undefined> {
    return this.#sources.clusterChanges?.(range, cluster);
  }

  /** Returns the sessions of a person, by ARN, ID, email address or name. */
  async sessionsOfPerson(person: string, at: EpochMillis | undefined): Promise<SessionsOutcome> {
    const wanted = person.toLowerCase();
    const range: TimeRange = at === undefined ? {} : { from: at, to: at };
    const others = new Set<string | undefined>();
    const isOfPerson: SessionTest = (session) => {
      const { actor } = session.attribution;
      if (actor === undefined) return false;
      others.add(filedName(actor));
      const ids = this.#sources.grants?.idsNamed(person, range) ?? [];
      return isActorNamed(session, person) || ids.some((id) => isAbout(actor, id));
    };
    const impersonations = new Impersonations(person);
    const named = new SessionsNamed(person);
    const isMatch: Matcher = (record) => {
      impersonations.add(record);
      const isOwn = isOfPerson(record);
      if (!isOwn) named.add(record);
      return isOwn;
    };
    const found = await this.#inAnyLetters({
      kind: 'actor',
      text: person,
      spelling(row) {
        const names = namesOfKnown(row).filter((text) => rowHadName(row, text, range));
        const [exact] = names.filter((text) => text.toLowerCase() === wanted);
        return exact ?? names.find((text) => isNamed(text, wanted) || isInDirectory(text, wanted));
      },
      isMatch,
      granted: (grants) => grants.ofPerson(person, isOfPerson, at),
      others: () => others,
      at,
    });
    if (!hasSessions(found)) return found;
    const answer = groupedByPerson(withNamesToday(found), person);
    if (this.#sources.records === undefined || isActorId(person)) return answer;
    const noteOnOthers = this.#isIndexed
      ? unsearchedOthersText(person, at === undefined ? await this.lastDay() : around(at))
      : joinSentences(impersonations.note, named.note);
    return { ...answer, note: joinSentences(answer.note, noteOnOthers) };
  }

  /**
   * Returns the sessions of a name, in any letter case. An index finds only the exact letters, but the directory knows
   * how the names of people and roles are written.
   */
  async #inAnyLetters({ kind, text, spelling, isMatch, granted, others, at }: NameQuestion): Promise<SessionsOutcome> {
    const { grants } = this.#sources;
    const ofGrants = grants && (await granted(grants));
    const known = await this.#known(kind, '');
    const inDirectories = known.isComplete || kind !== 'actor' ? [] : await this.#inDirectories(text);
    const rows = [...known.rows, ...inDirectories];
    const first = known.isComplete ? undefined : known.rows.length;
    const spellings = spellingsOf(text, { rows, first }, spelling);
    const values = spellings.texts.map((value) => ({ name: kind, value }));
    const found = await this.#withRecorded(ofGrants, at, ({ isNew, isNewAgain }) =>
      this.#isIndexed
        ? this.#readFor({ values }, at)
        : this.#readFor({ values: [], isMatch: (record) => isMatch(record) && isNew(record) }, at, {
            isMatch: (record) => isMatch(record) && isNewAgain(record),
          }),
    );
    const note = joinSentences(...spellings.notes, found.note);
    const sessions = { ...found, note, isComplete: wholeOf(found, known, spellings) };
    return withNear(sessions, text, [...rows.map(({ name }) => name), ...others()]);
  }

  /**
   * Returns the users of identity stores with this name. They need a search of their own, because somebody can fill the
   * directory with thousands of names that sort before them.
   */
  async #inDirectories(text: string): Promise<readonly KnownRow[]> {
    const prefixes = [...new Set([text, text.toLowerCase()])].map((name) => `${name} (`);
    const pages = await mapConcurrently(prefixes, (prefix) => this.#known('actor', prefix, 1));
    return pages.flatMap(({ rows }) => rows);
  }

  /**
   * Adds the sessions of the log that have no known grant, including unidentified ones, to the sessions of grants. If a
   * grant has the access key of such a session, it can still be the grant of another session. AWS can issue a key ID
   * again (FACTS).
   */
  async #withRecorded(
    granted: SessionsOfGrants = { sessions: [] },
    at: EpochMillis | undefined,
    read: (of: NewRecords) => Promise<readonly RecordsReading[]>,
  ): Promise<SessionsOutcome> {
    const keys = new Set(granted.sessions.flatMap(({ accessKeyId }) => accessKeyId ?? []));
    const names = new Set(granted.sessions.flatMap(({ session }) => session ?? []));
    const isOfGrant = (key: string, { status }: AuditRecord['attribution']) =>
      keys.has(key) && status !== 'unattributed';
    const isListed = ({ accessKeyId, session, attribution }: SessionFound) =>
      accessKeyId === undefined ? session !== undefined && names.has(session) : isOfGrant(accessKeyId, attribution);
    const uses = new GrantedUses(granted.sessions);
    const isNewAgain: Matcher = ({ caller, attribution }) => !isOfGrant(caller.accessKeyId ?? '', attribution);
    const isNew: Matcher = (record) => {
      const isKnown = !isNewAgain(record);
      if (isKnown || record.caller.accessKeyId === undefined) uses.add(record);
      return !isKnown;
    };
    const readings = await read({ isNew, isNewAgain });
    const seen = sessionsOfRecords(recordsOf(readings)).filter((session) => !isListed(session));
    const sessions = [...uses.sessions(), ...seen];
    return {
      ...(await this.#listed(sessions, at, joinSentences(granted.note, unreadNote(readings)))),
      isComplete: granted.isComplete ?? wholeOf(...readings),
    };
  }

  async #sessionsIn(read: readonly RecordsReading[], at: EpochMillis | undefined): Promise<SessionsOutcome> {
    const listed = await this.#listed(sessionsOfRecords(recordsOf(read)), at, unreadNote(read));
    return { ...listed, isComplete: wholeOf(...read) };
  }

  /**
   * Returns the sessions as a list. Files know the time of the latest event only after they were read, so this time is
   * read last.
   */
  async #listed(
    sessions: readonly SessionFound[],
    at: EpochMillis | undefined,
    note: string | undefined,
  ): Promise<SessionsOutcome> {
    const span = this.#isOfLastDay && at === undefined && sessions.length > 0 ? await this.lastDay() : undefined;
    return listByMoment(mostSuspiciousFirst(sessions), at, { note, span });
  }

  /** Reads the newest records of a question. If there are more records, also reads those around `at`. */
  async #readFor(
    question: RecordQuestion,
    at: EpochMillis | undefined,
    again: Partial<RecordQuestion> = {},
  ): Promise<readonly RecordsReading[]> {
    const newest = await this.#read(question);
    if (at === undefined || newest.isComplete) return [newest];
    return [newest, await this.#read({ ...question, ...again, range: around(at) })];
  }

  async #read(question: RecordQuestion): Promise<RecordsReading> {
    return (await this.#sources.records?.read(question)) ?? { records: [], examined: 0, isComplete: true };
  }

  async #known(kind: KnownKind, prefix: string, pages?: number): Promise<NamesReading> {
    return (await this.#sources.names?.known(kind, prefix, pages)) ?? NO_NAMES;
  }
}

/** Two tests that find records of sessions without a known grant. */
interface NewRecords {
  /**
   * Tests a record, and counts it if it is of a known session. Call it once for each record. For a second test, use
   * `isNewAgain`.
   */
  readonly isNew: Matcher;
  readonly isNewAgain: Matcher;
}

/** A question about all sessions of one name, in any letter case. */
interface NameQuestion {
  readonly kind: 'actor' | 'role';
  readonly text: string;
  /** Returns the value to search for, if this entry of the directory has the name. Undefined otherwise. */
  spelling(known: KnownRow): string | undefined;
  readonly isMatch: Matcher;
  granted(grants: GrantSessions): Promise<SessionsOfGrants>;
  /** Returns names from grants and records. Similar ones are suggested if nothing is found. */
  others(): Iterable<string | undefined>;
  readonly at: EpochMillis | undefined;
}

/** What was read of some records, with a note on what was not. */
interface PartialReading {
  readonly read: readonly RecordsReading[];
  readonly note?: string | undefined;
  readonly isComplete?: Completeness;
}

/** Returns the values by which the unidentified records of a session are found. */
function valuesOfKeyless({ owners, sessionName }: KeylessSession): Values {
  const sessions = owners.map((owner) =>
    sessionName === undefined
      ? ({ name: 'role', value: owner } as const)
      : ({ name: 'session', value: `${owner}:${sessionName}` } as const),
  );
  const statuses = (['unattributed', 'pending'] as const).map((value) => ({ name: 'status', value }) as const);
  return [...sessions, ...statuses];
}

/** Returns the time range of the requests of sessions that were valid at `at`. */
function around(at: EpochMillis): TimeInterval {
  return { from: epochMillis(at - LONGEST_SESSION), to: epochMillis(at + LONGEST_SESSION) };
}

/** Returns false if any of the parts is incomplete, otherwise undefined. */
function wholeOf(...parts: readonly { readonly isComplete?: boolean | undefined }[]): Completeness {
  return parts.some(({ isComplete }) => isComplete === false) ? false : undefined;
}

/** Returns the last hours of the source's data. Undefined if it has no data, or no such limit. */
async function lastDayOf({ latest, lookback = DAY }: InformantSources): Promise<TimeInterval | undefined> {
  const to = await latest?.();
  return to && { from: epochMillis(to - lookback), to };
}

/** Returns the records newest first, without repeated ones. */
function recordsOf(read: readonly RecordsReading[]): readonly AuditRecord[] {
  const records = read.flatMap((each) => each.records);
  if (read.length < 2) return records;
  const each = [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
  return each.sort((a, b) => momentOf(b.time) - momentOf(a.time));
}

function unreadNote(read: readonly RecordsReading[]): string | undefined {
  const cut = read.filter(({ isComplete }) => !isComplete).reduce((sum, { examined }) => sum + examined, 0);
  return cut === 0 ? undefined : `Only the newest ${cut} records were searched.`;
}

function momentOf(time: string | undefined): number {
  return parseInstant(time ?? '') ?? 0;
}

/** Adds similar names that are known, if no session was found. */
function withNear(sessions: SessionsOutcome, name: string, known: readonly (string | undefined)[]): SessionsOutcome {
  if (hasSessions(sessions)) return sessions;
  const near = nearest(
    name,
    known.filter((each) => each !== undefined),
  );
  return near.length === 0
    ? sessions
    : { ...sessions, note: joinSentences(`Similar names: ${near.join(', ')}.`, sessions.note) };
}
