import { cutName, type RecordedCaller, recordedCaller } from '../../attribution/record.ts';
import type { Caller } from '../../audit/caller.ts';
import { callerIdentity } from '../../audit/event.ts';
import type { ClaimIdentity } from '../../claims/claim.ts';
import { claimOf, claimOfAnonymous, claimOfImpersonator, type TextDigest } from '../../claims/identity.ts';
import { assumedRoleRef } from '../../identity/arn.ts';
import type { DeliveredEvent } from './batch.ts';

/** What records and claims have of a caller. */
export interface CallerParts {
  readonly claim: ClaimIdentity | undefined;
  readonly recorded: RecordedCaller;
  /** Where the caller's ARN does not name its role. */
  readonly canonicalArn: string | undefined;
  /** Its part of its events' identities. */
  readonly identity: string;
}

/** Tells what a batch's callers make of its records: once for each object that stands for one, however many its events are. */
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
    const { arn, canonicalArn } = caller;
    const parts = {
      claim: claimOf(caller, this.#digest),
      recorded: recordedCaller(caller),
      canonicalArn: assumedRoleRef(arn) === undefined ? cutName(canonicalArn) : undefined,
      identity: callerIdentity(caller),
    };
    this.#parts.set(caller, parts);
    return parts;
  }

  anonymous(delivered: DeliveredEvent): ClaimIdentity {
    return claimOfAnonymous(delivered, this.#digest);
  }

  impersonator(caller: Caller): ClaimIdentity {
    const known = this.#impersonators.get(caller);
    if (known !== undefined) return known;
    const claim = claimOfImpersonator(caller, this.#digest);
    this.#impersonators.set(caller, claim);
    return claim;
  }
}
