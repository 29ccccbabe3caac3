import type { Moment } from '../attribution/moment.ts';
import type { Question } from '../attribution/questions.ts';
import type { Claim } from '../claims/claim.ts';
import { GAP_CODES, isWorthWaiting, type LookupGap } from '../claims/lookup-gap.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Claims, Clock, GrantSource, Lookups, SessionStore } from '../ports.ts';
import type { EpochMillis } from '../time.ts';
import { AskedOnce, STORE_REACH } from './asked-once.ts';
import { keepFound } from './wake.ts';

export interface ClaimSourceParts {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly clock: Clock;
  /** CloudTrail itself; absent where it is not asked at all. */
  readonly lookups?: (() => Lookups) | undefined;
}

/**
 * Where settle asks on behalf of one claim: it first notes that the claim waits for the answer, so that no grant can
 * come unseen between the asking and the noting; then asks the sessions table, then, where allowed, CloudTrail.
 */
export class ClaimSource implements GrantSource {
  readonly #claim: Claim;
  readonly #parts: ClaimSourceParts;
  readonly #stored: GrantSource;
  readonly #cloudtrail: Lookups | undefined;
  readonly #lookups: GrantSource | undefined;
  readonly #noted = new Set<string>();
  /** Whether CloudTrail may be asked for the record in hand. */
  mayLookUp = false;
  #failure: LookupGap | undefined;
  /** Whether the claim began to wait for something new: a grant that came just before may not be seen yet. */
  waitsAnew = false;

  constructor(claim: Claim, parts: ClaimSourceParts) {
    this.#claim = claim;
    this.#parts = parts;
    this.#stored = new AskedOnce(parts.sessions, STORE_REACH);
    const { first, last } = claim;
    const span = first === undefined || last === undefined ? undefined : ([first, last] as const);
    this.#cloudtrail = parts.lookups?.();
    this.#lookups = this.#cloudtrail && new AskedOnce(this.#cloudtrail, { around: 0, span });
  }

  /** Where look-ups so far were not answered. */
  get gaps(): readonly LookupGap[] {
    const { gaps = [] } = this.#cloudtrail ?? {};
    const failure = this.#failure;
    return failure === undefined || gaps.some(({ code }) => code === failure.code) ? gaps : [...gaps, failure];
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

  /** After one failure the claim's further look-ups wait for the next pass. */
  async #lookUp(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    if (this.#lookups === undefined || !this.mayLookUp || this.#failure !== undefined) return [];
    const { sessions, claims, clock } = this.#parts;
    const found = await this.#lookups.answer(questions, moment).catch((error: unknown) => {
      this.#failure = gapOf(error);
      return [];
    });
    await keepFound(found, { sessions, claims }, clock(), this.#claim.id);
    return found;
  }
}

/** Nobody answered, or the time was over. */
function gapOf(error: unknown): LookupGap {
  const given = error instanceof Error && 'code' in error ? error.code : undefined;
  const code = GAP_CODES.find((known) => known === given) ?? 'unfinished';
  return { scope: 'CloudTrail', code, why: String(error) };
}
