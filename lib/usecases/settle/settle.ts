import { distinctGaps, type LookupGap } from '../../claims/lookup-gap.ts';
import type { ClaimIntents, Lease } from '../../ports/claims.ts';
import type { LookupProgress, Lookups } from '../../ports/lookups.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { type CountingService, countHours } from '../counting/count-hours.ts';
import { sendDigest } from './alert.ts';
import type { SettleService } from './settle-claim.ts';
import { type ClaimFailure, settleDue } from './settle-due.ts';
import { sweep } from './sweep.ts';

/** What a run needs beside what its claims do. */
export interface SettleRunService extends SettleService {
  readonly intents: ClaimIntents;
  /** Where hours are counted: absent where that is left to another, as in backfill. */
  readonly counting?: Pick<CountingService, 'looked'> | undefined;
}

export interface SettleRun {
  readonly lease: Lease;
  /** Whoever runs: another one of the same name is the same. */
  readonly owner: string;
  /** When work is to be left for the next minute; the lease lasts a minute longer. */
  readonly stopAt: EpochMillis;
}

export interface SettleOutcome {
  /** False: another settle is at work. */
  readonly ran: boolean;
  readonly settled: number;
  /** Claims that could not be opened, read or written, or whose records could not; what is due stays so. */
  readonly failed: readonly ClaimFailure[];
  /** Accounts and Regions that did not answer, or not to the end: each once, however many claims asked. */
  readonly gaps: readonly LookupGap[];
}

/**
 * The only one that changes an attribution. Decides the claims that are due, until none is left or the time is over. One at a time, by lease.
 */
export async function settle(service: SettleRunService, run: SettleRun): Promise<SettleOutcome> {
  const { clock } = service;
  const until = epochMillis(run.stopAt + MINUTE);
  if (!(await run.lease.take(run.owner, clock(), until))) return { ran: false, settled: 0, failed: [], gaps: [] };
  try {
    const untold = await sendDigest(service);
    const unopened = await sweep(service, run.stopAt);
    const uncounted = await count(service, run.stopAt);
    const asked: LookupTurn[] = [];
    const { settled, failed } = await settleDue(noting(asked, service), run.stopAt);
    const unreadable = await countBacklog(service);
    return {
      ran: true,
      settled,
      failed: [...untold, ...unopened, ...uncounted, ...failed, ...unreadable],
      gaps: countGaps(asked, service),
    };
  } finally {
    await run.lease.release(run.owner);
  }
}

/** Before the claims, which may take all the time that there is; half of it at most. Answers what cannot be counted. */
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

/** The service, with every claim's look-ups noted. */
function noting(asked: LookupTurn[], service: SettleService): SettleService {
  const { lookups } = service;
  if (lookups === undefined) return service;
  const noted = (progress: LookupProgress) => {
    const made = lookups(progress);
    asked.push({ claim: progress.claim, lookups: made });
    return made;
  };
  return { ...service, lookups: noted };
}

/**
 * What a claim's turn left unread, its next one goes on with: only what the last one left is told. Counted in runs that looked
 * something up: what an alarm makes of it is then left alone by runs that did not.
 */
function countGaps(asked: readonly LookupTurn[], { metrics }: SettleService): readonly LookupGap[] {
  const last = new Map(asked.map((each) => [each.claim, each]));
  const isLeft = (each: LookupTurn, { code }: LookupGap) => code !== 'unfinished' || last.get(each.claim) === each;
  const gaps = distinctGaps(asked.flatMap((each) => each.lookups.gaps.filter((gap) => isLeft(each, gap))));
  const failed = gaps.filter(({ code }) => code !== 'unfinished');
  if (asked.some(({ lookups }) => lookups.requests > 0)) metrics.add('LookupsFailed', failed.length);
  return gaps;
}

function failedOf({ id, fault }: FaultyItem): ClaimFailure {
  return { claimId: id, cause: fault };
}

/** Answers the open claims that cannot be read: they fail at each run, until somebody mends them. */
async function countBacklog({ claims, clock, metrics }: SettleService): Promise<ClaimFailure[]> {
  const { open, overdueSince, faulty } = await claims.backlog();
  metrics.add('ClaimsOpen', open);
  metrics.add('OldestOpenClaim', overdueSince === undefined ? 0 : Math.max(0, (clock() - overdueSince) / 1_000));
  return faulty.map(failedOf);
}
