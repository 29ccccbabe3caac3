import type { Facts } from '../../attribution/facts.ts';
import type { SessionPart } from '../../attribution/grant-index.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import { type Question, questionId } from '../../attribution/questions.ts';
import { isBeginningOf } from '../../attribution/session-start.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { Claim } from '../../claims/claim.ts';
import { isWorthWaiting, type LookupGap } from '../../claims/lookup-gap.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import { isAnsweredForGood, waiterOf } from '../../claims/waits.ts';
import { callersAccounts, type Grant, sessionKeyOf, statesCaller } from '../../cloudtrail/grant.ts';
import { roleRef } from '../../identity/arn.ts';
import { namedRoleSessionKey, roleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClaimLookups, LookUp } from '../../ports/lookups.ts';
import type { GrantSource, SessionStore } from '../../ports/sessions.ts';
import type { EpochMillis } from '../../time.ts';
import { DeduplicatingSource, STORE_REACH } from '../deciding/deduplicating-source.ts';
import { keepFound } from '../grants/wake.ts';

export interface ClaimSourceParts {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** Makes the look-ups in CloudTrail. Absent if the service makes none. */
  readonly lookups?: LookUp | undefined;
  /** Whether look-ups come later in the run. Until then, their questions are collected, and no answer becomes final. */
  readonly lookUpLater?: boolean | undefined;
  /** The maximum number of requests to each account and Region in this turn of the claim. */
  readonly share?: number | undefined;
}

/** A source of grants for one record of the claim. */
export interface RecordSource extends GrantSource {
  /** Returns whether an overdue record's answer may become final. A failed look-up delays that, within limits. */
  mayBeFinal(now: EpochMillis): boolean;
}

/**
 * A source of grants for one claim. For each question, it first stores that the claim waits for the answer. Then it
 * reads the sessions table, and CloudTrail if that is allowed. Because the wait is stored first, no grant is missed in
 * between.
 */
export class ClaimSource {
  readonly #claim: Claim;
  readonly #parts: ClaimSourceParts;
  readonly #stored: GrantSource;
  readonly #cloudtrail: ClaimLookups | undefined;
  readonly #lookups: GrantSource | undefined;
  readonly #noted = new Set<string>();
  /** The IDs of questions that were asked and that need only one answer ever. */
  readonly #checked = new Set<string>();
  /** Facts read from the sessions table so far. */
  readonly #found = new KnownGrants();
  /** Questions to look up in CloudTrail later, for all records so far. */
  readonly #wanted = new Map<string, Question>();
  /** Whether the claim has final records. They may have been read in this run or earlier. */
  #hasFinal: boolean;
  /**
   * Whether the claim waits for a question for the first time. A grant that arrived just before may not have been read.
   */
  hasNewWaits = false;

