import { distinctGaps, type LookupGap } from '../../claims/lookup-gap.ts';
import type { Expectations } from '../../heartbeats/fleet.ts';
import type { ClaimIntents, Lease } from '../../ports/claims.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import type { LookupProgress, Lookups } from '../../ports/lookups.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { type CountingService, countHours } from '../counting/count-hours.ts';
import { watch } from '../heartbeats/watch.ts';
import { sendDigest } from './alert.ts';
import type { SettleService } from './settle-claim.ts';
import { type ClaimFailure, settleDue } from './settle-due.ts';
import { sweep } from './sweep.ts';

/** Dependencies of a run besides those of its claims. */
export interface SettleRunService extends SettleService {
  readonly intents: ClaimIntents;
  /** Counting of past hours; absent if another process does it, as in backfill. */
  readonly counting?: Pick<CountingService, 'looked'> | undefined;
  /** The heartbeats to watch, and what is expected of them; absent if another process does it, as in backfill. */
  readonly watching?: { readonly heartbeats: Heartbeats; readonly expected: Expectations } | undefined;
}

export interface SettleRun {
  readonly lease: Lease;
  /** Name of the runner. A lease of the same owner can be taken again. */
  readonly owner: string;
  /** Time at which to stop and leave the rest to the next run. The lease lasts a minute longer. */
  readonly stopAt: EpochMillis;
}

export interface SettleOutcome {
  /** False if another run holds the lease. */
  readonly ran: boolean;
  readonly settled: number;
  /** Claims, or records of claims, that could not be opened, read or written. They stay due. */
  readonly failed: readonly ClaimFailure[];
  /** Accounts and Regions with failed or unfinished look-ups, each once. */
  readonly gaps: readonly LookupGap[];
}

/**
 * Decides the claims that are due, until none is left or the time is over. Nothing else changes the attribution of a stored
 * record. A lease makes sure that one run works at a time.
 */
export async function settle(service: SettleRunService, run: SettleRun): Promise<SettleOutcome> {
  const { clock } = service;
  const until = epochMillis(run.stopAt + MINUTE);
  if (!(await run.lease.take(run.owner, clock(), until))) return { ran: false, settled: 0, failed: [], gaps: [] };
  try {
    const unsent = await sendDigest(service);
    const unopened = await sweep(service, run.stopAt);
    const uncounted = await count(service, run.stopAt);
    if (service.watching !== undefined) await watch({ ...service, ...service.watching });
    const turns: LookupTurn[] = [];
    const { settled, failed } = await settleDue(collectingLookups(turns, service), run.stopAt);
    const unreadable = await countBacklog(service);
    return {
      ran: true,
      settled,
      failed: [...unsent, ...unopened, ...uncounted, ...failed, ...unreadable],
      gaps: countGaps(turns, service),
    };
  } finally {
    await run.lease.release(run.owner);
  }
}

/** Counts past hours before the claims are settled, in at most half of the time. Returns the items that cannot be counted. */
async function count(service: SettleRunService, stopAt: EpochMillis): Promise<ClaimFailure[]> {
  const { counting, clock } = service;
  if (counting === undefined) return [];
  const half = epochMillis(clock() + Math.floor((stopAt - clock()) / 2));
  return (await countHours({ ...service, ...counting }, half)).map(failedOf);
}

/** The look-ups of one turn of a claim. */
interface LookupTurn {
  readonly claim: string;
  readonly lookups: Lookups;
}

/** Returns the service, changed so that the look-ups of every claim are added to `turns`. */
function collectingLookups(turns: LookupTurn[], service: SettleService): SettleService {
  const { lookups } = service;
  if (lookups === undefined) return service;
  const noted = (progress: LookupProgress) => {
    const made = lookups(progress);
    turns.push({ claim: progress.claim, lookups: made });
    return made;
  };
  return { ...service, lookups: noted };
}

/**
 * Returns the gaps of all look-ups. If a claim had several turns, only the last one can count as unfinished, since each turn
 * resumes where the previous one stopped. Only runs that looked something up write the metric, so that other runs do not
 * reset its alarm.
 */
function countGaps(turns: readonly LookupTurn[], { metrics }: SettleService): readonly LookupGap[] {
  const last = new Map(turns.map((each) => [each.claim, each]));
  const isLeft = (each: LookupTurn, { code }: LookupGap) => code !== 'unfinished' || last.get(each.claim) === each;
  const gaps = distinctGaps(turns.flatMap((each) => each.lookups.gaps.filter((gap) => isLeft(each, gap))));
  const failed = gaps.filter(({ code }) => code !== 'unfinished');
  if (turns.some(({ lookups }) => lookups.requests > 0)) metrics.add('LookupsFailed', failed.length);
  return gaps;
}

function failedOf({ id, fault }: FaultyItem): ClaimFailure {
  return { claimId: id, cause: fault };
}

/** Measures the backlog. Returns the open claims that cannot be read; they fail in each run until they are repaired. */
async function countBacklog({ claims, clock, metrics }: SettleService): Promise<ClaimFailure[]> {
  const { open, overdueSince, faulty } = await claims.backlog();
  metrics.add('ClaimsOpen', open);
  metrics.add('OldestOpenClaim', overdueSince === undefined ? 0 : Math.max(0, (clock() - overdueSince) / 1_000));
  return faulty.map(failedOf);
}
