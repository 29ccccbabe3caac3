import { sameActor } from '../../attribution/actor.ts';
import type { Answer } from '../../attribution/answer.ts';
import { actionOfCaller, attribute } from '../../attribution/attribute.ts';
import type { Attribution } from '../../attribution/attribution.ts';
import { eitherOf } from '../../attribution/decide.ts';
import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import type { Question } from '../../attribution/questions.ts';
import { type AuditRecord, type RecordedCaller, recordedCaller, withLearned } from '../../attribution/record.ts';
import { withSamePerson } from '../../attribution/same-person.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { parseCaller } from '../../audit/caller.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { filingId } from '../../claims/waits.ts';
import { callersAccounts } from '../../cloudtrail/grant.ts';
import { comparableName } from '../../cloudtrail/known-user.ts';
import { isTemporaryKey } from '../../identity/access-key.ts';
import { isSameRole, type RoleRef } from '../../identity/arn.ts';
import { type AuditId, auditIdOf } from '../../identity/audit-id.ts';
import { isMadeUpName } from '../../identity/session-name.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lookups } from '../../ports/lookups.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordStore } from '../../ports/records.ts';
import type { GrantSource, SessionStore } from '../../ports/sessions.ts';
import { type EpochMillis, HOUR } from '../../time.ts';
import type { FirstUses } from '../activity/first-uses.ts';
import { fewerOfAccounts, latestStages, MOST_OF_ONE_ID } from '../activity/requests.ts';
import type { SearchedAnswer } from '../deciding/ask.ts';
import { keepFound } from '../grants/wake.ts';
import { outcomeOfAuditId } from './anything/recorded-requests.ts';
import { isShortLookback, markIncomplete, unsearchedIn } from './doubt.ts';
import { QuestionError } from './question.ts';
import { callerOfQuestion, isKeyAlone, questionOfSession, sessionAlone, type WhoisQuestion } from './whois-question.ts';
import { whoisSession } from './whois-session.ts';

/** A request to `/whois`. */
export type WhoisRequest =
  | { readonly by: 'audit-id'; readonly auditId: AuditId; readonly limit?: number }
  | {
      readonly by: 'caller';
      readonly question: WhoisQuestion;
      readonly at: EpochMillis | undefined;
      /** How far back CloudTrail is searched, in milliseconds. If undefined, as far back as a session can reach. */
      readonly lookback: number | undefined;
    };

/** The fields of a question, as a person or a program gives them. */
export interface WhoisQuery extends WhoisQuestion {
  readonly auditId?: string | undefined;
  readonly at?: EpochMillis | undefined;
  /** How far back CloudTrail is searched, in milliseconds. */
  readonly lookback?: number | undefined;
}

/** How old a grant may be, in milliseconds, if the question has no time (CONTRACT). */
const DEFAULT_LOOKBACK = 24 * HOUR;

export function whoisRequestOf({ auditId, ...caller }: WhoisQuery): WhoisRequest {
  return auditId === undefined ? callerRequestOf(caller) : { by: 'audit-id', auditId: auditIdOf(auditId) };
}

export function callerRequestOf({ at, lookback, ...question }: Omit<WhoisQuery, 'auditId'>): CallerRequest {
  return { by: 'caller', question, at, lookback: lookback ?? (at === undefined ? DEFAULT_LOOKBACK : undefined) };
}

export interface WhoisService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  readonly deadline: number;
  /** Searches CloudTrail's event history. Undefined if it is not to be searched. */
  readonly lookups: Lookups | undefined;
  /** Returns what the actor used for the first time in the request. Absent if this is not asked. */
  firstUses?(record: AuditRecord): Promise<FirstUses | undefined>;
}

type CallerRequest = Extract<WhoisRequest, { readonly by: 'caller' }>;

/**
 * Returns the error for an audit ID that clients used so often that its records cannot be sorted. Nobody can say which
 * of them is the latest, or the right one.
 */
export function tooManyOfOneId(remedy: string): QuestionError {
  return new QuestionError('auditId', `Too many records have this audit ID to sort them by time. ${remedy}`);
}

/**
 * Returns the body of a `/whois` answer. Undefined if no record has the audit ID.
 * @throws QuestionError if too many records have the audit ID to sort them.
 * @throws WhoisQuestionError if the question describes no caller.
 */
export async function whois(request: WhoisRequest, service: WhoisService): Promise<object | undefined> {
  return request.by === 'audit-id' ? whoisOfAuditId(request, service) : whoisOfCaller(request, service);
}

/** The body of an answer about a caller. */
export interface CallerAnswer {
  readonly attribution: Attribution;
  readonly caller: RecordedCaller;
  /** False if not everything was searched. Then `note` says what was not. */
  readonly complete?: false;
  readonly note?: string;
  /** The IDs of the session's role, from CloudTrail's records. Present if the question is only the ARN of a session. */
  readonly roleIds?: readonly string[];
}