  constructor(claim: Claim, parts: ClaimSourceParts) {
    this.#claim = claim;
    this.#parts = parts;
    this.#stored = new DeduplicatingSource(parts.sessions, STORE_REACH);
    const { first, last } = claim;
    const span = first === undefined || last === undefined ? undefined : ([first, last] as const);
    this.#hasFinal = [claim.window, claim.finalPart, claim.pass].some((each) => each !== undefined);
    const keep = (found: readonly Facts[]) =>
      keepFound(found, parts, parts.clock(), { id: claim.id, hasFinal: this.#hasFinal });
    this.#cloudtrail = parts.lookups?.({ claim: claim.id, read: claim.read ?? [], share: parts.share, keep });
    this.#cloudtrail?.noteAccount(claim.caller.accountId);
    this.#lookups = this.#cloudtrail && new DeduplicatingSource(this.#cloudtrail, { around: 0, span }, lookedUpId);
  }

  /**
   * Returns the source for one record.
   * @param mayLookUp allows look-ups in CloudTrail for this record.
   */
  forRecord({ wasFinal, mayLookUp }: { readonly wasFinal: boolean; readonly mayLookUp: boolean }): RecordSource {
    this.#hasFinal ||= wasFinal;
    let isPostponed = false;
    return {
      answer: async (questions, moment) => {
        const stored = await this.#askTable(questions, moment);
        const open = mayLookUp ? this.#undecided(questions, moment) : [];
        if (open.length === 0) return stored;
        if (this.#parts.lookUpLater !== true) return [...stored, ...(await this.#lookUp(open, moment))];
        if (!isPostponed) isPostponed = this.#postpone(open);
        return stored;
      },
      mayBeFinal: (now) => {
        const isFinal = !isPostponed && !isWorthWaiting(this.gaps, this.#claim.heldSince, now);
        this.#hasFinal ||= isFinal;
        return isFinal;
      },
    };
  }

  /**
   * The questions to look up in CloudTrail later. There is one for each record, since its answer often makes the others
   * unnecessary.
   */
  get wanted(): readonly Question[] {
    return [...this.#wanted.values()];
  }

  /** The number of requests that the look-ups made. */
  get requests(): number {
    return this.#cloudtrail?.requests ?? 0;
  }

  /** The look-ups that failed or did not finish. */
  get gaps(): readonly LookupGap[] {
    return this.#cloudtrail?.gaps ?? [];
  }

  /** The time ranges that the look-ups have read. The next run does not read them again. */
  get read(): readonly ReadRange[] {
    return this.#cloudtrail?.read ?? this.#claim.read ?? [];
  }

  /** Whether a look-up ran out of time and has more to read. */
  get isUnfinished(): boolean {
    return this.gaps.some(({ code }) => code === 'unfinished');
  }

  async #askTable(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    const lasting = questions.filter((question) => !isAnsweredForGood(question));
    await this.#noteWaits(lasting);
    const stored = [...(await this.#stored.answer(lasting, moment)), ...(await this.#checkOnce(questions, moment))];
    for (const fact of stored) this.#found.add(fact);
    for (const account of callersAccounts(stored)) this.#cloudtrail?.noteAccount(account);
    return stored;
  }

  /**
   * Asks the questions that one answer settles for good, for example whether any grant of a name exists. Most of them
   * have an answer, because names are often shared. The claim waits only for those that have none. These are asked
   * again after the wait is stored, so that no grant is missed in between.
   */
  async #checkOnce(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    const unchecked = questions.filter(
      (question) => isAnsweredForGood(question) && !this.#checked.has(questionId(question)),
    );
    for (const question of unchecked) this.#checked.add(questionId(question));
    const { sessions } = this.#parts;
    const answers = await Promise.all(unchecked.map((question) => sessions.answer([question], moment)));
    const unknown = unchecked.filter((question, at) => !isAnswered(question, answers[at] ?? []));
    if (unknown.length === 0) return answers.flat();
    await this.#noteWaits(unknown);
    return [...answers.flat(), ...(await sessions.answer(unknown, moment))];
  }

  /**
   * Removes the waits for other grants of the session name. Call it once all records are final by access key or session
   * start. A person signs in under the same name many times a day. Each sign-in would open the claim again.
   */
  async removeIdleWaits(): Promise<void> {
    const { roleId, sessionName, accessKeyId } = this.#claim.caller;
    if (roleId === undefined || sessionName === undefined || accessKeyId === undefined) return;
    const key = roleSessionKey(roleId, sessionName);
    const session = { kind: 'grants-of-session', key, name: sessionName, guess: false } as const;
    const open = [
      { ...session, only: 'identity-center' },
      { ...session, only: 'whether-any' },
    ] as const;
    const idle = open.filter((question) => !this.#noted.has(questionId(question)));
    await this.#parts.waits.remove(waiterOf(this.#claim), idle);
  }

  async #noteWaits(questions: readonly Question[]): Promise<void> {
    const unnoted = questions.filter((question) => !this.#noted.has(questionId(question)));
    if (unnoted.length === 0) return;
    if (await this.#parts.waits.add(waiterOf(this.#claim), unnoted)) this.hasNewWaits = true;
    for (const question of unnoted) this.#noted.add(questionId(question));
  }

  /** Returns the questions that CloudTrail may answer better than the sessions table did. */
  #undecided(questions: readonly Question[], moment: Moment): readonly Question[] {
    if (this.#lookups === undefined) return [];
    const begun = this.#begunSessions(questions);
    return questions.filter((question) => !this.#isDecided(question, moment, begun));
  }

  /** Looks the questions up in CloudTrail. Facts are stored as soon as they are found. */
  async #lookUp(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    return (await this.#lookups?.answer(questions, moment)) ?? [];
  }

  /** Collects the questions for a later look-up. Returns false if CloudTrail cannot answer them. */
  #postpone(questions: readonly Question[]): boolean {
    if (this.#cloudtrail?.canAsk(questions) !== true) return false;
    for (const question of questions) this.#wanted.set(lookedUpId(question), question);
    return true;
  }

  /**
   * Returns whether CloudTrail could add nothing. The grant of the access key, or of the session's start, is stored
   * then. So a claim does not repeat look-ups that earlier runs made for it.
   */
  #isDecided(question: Question, moment: Moment, begun: ReadonlySet<string>): boolean {
    if (question.kind === 'grants-of-key') {
      const { settings } = this.#parts;
      const grants = this.#found.grantsOfKey(question.accessKeyId);
      return grants.some((grant) => statesCaller(grant) && canHaveActed(grant, moment, settings));
    }
    return question.kind === 'grants-of-session' && begun.has(sessionStart(question.key, question.only));
  }

  /**
   * Returns the session starts in the questions for which a grant is stored. Each is listed under the role's ID and its
   * name.
   */
  #begunSessions(questions: readonly Question[]): ReadonlySet<string> {
    const begun = new Set<string>();
    for (const question of questions) {
      if (question.kind !== 'grants-of-session' || typeof question.only !== 'number') continue;
      const { key, only: began } = question;
      const issued = this.#found
        .grantsOfSession(key)
        .filter((grant) => statesCaller(grant) && isBeginningOf(grant, began));
      for (const grant of issued) for (const each of sessionKeysOf(grant)) begun.add(sessionStart(each, began));
    }
    return begun;
  }
}

/**
 * Returns whether the facts answer the question. Names that differ only in `@` and `-` share a key, so the names
 * themselves are compared.
 */
function isAnswered(question: Question, facts: readonly Facts[]): boolean {
  if (question.kind !== 'grants-of-session') return facts.length > 0;
  return facts.some(({ grant }) => grant?.sessionName === question.name);
}

function sessionStart(key: SessionKey, began: SessionPart | undefined): string {
  return `${key} ${began}`;
}

function sessionKeysOf(grant: Grant): SessionKey[] {
  const role = roleRef(grant.roleArn);
  const byName = role && grant.sessionName !== undefined ? namedRoleSessionKey(role, grant.sessionName) : undefined;
  return [sessionKeyOf(grant), byName].filter((key) => key !== undefined);
}

/**
 * Returns the ID of the look-up that answers a question. One look-up finds all grants of a session, so their questions
 * share an ID.
 */
function lookedUpId(question: Question): string {
  if (question.kind !== 'grants-of-session') return questionId(question);
  const { only: _only, ...whole } = question;
  return questionId(whole);
}
