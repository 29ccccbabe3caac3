import type { Claims, Leases } from '../../ports/claims.ts';
import { type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import type { SettleRunService } from '../settle/chores.ts';
import { type SettleOutcome, settle } from '../settle/settle.ts';

export interface BackfillSettling {
  readonly leases: Leases;
  readonly owner: string;
  /** The time at which settling stops. */
  readonly until: EpochMillis;
  readonly signal: AbortSignal;
  /** Waits for this time, in milliseconds. */
  pause(milliseconds: number): Promise<void>;
}

export interface BackfillOutcome {
  /** Number of claims that were decided again. */
  readonly decided: number;
  /** The claims that could not be settled, each with the error. They stay due. */
  readonly failed: SettleOutcome['failed'];
  /** Whether that time came before all claims were settled. */
  readonly leftOver: boolean;
}

/**
 * The time after which the leases are released, in milliseconds. The service's own settle, which sends alerts, gets its
 * turn then.
 */
const SLICE = 10 * SECOND;
const BETWEEN_SLICES = 2 * SECOND;

/**
 * Settles the claims of backfilled and replayed events, until none of them is due. Live claims are left to the
 * service, since they may
 * need an alert.
 */
export async function backfillSettle(service: SettleRunService, run: BackfillSettling): Promise<BackfillOutcome> {
  const { clock } = service;
  const claims = withoutLive(service.claims);
  let decided = 0;
  for (;;) {
    run.signal.throwIfAborted();
    const stopAt = epochMillis(Math.min(clock() + SLICE, run.until));
    const { hasRun: ran, settled, failed } = await settle({ ...service, claims }, { ...run, stopAt });
    decided += settled;
    run.signal.throwIfAborted();
    const isOver = ran && (settled === 0 || (await claims.due(clock(), 1)).length === 0);
    if (isOver) return { decided, failed, leftOver: false };
    if (clock() >= run.until) return { decided, failed, leftOver: true };
    await run.pause(BETWEEN_SLICES);
  }
}

/** Wraps the claims so that live ones are never due and cannot be read. */
function withoutLive(claims: Claims): Claims {
  return {
    get: async (id) => {
      const claim = await claims.get(id);
      return claim?.live === true ? undefined : claim;
    },
    registered: (ids) => claims.registered(ids),
    change: (id, change) => claims.change(id, change),
    due: async (now, limit, lists) => {
      for (let most = limit; ; most *= 2) {
        const due = await claims.due(now, most, lists);
        const replayed = due.filter(({ live }) => !live);
        if (replayed.length >= limit || due.length < most) return replayed.slice(0, limit);
      }
    },
    busyLists: (now, most) => claims.busyLists(now, most),
    backlog: () => claims.backlog(),
    list: (status, page) => claims.list(status, page),
  };
}
