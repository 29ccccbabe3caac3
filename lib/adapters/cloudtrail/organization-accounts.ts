import { isAccountId } from '../../identity/arn.ts';
import { RecentMap } from '../../recent-map.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { asLookupError, LookupError } from './lookup-error.ts';
import { type LookupScope, unlessAborted } from './lookup-scope.ts';
import type { PaceTimer } from './pacer.ts';

/** CloudTrail of one account, which is reached through a role. */
export interface AccountTrail {
  readonly scopes: readonly LookupScope[];
  /** Assumes the role. If its credentials are still valid, it returns at once. */
  assume(): Promise<unknown>;
}

export interface OrganizationSettings {
  /** The accounts that are asked without this role. */
  readonly others: readonly string[];
  /** Returns CloudTrail of an account, through the role that the naming rule gives. It sends no request. */
  open(account: string): AccountTrail;
  readonly waiting: PaceTimer;
}

/** How long an account gets no requests after STS refused its role or did not answer, in milliseconds. */
const REFUSED_FOR = 15 * MINUTE;
const SILENT_FOR = MINUTE;

/**
 * How much of each minute may be spent on roles that cannot be assumed, in milliseconds. Each attempt counts as a
 * quarter of a second or more. Whoever forges events with invented accounts can use up only this time.
 */
const IN_VAIN = 5 * SECOND;
const LEAST_IN_VAIN = SECOND / 4;

/**
 * Limits the accounts that are remembered, because they were opened or their role was refused. An account that was
 * forgotten is tried again.
 */
const MOST_OPEN = 50;
const MOST_REFUSED = 2_000;

const NO_ROLE =
  'the role for look-ups cannot be assumed: it is missing, it does not trust this service, or the account is not in the organization';

interface Refusal {
  readonly failure: LookupError;
  readonly until: number;
}

/**
 * The accounts of an organization. No list of them is needed, because the ARN of an account's role follows from its ID.
 * Anybody who can write events chooses that ID. So IAM limits the roles to the organization, and accounts without the
 * role share a small part of the time.
 */
export class OrganizationAccounts {
  readonly #settings: OrganizationSettings;
  readonly #open = new RecentMap<string, AccountTrail>(MOST_OPEN);
  readonly #refused = new RecentMap<string, Refusal>(MOST_REFUSED);
  /** The accounts whose role was assumed before. Forged events cannot add one. */
  readonly #proven = new Set<string>();
  #inVain = { since: Number.NEGATIVE_INFINITY, spent: 0 };

  constructor(settings: OrganizationSettings) {
    this.#settings = settings;
  }

  /**
   * Returns whether the account may be asked through its role. Accounts that are asked without it (`others`) may not.
   */
  isOne(account: string): boolean {
    return isAccountId(account) && !this.#settings.others.includes(account);
  }

  /**
   * Returns CloudTrail of the account in each Region. Undefined if too many accounts without the role were tried in
   * this minute. Ask again in the next one.
   * @throws LookupError if the role cannot be assumed, or the signal's reason if it aborts first.
   */
  async scopesOf(account: string, signal: AbortSignal | undefined): Promise<readonly LookupScope[] | undefined> {
    const { waiting } = this.#settings;
    const begun = waiting.now();
    const refusal = this.#refused.get(account);
    if (refusal !== undefined && begun < refusal.until) throw refusal.failure;
    if (!this.#proven.has(account) && this.#spent(begun) >= IN_VAIN) return undefined;
    const trail = this.#open.get(account) ?? this.#settings.open(account);
    try {
      await unlessAborted(() => trail.assume(), signal);
    } catch (error) {
      const now = waiting.now();
      this.#inVain = { ...this.#inVain, spent: this.#spent(now) + Math.max(LEAST_IN_VAIN, now - begun) };
      if (signal?.aborted) throw signal.reason;
      const failure = failureOf(error);
      this.#refused.set(account, { failure, until: now + (failure.gap === 'no-role' ? REFUSED_FOR : SILENT_FOR) });
      throw failure;
    }
    this.#proven.add(account);
    this.#open.set(account, trail);
    return trail.scopes;
  }

  /** Returns how much of this minute was spent on roles that cannot be assumed, in milliseconds. */
  #spent(now: number): number {
    if (now - this.#inVain.since >= MINUTE) this.#inVain = { since: now, spent: 0 };
    return this.#inVain.spent;
  }
}

function failureOf(error: unknown): LookupError {
  const failure = asLookupError(error);
  return failure.gap === 'denied' ? new LookupError('no-role', NO_ROLE, { cause: error }) : failure;
}
