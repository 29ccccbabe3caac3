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
import { isAnsweredForGood } from '../../claims/waits.ts';
import { type Grant, sessionKeyOf } from '../../cloudtrail/grant.ts';
import { roleRef } from '../../identity/arn.ts';
import { namedRoleSessionKey, roleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClaimLookups, LookUp } from '../../ports/lookups.ts';
import type { GrantSource, SessionStore } from '../../ports/sessions.ts';
import type { EpochMillis } from '../../time.ts';
import { AskedOnce, STORE_REACH } from '../deciding/asked-once.ts';
import { keepFound } from '../grants/wake.ts';

export interface ClaimSourceParts {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** CloudTrail itself; absent where it is not asked at all. */
  readonly lookups?: LookUp | undefined;
  /** Whether CloudTrail is asked later in the run: what it would be asked is noted, and nothing becomes final meanwhile. */
  readonly lookUpLater?: boolean | undefined;
  /** Requests to each account and Region until other claims have their turn. */
  readonly share?: number | undefined;
}

/** Where settle asks for one of the claim's records. */
export interface RecordSource extends GrantSource {
  /** Whether the record's answer, where it is due, can be final: a failed look-up is none, within limits. */
  mayBeFinal(now: EpochMillis): boolean;
}

/**
 * Where settle asks on behalf of one claim: it first notes that the claim waits for the answer, so that no grant can
 * come unseen between the asking and the noting; then asks the sessions table, then, where allowed, CloudTrail.
 */
export class ClaimSource {
  readonly #claim: Claim;
  readonly #parts: ClaimSourceParts;
  readonly #stored: GrantSource;
  readonly #cloudtrail: ClaimLookups | undefined;
  readonly #lookups: GrantSource | undefined;
  readonly #noted = new Set<string>();
  /** Questions that one answer ends, which were asked. */
  readonly #checked = new Set<string>();
  /** What the sessions table has answered so far. */
  readonly #found = new KnownGrants();
  /** What CloudTrail is to be asked first, for all records so far. */
  readonly #wanted = new Map<string, Question>();
  /** Whether the claim has final records, whether or not they are looked at in this run. */
  #hasFinal: boolean;
  /** Whether the claim began to wait for something new: a grant that came just before may not be seen yet. */
  waitsAnew = false;