/**
 * Returns who is behind the caller, and the caller in the form of a record.
 * @throws WhoisQuestionError if the question describes no caller.
 */
export async function whoisOfCaller(request: CallerRequest, service: WhoisService): Promise<CallerAnswer> {
  const session = sessionAlone(request.question);
  if (session !== undefined) return whoisOfSession(session, request, service);
  const { attribution, learnt, isComplete } = await answerTo(request, service);
  const caller = callerAnswered(request.question, learnt, attribution);
  const note = unsearchedIn(service.lookups?.gaps ?? []);
  return { attribution, caller, ...(isComplete === false && { complete: false, note }) };
}

/** The maximum number of IDs of one role that are looked up. */
export const MOST_ROLE_IDS = 20;

/**
 * Returns who is behind a session, given by its ARN. The ID of its role comes from CloudTrail's records. A role that
 * was created again under the same name has several IDs. If these lead to different actors, the answer names no single
 * one.
 */
async function whoisOfSession(
  session: NonNullable<ReturnType<typeof sessionAlone>>,
  request: CallerRequest,
  service: WhoisService,
): Promise<CallerAnswer> {
  const roleIds = await idsOfRole(session.role, service.sessions);
  const ofIds: CallerAnswer[] = [];
  for (const roleId of roleIds.slice(0, MOST_ROLE_IDS))
    ofIds.push(await whoisOfCaller({ ...request, question: questionOfSession(session, roleId) }, service));
  const named = ofIds.filter(({ attribution: { actor, candidates } }) => (actor ?? candidates) !== undefined);
  const [first, ...others] = named;
  const caller = parseCaller({ username: session.arn });
  const action = actionOfCaller(caller, request.at ?? 'any');
  const context = { index: new KnownGrants(), settings: service.settings, settled: true };
  if (first === undefined) {
    const [answer = { ...attribute(action, context), caller: recordedCaller(caller) }] = ofIds;
    return { ...answer, roleIds };
  }
  const isOfFirst = ({ attribution: { actor } }: CallerAnswer) =>
    actor !== undefined && first.attribution.actor !== undefined && sameActor(actor, first.attribution.actor);
  if (others.every(isOfFirst)) return { ...first, roleIds };
  return { ...first, ...eitherOf(action, named, context), roleIds };
}

/** Returns all IDs that the role has had, sorted. */
async function idsOfRole(role: RoleRef, sessions: GrantSource): Promise<readonly string[]> {
  const { accountId, roleName } = role;
  const facts = await sessions.answer([{ kind: 'ids-of-role', accountId, roleName }], 'any');
  const known = facts.flatMap(({ roles = [] }) => roles).filter((each) => isSameRole(each.role, role));
  return [...new Set(known.map(({ roleId }) => roleId))].sort();
}

/**
 * Returns the caller in the form of a record. If the question is a long-term key alone, its caller is an IAM user, or
 * the root user if the answer says so.
 * @throws WhoisQuestionError if the question describes no caller.
 */
export function callerAnswered(
  question: WhoisQuestion,
  learnt: Answer['learnt'],
  { actor }: Pick<Attribution, 'actor'>,
): RecordedCaller {
  const caller = callerOfQuestion(question);
  const { accessKeyId } = caller;
  const isLongTerm = isKeyAlone(caller) && accessKeyId !== undefined && !isTemporaryKey(accessKeyId);
  const kind = isLongTerm ? (actor?.kind === 'root' ? 'root' : 'iam-user') : caller.kind;
  return withLearned(recordedCaller({ ...caller, kind }), learnt);
}

async function whoisOfAuditId(
  { auditId, limit = MOST_OF_ONE_ID }: Extract<WhoisRequest, { readonly by: 'audit-id' }>,
  { records: store, settings: { samePerson }, firstUses }: WhoisService,
): Promise<object | undefined> {
  const found = await recordsOfAuditId(auditId, {}, store);
  if (found === undefined) throw tooManyOfOneId('List them with /records and a time range.');
  const all = found.map((record) => ({
    ...record,
    attribution: withSamePerson(record.attribution, samePerson),
  }));
  const records = fewerOfAccounts(all, limit);
  const [latest, ...others] = fewerOfAccounts(latestStages(all), MOST_OF_ONE_ID);
  if (latest === undefined) return undefined;
  const { attribution, caller, note } = outcomeOfAuditId([latest, ...others]);
  const uses = others.length === 0 ? await firstUses?.(latest) : undefined;
  return {
    attribution,
    caller,
    ...(records.length > 1 && { records }),
    ...(note !== undefined && { note }),
    ...(uses !== undefined && { firstUses: uses }),
  };
}

