import type { Attribution } from '../../attribution/attribution.ts';
import { type RecordedCaller, recordedCaller } from '../../attribution/record.ts';
import type { Caller } from '../../audit/caller.ts';
import { type ClaimIdentity, isListed } from '../../claims/claim.ts';
import { claimOf, claimOfAnonymous, claimOfImpersonator, type TextDigest } from '../../claims/identity.ts';
import type { EventOfInput } from '../../ports/input.ts';

/** The parts of a caller that go into its records and its claim. */
export interface CallerParts {
  readonly claim: ClaimIdentity | undefined;
  readonly recorded: RecordedCaller;
}

type AttributedEvent = Pick<EventOfInput, 'event' | 'site'>;

/** The parts computed so far, for callers in events of one account, or in the hub's own events. */
interface SenderCallers {
  readonly parts: Map<Caller, CallerParts>;
  readonly impersonators: Map<Caller, ClaimIdentity>;
}

/**
 * Computes the parts of each caller of a batch once, however many events the caller has. Callers are compared as
 * objects.
 */
export class BatchCallers {
  readonly #digest: TextDigest;
  readonly #senders = new Map<string | undefined, SenderCallers>();

  constructor(digest: TextDigest) {
    this.#digest = digest;
  }

  of({ event: { caller }, site }: AttributedEvent): CallerParts {
    const sender = site.origin?.handedOverBy;
    const { parts } = this.#ofSender(sender);
    const known = parts.get(caller);
    if (known !== undefined) return known;
    const made = { claim: claimOf(caller, this.#digest, sender), recorded: recordedCaller(caller) };
    parts.set(caller, made);
    return made;
  }

  /**
   * Returns the claim of the event's caller. Undefined if the caller has none. Callers with an AWS identity or a
   * token
   * always have one. Other callers have one in four cases. The caller impersonates somebody, or is anonymous and was
   * let in. Somebody else uses a node's credentials. Or another copy contradicts the event.
   */
  claimIn(
    delivered: AttributedEvent,
    { status, flags }: Pick<Attribution, 'status' | 'flags'>,
  ): ClaimIdentity | undefined {
    const { claim } = this.of(delivered);
    if (claim !== undefined) return claim;
    if (flags.includes('anonymous-access')) return claimOfAnonymous(delivered, this.#digest);
    const isReviewed = isListed(status) || flags.includes('conflicting-copies');
    return isReviewed ? this.impersonator(delivered) : undefined;
  }

  impersonator({ event: { caller }, site }: AttributedEvent): ClaimIdentity {
    const sender = site.origin?.handedOverBy;
    const { impersonators } = this.#ofSender(sender);
    const known = impersonators.get(caller);
    if (known !== undefined) return known;
    const claim = claimOfImpersonator(caller, this.#digest, sender);
    impersonators.set(caller, claim);
    return claim;
  }

  #ofSender(sender: string | undefined): SenderCallers {
    const known = this.#senders.get(sender);
    if (known !== undefined) return known;
    const made: SenderCallers = { parts: new Map(), impersonators: new Map() };
    this.#senders.set(sender, made);
    return made;
  }
}