  constructor(claim: Claim, parts: ClaimSourceParts) {
    this.#claim = claim;
    this.#parts = parts;
    this.#stored = new AskedOnce(parts.sessions, STORE_REACH);
    const { first, last } = claim;
    const span = first === undefined || last === undefined ? undefined : ([first, last] as const);
    this.#hasFinal = [claim.window, claim.finalPart, claim.pass].some((each) => each !== undefined);
    const keep = (found: readonly Facts[]) =>
      keepFound(found, parts, parts.clock(), { id: claim.id, hasFinal: this.#hasFinal });
    this.#cloudtrail = parts.lookups?.({ claim: claim.id, read: claim.read ?? [], share: parts.share, keep });
    this.#lookups = this.#cloudtrail && new AskedOnce(this.#cloudtrail, { around: 0, span }, lookedUpId);
  }

  /** The source for one record, for which CloudTrail may be asked or not. */
  forRecord({ wasFinal, mayLookUp }: { readonly wasFinal: boolean; readonly mayLookUp: boolean }): RecordSource {
    this.#hasFinal ||= wasFinal;
    let isPutOff = false;
    return {
      answer: async (questions, moment) => {
        const stored = await this.#askTable(questions, moment);
        const open = mayLookUp ? this.#undecided(questions, moment) : [];
        if (open.length === 0) return stored;
        if (this.#parts.lookUpLater !== true) return [...stored, ...(await this.#lookUp(open, moment))];
        if (!isPutOff) isPutOff = this.#putOff(open);
        return stored;
      },
      mayBeFinal: (now) => {
        const isFinal = !isPutOff && !isWorthWaiting(this.gaps, this.#claim.heldSince, now);
        this.#hasFinal ||= isFinal;
        return isFinal;
      },
    };
  }

  /** What CloudTrail is to be asked later: of each record what comes first, since its answer often makes the rest needless. */
  get wanted(): readonly Question[] {
    return [...this.#wanted.values()];
  }

  /** Requests that its look-ups made. */
  get requests(): number {
    return this.#cloudtrail?.requests ?? 0;
  }

  /** Where look-ups so far were not answered. */
  get gaps(): readonly LookupGap[] {
    return this.#cloudtrail?.gaps ?? [];
  }

  /** What its look-ups have read, to go on with in the next run. */
  get read(): readonly ReadRange[] {
    return this.#cloudtrail?.read ?? this.#claim.read ?? [];
  }

  /** Whether there is more to read than there was time for. */
  get isUnfinished(): boolean {
    return this.gaps.some(({ code }) => code === 'unfinished');
  }

  async #askTable(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    const lasting = questions.filter((question) => !isAnsweredForGood(question));
    await this.#noteWaits(lasting);
    const stored = [...(await this.#stored.answer(lasting, moment)), ...(await this.#checkOnce(questions, moment))];
    for (const fact of stored) this.#found.add(fact);
    return stored;
  }

  /**
   * What is answered for good is waited for only where there is no answer yet, as whether there is any grant of a name,
   * since a shared name has one nearly always: asked, noted, and asked again, so that none comes unseen in between.
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
   * Once all its records are decided for good, by key or session start: what Identity Center's grants of its name could
   * have said, had there been none, is waited for no more. A name is signed in under many times a day.
   */
  async waitLess(): Promise<void> {
    const { roleId, sessionName, accessKeyId } = this.#claim.caller;
    if (roleId === undefined || sessionName === undefined || accessKeyId === undefined) return;
    const key = roleSessionKey(roleId, sessionName);
    const session = { kind: 'grants-of-session', key, name: sessionName, guess: false } as const;
    const open = [
      { ...session, only: 'identity-center' },
      { ...session, only: 'whether-any' },
    ] as const;
    const idle = open.filter((question) => !this.#noted.has(questionId(question)));
    await this.#parts.waits.remove(this.#claim.id, idle);
  }

  async #noteWaits(questions: readonly Question[]): Promise<void> {
    const unnoted = questions.filter((question) => !this.#noted.has(questionId(question)));
    if (unnoted.length === 0) return;
    if (await this.#parts.waits.add(this.#claim.id, unnoted)) this.waitsAnew = true;
    for (const question of unnoted) this.#noted.add(questionId(question));
  }

  /** What the sessions table leaves for CloudTrail to say. */
  #undecided(questions: readonly Question[], moment: Moment): readonly Question[] {
    if (this.#lookups === undefined) return [];
    const begun = this.#begunSessions(questions);
    return questions.filter((question) => !this.#isDecided(question, moment, begun));
  }

  /** What it finds is stored as it comes. */
  async #lookUp(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    return (await this.#lookups?.answer(questions, moment)) ?? [];
  }

  /** Answers whether CloudTrail is to be asked later: some questions it cannot answer. */
  #putOff(questions: readonly Question[]): boolean {
    if (this.#cloudtrail?.canAsk(questions) !== true) return false;
    for (const question of questions) this.#wanted.set(lookedUpId(question), question);
    return true;
  }

  /**
   * Whether a stored grant is all that CloudTrail could say: that of the key, or that of the session's beginning. So a
   * claim that needs more look-ups than one run has time for begins in the next where it stopped.
   */
  #isDecided(question: Question, moment: Moment, begun: ReadonlySet<string>): boolean {
    if (question.kind === 'grants-of-key') {
      const { settings } = this.#parts;
      const grants = this.#found.grantsOfKey(question.accessKeyId);
      return grants.some((grant) => saysWho(grant) && canHaveActed(grant, moment, settings));
    }
    return question.kind === 'grants-of-session' && begun.has(sessionStart(question.key, question.only));
  }

  /** The sessions whose beginnings are asked for and stored, by the role's id and by its name: either leads to the grant. */
  #begunSessions(questions: readonly Question[]): ReadonlySet<string> {
    const begun = new Set<string>();
    for (const question of questions) {
      if (question.kind !== 'grants-of-session' || typeof question.only !== 'number') continue;
      const { key, only: began } = question;
      const issued = this.#found.grantsOfSession(key).filter((grant) => saysWho(grant) && isBeginningOf(grant, began));
      for (const grant of issued) for (const each of sessionKeysOf(grant)) begun.add(sessionStart(each, began));
    }
    return begun;
  }
}

/** Names that are alike but for `@` and `-` lie under one key: only the very name is an answer. */
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

/** The copy of another account's call that its own trail has may say more. */
function saysWho({ caller: { kind } }: Grant): boolean {
  return kind !== 'aws-account' && kind !== 'unknown';
}

/** CloudTrail is asked for a session as a whole, whichever of its grants can matter. */
function lookedUpId(question: Question): string {
  if (question.kind !== 'grants-of-session') return questionId(question);
  const { only: _only, ...whole } = question;
  return questionId(whole);
}
