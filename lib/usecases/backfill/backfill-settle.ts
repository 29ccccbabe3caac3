import type { Claims, Lease } from '../../ports/claims.ts';
import { type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { type SettleOutcome, type SettleRunService, settle } from '../settle/settle.ts';

export interface BackfillSettling {
  readonly lease: Lease;
  readonly owner: string;
  /** The time limit. */
  readonly until: EpochMillis;
  readonly signal: AbortSignal;
  /** Waits so many milliseconds. */
  pause(milliseconds: number): Promise<void>;
}

export interface BackfillOutcome {
  /** Claims that were decided again. */
  readonly decided: number;
  /** Claims that could not be settled, with what was thrown; they stay due. */
  readonly failed: SettleOutcome['failed'];
  /** Whether the time limit came first. */
  readonly leftOver: boolean;
}

/** The lease is given back after so long, so that the service's own settle, and its alerts, need not wait. */
const SLICE = 10 * SECOND;
const BETWEEN_SLICES = 2 * SECOND;

/**
 * Settles the claims of events that did not just happen, until none of them is due. Live claims are left to the service:
 * somebody may have to be alerted of them.
 */
export async function backfillSettle(service: SettleRunService, run: BackfillSettling): Promise<BackfillOutcome> {
  const { clock } = service;
  const claims = withoutLive(service.claims);
  let decided = 0;
  for (;;) {
    run.signal.throwIfAborted();
    const stopAt = epochMillis(Math.min(clock() + SLICE, run.until));
    const { ran, settled, failed } = await settle({ ...service, claims }, { ...run, stopAt });
    decided += settled;
    run.signal.throwIfAborted();
    const isOver = ran && (settled === 0 || (await claims.due(clock(), 1)).length === 0);
    if (isOver) return { decided, failed, leftOver: false };
    if (clock() >= run.until) return { decided, failed, leftOver: true };
    await run.pause(BETWEEN_SLICES);
  }
}

/** The claims, of which only those that raise no alerts ever come due, or are there to be looked up. */
function withoutLive(claims: Claims): Claims {
  return {
    get: async (id) => {
      const claim = await claims.get(id);
      return claim?.live === true ? undefined : claim;
    },
    registered: (ids) => claims.registered(ids),
    change: (id, change) => claims.change(id, change),
    due: async (now, limit) => {
      for (let asked = limit; ; asked *= 2) {
        const due = await claims.due(now, asked);
        const replayed = due.filter(({ live }) => !live);
        if (replayed.length >= limit || due.length < asked) return replayed.slice(0, limit);
      }
    },
    backlog: () => claims.backlog(),
    list: (status, page) => claims.list(status, page),
  };
}