/** The number of records in a page. The store has already read and sorted all of them. */
const AT_ONCE = 1_000;

/** Returns all records with the audit ID, newest first. Undefined if they are too many to sort. */
export async function recordsOfAuditId(
  auditId: AuditId,
  range: TimeRange,
  store: Pick<RecordStore, 'read'>,
): Promise<readonly KeptRecord[] | undefined> {
  const reading = store.read({ by: 'audit-id', auditId }, range, undefined);
  const found: KeptRecord[] = [];
  for (;;) {
    const { records, inOrder, position } = await reading.next(AT_ONCE);
    if (inOrder === false) return undefined;
    for (const { record } of records) found.push(record);
    if (position === undefined) return found;
  }
}

/** Answers from the sessions table. If that answer is not final, searches CloudTrail too. */
async function answerTo(request: CallerRequest, service: WhoisService): Promise<SearchedAnswer> {
  const first = await ask(request, storedFacts(request, service), service);
  const { lookups } = service;
  if (lookups === undefined || isLastWord(first, request.question)) return first;
  lookups.noteAccount(callerOfQuestion(request.question).accountId);
  const answer = await ask(request, storedAndLookedUp(storedFacts(request, service), lookups, service), service);
  return lookups.gaps.length > 0 || isShortLookback(request.lookback, request.at ?? 'any')
    ? markIncomplete(answer)
    : answer;
}

/**
 * Returns whether CloudTrail cannot change the answer any more. If the question has a user's own uid and a key, it
 * still can: CloudTrail may show that the key is somebody else's.
 */
function isLastWord({ attribution: { actor, provisional, method } }: Answer, { accessKeyId }: WhoisQuestion): boolean {
  return actor !== undefined && !provisional && !(method === 'direct' && accessKeyId !== undefined);
}

function ask(
  request: CallerRequest,
  source: GrantSource,
  { settings, clock, deadline }: WhoisService,
): Promise<SearchedAnswer> {
  const { question, at } = request;
  const settled = at === undefined || clock() >= at + deadline;
  return whoisSession({ question, moment: at ?? 'any', known: new KnownGrants(), source, settings, settled });
}

/**
 * Returns the facts in the sessions table. If the question has no time, grants that are older than the look-back are
 * left out. If it has a time, the rules compare the grants' own times with it.
 */
function storedFacts({ question, at, lookback }: CallerRequest, { sessions, clock }: WhoisService): GrantSource {
  const from = lookback === undefined || at !== undefined ? Number.NEGATIVE_INFINITY : clock() - lookback;
  const isInLookback = ({ grant }: Facts) => grant === undefined || grant.issuedAt >= from;
  const stored = withNextAhead(sessions, callerOfQuestion(question).sessionName);
  return { answer: async (questions, moment) => (await stored.answer(questions, moment)).filter(isInLookback) };
}

/**
 * Returns the stored facts and those from CloudTrail. It stores facts from CloudTrail, for the next question and for
 * the claims that wait for them.
 */
function storedAndLookedUp(
  stored: GrantSource,
  lookups: Lookups,
  { sessions, claims, waits, clock }: WhoisService,
): GrantSource {
  return {
    get notSearched() {
      return lookups.notSearched ?? 0;
    },
    async answer(questions, moment) {
      const known = await stored.answer(questions, moment);
      for (const account of callersAccounts(known)) lookups.noteAccount(account);
      const found = await lookups.answer(questions, moment);
      await keepFound(found, { sessions, claims, waits }, clock());
      return [...known, ...found];
    },
  };
}

/**
 * Returns a source that requests the grants of a temporary key together with what the rules will ask next, to save a
 * round. These are the uses of the key and, if a program made the session name up, whether a known user has that name.
 * A person's own name is not requested ahead: it is usually the actor's, and then the rules do not ask about it. A
 * question that was requested ahead is not requested again.
 */
function withNextAhead(source: SessionStore, sessionName: string | undefined): GrantSource {
  const requested = new Set<string>();
  const names: readonly Question[] =
    sessionName !== undefined && isMadeUpName(sessionName)
      ? [{ kind: 'user-of-name', name: comparableName(sessionName) }]
      : [];
  return {
    async answer(questions, moment): Promise<readonly Facts[]> {
      const open = questions.filter((each) => !requested.has(filingId(each)));
      const ahead = open.flatMap((each): readonly Question[] =>
        each.kind === 'grants-of-key' && isTemporaryKey(each.accessKeyId)
          ? [{ kind: 'uses-of-key', accessKeyId: each.accessKeyId }, ...names]
          : [],
      );
      if (open.length === 0) return [];
      const facts = await source.answer([...open, ...ahead], moment);
      for (const each of ahead) requested.add(filingId(each));
      return facts;
    },
  };
}
