import { ASSUMED, QUOTAS } from './quotas.ts';
import { SERVICE } from './service.ts';
import type { Sessions } from './sessions.ts';
import type { Setup } from './setup.ts';

interface LookedUp {
  readonly until: number;
  readonly requests: number;
  readonly found: readonly Sessions[];
  readonly looked: readonly Sessions[];
}

/**
 * A model of the look-ups in the time that a run has left: pages of all grants if many are wanted, then claim by claim.
 */
export class LookingUp {
  readonly #setup: Setup;

  constructor(of: Setup) {
    this.#setup = of;
  }

  run(at: number, stopAt: number, wanting: readonly Sessions[]): LookedUp {
    const there = (sessions: Sessions, now: number) => sessions.historyAt !== undefined && sessions.historyAt <= now;
    const swept = this.#swept(at, at + (stopAt - at) / 2, wanting);
    const found: Sessions[] = [];
    const looked: Sessions[] = [];
    let left = swept.grants;
    const rest = wanting.filter((sessions) => {
      if (left < sessions.count || !there(sessions, at)) return true;
      left -= sessions.count;
      found.push(sessions);
      return false;
    });
    let now = swept.until;
    let requests = swept.requests;
    for (const sessions of rest) {
      const cost = this.#ofClaim();
      if (now + cost * sessions.count > stopAt + cost) break;
      now += cost * sessions.count;
      requests += ASSUMED.lookupsOfClaim * this.#scopes() * sessions.count;
      looked.push(sessions);
      if (there(sessions, now)) found.push(sessions);
    }
    return { until: now, requests, found, looked };
  }

  /** Returns the requests of a claim: every account and Region is asked, one request a second each. */
  #ofClaim(): number {
    const { apart, atOnce } = SERVICE.lookups;
    const each = Math.max(apart, (this.#scopes() * ASSUMED.lookupRequest) / atOnce);
    return Math.min(ASSUMED.lookupsOfClaim, SERVICE.settle.firstShare) * each;
  }

  #scopes(): number {
    return this.#setup.accounts * ASSUMED.regions;
  }

  /** Reads pages in all accounts concurrently. One account has as many wanted grants as sessions reach a cluster. */
  #swept(at: number, until: number, wanting: readonly Sessions[]): { until: number; requests: number; grants: number } {
    const { sweptFrom, fruitless, apart, eventNames, atOnce } = SERVICE.lookups;
    const wanted = wanting.reduce((sum, { count }) => sum + count, 0);
    if (wanted <= sweptFrom) return { until: at, requests: 0, grants: 0 };
    const each = Math.max(apart, (this.#scopes() * ASSUMED.lookupRequest) / atOnce);
    const onPage = QUOTAS.lookupPage / ASSUMED.grantsOfSession;
    const enough = onPage < 1 ? fruitless : wanted / onPage / this.#setup.accounts + fruitless * (eventNames - 1);
    const pages = Math.min(enough, (until - at) / each);
    return {
      until: at + pages * each,
      requests: pages * this.#scopes(),
      grants: Math.floor(pages * onPage * this.#setup.accounts),
    };
  }
}
