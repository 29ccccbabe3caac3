import type { Moment } from '../attribution/moment.ts';
import type { Question } from '../attribution/questions.ts';
import type { Claim } from '../claims/claim.ts';
import { isWorthWaiting, type LookupGap } from '../claims/lookup-gap.ts';
import type { ReadStretch } from '../claims/read-stretch.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { ClaimLookups, Claims, Clock, GrantSource, LookUp, SessionStore } from '../ports.ts';
import type { EpochMillis } from '../time.ts';
import { AskedOnce, STORE_REACH } from './asked-once.ts';
import { keepFound } from './wake.ts';

export interface ClaimSourceParts {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly clock: Clock;
  /** CloudTrail itself; absent where it is not asked at all. */
  readonly lookups?: LookUp | undefined;
}

/**
 * Where settle asks on behalf of one claim: it first notes that the claim waits for the answer, so that no grant can
 * come unseen between the asking and the noting; then asks the sessions table, then, where allowed, CloudTrail.
 */
export class ClaimSource implements GrantSource {
  readonly #claim: Claim;
  readonly #parts: ClaimSourceParts;
  readonly #stored: GrantSource;
  readonly #cloudtrail: ClaimLookups | undefined;
  readonly #lookups: GrantSource | undefined;
  readonly #noted = new Set<string>();
  /** Whether CloudTrail may be asked for the record in hand. */
  mayLookUp = false;
  /** Whether the claim began to wait for something new: a grant that came just before may not be seen yet. */
  waitsAnew = false;

  constructor(claim: Claim, parts: ClaimSourceParts) {
    this.#claim = claim;
    this.#parts = parts;
    this.#stored = new AskedOnce(parts.sessions, STORE_REACH);
    const { first, last } = claim;
    const span = first === undefined || last === undefined ? undefined : ([first, last] as const);
    const keep = (found: readonly TrailFacts[]) => keepFound(found, parts, parts.clock(), claim.id);
    this.#cloudtrail = parts.lookups?.({ read: claim.read ?? [], keep });
    this.#lookups = this.#cloudtrail && new AskedOnce(this.#cloudtrail, { around: 0, span });
  }

  /** Where look-ups so far were not answered. */
  get gaps(): readonly LookupGap[] {
    return this.#cloudtrail?.gaps ?? [];
  }

  /** What its look-ups have read, to go on with in the next run. */
  get read(): readonly ReadStretch[] {
    return this.#cloudtrail?.read ?? this.#claim.read ?? [];
  }

  /** Whether there is more to read than there was time for. */
  get isUnfinished(): boolean {
    return this.gaps.some(({ code }) => code === 'unfinished');
  }

  /** Whether a decision that is due can be final: a failed look-up is none, within limits. */
  mayBeFinal(now: EpochMillis): boolean {
    return !isWorthWaiting(this.gaps, this.#claim.heldSince, now);
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    await this.#noteWaits(questions);
    const stored = await this.#stored.answer(questions, moment);
    return [...stored, ...(await this.#lookUp(questions, moment))];
  }

  async #noteWaits(questions: readonly Question[]): Promise<void> {
    const unnoted = questions.filter((question) => !this.#noted.has(JSON.stringify(question)));
    if (unnoted.length === 0) return;
    if (await this.#parts.claims.waitFor(this.#claim.id, unnoted)) this.waitsAnew = true;
    for (const question of unnoted) this.#noted.add(JSON.stringify(question));
  }

  /** What it finds is stored as it comes. */
  async #lookUp(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    return this.mayLookUp ? ((await this.#lookups?.answer(questions, moment)) ?? []) : [];
  }
}
