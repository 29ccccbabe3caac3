import type { Attribution } from '../../attribution/attribution.ts';
import { type RecordedCaller, recordedCaller } from '../../attribution/record.ts';
import type { Caller } from '../../audit/caller.ts';
import type { ClaimIdentity } from '../../claims/claim.ts';
import { claimOf, claimOfAnonymous, claimOfImpersonator, type TextDigest } from '../../claims/identity.ts';
import type { EventOfInput } from '../../ports/input.ts';

/** The parts of a caller that go into its records and its claim. */
export interface CallerParts {
  readonly claim: ClaimIdentity | undefined;
  readonly recorded: RecordedCaller;
}

type AttributedEvent = Pick<EventOfInput, 'event' | 'site'>;

/** Computes the parts of each caller of a batch once, however many events the caller has. A caller is known by its object. */
export class BatchCallers {
  readonly #digest: TextDigest;
  readonly #parts = new Map<Caller, CallerParts>();
  readonly #impersonators = new Map<Caller, ClaimIdentity>();

  constructor(digest: TextDigest) {
    this.#digest = digest;
  }

  of(caller: Caller): CallerParts {
    const known = this.#parts.get(caller);
    if (known !== undefined) return known;
    const parts = { claim: claimOf(caller, this.#digest), recorded: recordedCaller(caller) };
    this.#parts.set(caller, parts);
    return parts;
  }

  /**
   * Returns the claim of an answered event: its caller's, or else that of a caller without an AWS identity or a token that impersonates
   * or that another copy contradicts, or of an anonymous one that was let in.
   */
  claimIn(
    delivered: AttributedEvent,
    { status, flags }: Pick<Attribution, 'status' | 'flags'>,
  ): ClaimIdentity | undefined {
    const { claim } = this.of(delivered.event.caller);
    if (claim !== undefined) return claim;
    if (flags.includes('anonymous-access')) return claimOfAnonymous(delivered, this.#digest);
    const isListed = status === 'partial' || flags.includes('conflicting-copies');
    return isListed ? this.impersonator(delivered.event.caller) : undefined;
  }

  impersonator(caller: Caller): ClaimIdentity {
    const known = this.#impersonators.get(caller);
    if (known !== undefined) return known;
    const claim = claimOfImpersonator(caller, this.#digest);
    this.#impersonators.set(caller, claim);
    return claim;
  }
}
