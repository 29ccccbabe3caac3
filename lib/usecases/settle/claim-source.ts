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
  /** Look-ups in CloudTrail; absent if the service does none. */
  readonly lookups?: LookUp | undefined;
  /** Whether look-ups are postponed to later in the run. The questions are collected, and no answer becomes final meanwhile. */
  readonly lookUpLater?: boolean | undefined;
  /** The maximum number of requests to each account and Region in this turn of the claim. */
  readonly share?: number | undefined;
}

/** Source of grants for one record of the claim. */
export interface RecordSource extends GrantSource {
  /** Returns whether the answer of an overdue record may become final. A failed look-up postpones that, within limits. */
  mayBeFinal(now: EpochMillis): boolean;
}

/**
 * Source of grants for one claim. For each question it first stores that the claim waits for the answer, then queries the
 * sessions table, then CloudTrail, if that is allowed. Storing the wait first makes sure that no grant is missed in between.
 */
export class ClaimSource {
  readonly #claim: Claim;
  readonly #parts: ClaimSourceParts;
  readonly #stored: GrantSource;
  readonly #cloudtrail: ClaimLookups | undefined;
  readonly #lookups: GrantSource | undefined;
  readonly #noted = new Set<string>();
  /** IDs of the questions so far whose first answer is final. */
  readonly #checked = new Set<string>();
  /** Facts read from the sessions table so far. */
  readonly #found = new KnownGrants();
  /** Questions to look up in CloudTrail later, for all records so far. */
  readonly #wanted = new Map<string, Question>();
  /** Whether the claim has final records, read in this run or not. */
  #hasFinal: boolean;
  /** Whether the claim waits for a question that is new. A grant that arrived just before may not have been read yet. */
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

  /** Returns the source for one record. `mayLookUp` allows look-ups in CloudTrail for it. */
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

  /** The questions to look up in CloudTrail later. Each record has one, since its answer often makes the others unnecessary. */
  get wanted(): readonly Question[] {
    return [...this.#wanted.values()];
  }

  /** Number of requests that the look-ups made. */
  get requests(): number {
    return this.#cloudtrail?.requests ?? 0;
  }

  /** Look-ups that failed or did not finish so far. */
  get gaps(): readonly LookupGap[] {
    return this.#cloudtrail?.gaps ?? [];
  }

  /** Ranges that the look-ups have read, so that the next run resumes there. */
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
   * Asks the questions that one answer settles for good, such as whether any grant of a name exists. The claim waits only for
   * those without an answer, since a shared name nearly always has one. They are asked again after the wait is stored, so
   * that no grant is missed in between.
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
   * Removes the waits for other grants of the session name, once all records are final by key or session start. A person signs in
   * under the same name many times a day, and each sign-in would open the claim again.
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

  /** Returns the questions that the sessions table does not settle. */
  #undecided(questions: readonly Question[], moment: Moment): readonly Question[] {
    if (this.#lookups === undefined) return [];
    const begun = this.#begunSessions(questions);
    return questions.filter((question) => !this.#isDecided(question, moment, begun));
  }

  /** Looks the questions up in CloudTrail. The facts found are stored as they arrive. */
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
   * Returns whether a stored grant is all that CloudTrail could add: the grant of the key, or of the start of the session. So a claim
   * that needs more look-ups than one run has time for resumes in the next run.
   */
  #isDecided(question: Question, moment: Moment, begun: ReadonlySet<string>): boolean {
    if (question.kind === 'grants-of-key') {
      const { settings } = this.#parts;
      const grants = this.#found.grantsOfKey(question.accessKeyId);
      return grants.some((grant) => statesCaller(grant) && canHaveActed(grant, moment, settings));
    }
    return question.kind === 'grants-of-session' && begun.has(sessionStart(question.key, question.only));
  }

  /** Returns the session starts in the questions whose grant is stored, under the role's ID and under its name. */
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

/** Returns whether the facts answer the question. Names that differ only in `@` and `-` share a key, so names are compared exactly. */
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

/** Returns the ID of the look-up for a question. A session is looked up as a whole, whichever of its grants the question is about. */
function lookedUpId(question: Question): string {
  if (question.kind !== 'grants-of-session') return questionId(question);
  const { only: _only, ...whole } = question;
  return questionId(whole);
}
