import type { Claim } from '../../claims/claim.ts';
import { DUE_LISTS, type DueList, dueListOf, FEW_DUE, LOOK_UPS } from '../../claims/due-list.ts';
import { distinctGaps, type LookupGap } from '../../claims/lookup-gap.ts';
import type { LeasedPart, Leases } from '../../ports/claims.ts';
import type { LookupProgress, Lookups } from '../../ports/lookups.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { BreakOffs } from './break-offs.ts';
import { doChores, type SettleRunService } from './chores.ts';
import type { SettleService } from './settle-claim.ts';
import { type ClaimFailure, type DueRun, settleDue } from './settle-due.ts';

export interface SettleRun {
  readonly leases: Leases;
  /** The name of the runner. A lease can be taken again by the same owner. */
  readonly owner: string;
  /** The time at which to stop. The next run does the rest. The leases last a minute longer. */
  readonly stopAt: EpochMillis;
  /**
   * The list of a worker, which decides only that one. A run without it does the chores, and decides all lists for
   * which it starts no worker.
   */
  readonly only?: DueList | undefined;
  /** Starts a worker for a list. Returns whether it did. If absent, this run decides all lists itself. */
  readonly start?: ((list: DueList) => Promise<boolean>) | undefined;
}

export interface SettleOutcome {
  /** False if another run held the lease of a list or chore that this run wanted. */
  readonly hasRun: boolean;
  readonly settled: number;
  /** The claims and records that could not be opened, read or written. They stay due. */
  readonly failed: readonly ClaimFailure[];
  /** The accounts and Regions with failed or unfinished look-ups, each once. */
  readonly gaps: readonly LookupGap[];
}

/**
 * Decides the claims that are due, until none is left or the time is over. Nothing else changes the answers of stored
 * records. Leases make sure that only one run at a time decides the claims of a list.
 */
export async function settle(service: SettleRunService, run: SettleRun): Promise<SettleOutcome> {
  const held = new HeldParts(run, service);
  try {
    const hasChores = run.only === undefined && (await held.take('chores'));
    const lists = run.only === undefined ? await listsLeft(service, run.start) : [run.only];
    // Claims are decided even if the notes about chores cannot be read or written. The run fails after that.
    const [chores] = await Promise.allSettled(hasChores ? [doChores(service, run.stopAt)] : []);
    const turns: LookupTurn[] = [];
    const { settled, failed } = await settleDue(collectingLookups(turns, service), held.dueRun(lists));
    const unreadable = hasChores ? await countBacklog(service) : [];
    if (chores?.status === 'rejected') throw chores.reason;
    return {
      hasRun: !held.isRefused,
      settled,
      failed: [...(chores?.value ?? []), ...failed, ...unreadable],
      gaps: countGaps(turns, service),
    };
  } finally {
    await held.release();
  }
}

/** Starts a worker for each list that has many due claims. Returns the other lists. */
async function listsLeft({ claims, clock }: SettleService, start: SettleRun['start']): Promise<readonly DueList[]> {
  if (start === undefined) return DUE_LISTS;
  const busy = await claims.busyLists(clock(), FEW_DUE);
  const started = await Promise.all(busy.map(async (list) => ((await start(list)) ? [list] : [])));
  const isStarted = new Set(started.flat());
  return DUE_LISTS.filter((list) => !isStarted.has(list));
}

/** The lists and chores whose leases a run holds. */
class HeldParts {
  readonly #run: SettleRun;
  readonly #service: SettleService;
  readonly #answers = new Map<LeasedPart, boolean>();
  readonly #breakOffs: BreakOffs;

  constructor(run: SettleRun, service: SettleRunService) {
    this.#run = run;
    this.#service = service;
    this.#breakOffs = new BreakOffs(service.attempts);
  }

  /** Whether another run holds the lease of a part. */
  get isRefused(): boolean {
    return [...this.#answers.values()].includes(false);
  }

  /** Takes the lease of the part. If it was refused before, does not ask again. Returns whether the run holds it. */
  async take(part: LeasedPart): Promise<boolean> {
    const before = this.#answers.get(part);
    if (before !== undefined) return before;
    const { leases, owner, stopAt } = this.#run;
    const isTaken = await leases.take(part, owner, this.#service.clock(), epochMillis(stopAt + MINUTE));
    this.#answers.set(part, isTaken);
    if (isTaken && part !== 'chores') await this.#breakOffs.take(part);
    return isTaken;
  }

  async release(): Promise<void> {
    const { leases, owner } = this.#run;
    for (const [part, isHeld] of this.#answers) {
      if (isHeld && part !== 'chores') await this.#breakOffs.release(part);
      if (isHeld) await leases.release(part, owner);
    }
  }

  /** Returns a run over the due claims of these lists. It takes the lease of a list when the list has a due claim. */
  dueRun(lists: readonly DueList[]): DueRun {
    const { stopAt } = this.#run;
    return {
      stopAt,
      due: (now, limit) => this.#due(lists, now, limit),
      mayLookUp: async () => lists.includes(LOOK_UPS) && (await this.take(LOOK_UPS)),
      breakOffs: this.#breakOffs,
    };
  }

  async #due(lists: readonly DueList[], now: EpochMillis, limit: number): Promise<readonly Claim[]> {
    const open = lists.filter((list) => this.#answers.get(list) !== false);
    if (open.length === 0) return [];
    const due = await this.#service.claims.due(now, limit, open);
    const parts = [...new Set(due.map(dueListOf))];
    const isHeld = new Map<DueList, boolean>();
    for (const part of parts) isHeld.set(part, await this.take(part));
    const own = due.filter((claim) => isHeld.get(dueListOf(claim)) === true);
    return own.length === 0 && due.length > 0 ? this.#due(lists, now, limit) : own;
  }
}

/** The look-ups of one turn of a claim. */
interface LookupTurn {
  readonly claim: string;
  readonly lookups: Lookups;
}

/** Returns the service, changed so that the look-ups of every claim are also added to `turns`. */
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
 * Returns the gaps of all look-ups, and counts them. If a claim had several turns, only the last one can count as
 * unfinished. Each turn goes on where the one before stopped. Runs without a look-up write no metric, because
 * it would reset the alarm.
 */
function countGaps(turns: readonly LookupTurn[], { metrics }: SettleService): readonly LookupGap[] {
  const last = new Map(turns.map((each) => [each.claim, each]));
  const isLeft = (each: LookupTurn, { code }: LookupGap) => code !== 'unfinished' || last.get(each.claim) === each;
  const gaps = distinctGaps(turns.flatMap((each) => each.lookups.gaps.filter((gap) => isLeft(each, gap))));
  const failed = gaps.filter(({ code }) => code !== 'unfinished' && code !== 'no-role'); // Anybody can invent an account.
  if (turns.some(({ lookups }) => lookups.requests > 0)) metrics.add('LookupsFailed', failed.length);
  return gaps;
}

function failedOf({ id, fault }: FaultyItem): ClaimFailure {
  return { claimId: id, cause: fault };
}

/**
 * Counts the open claims in the metrics. Returns those that cannot be read. They fail in each run until they are
 * repaired.
 */
async function countBacklog({ claims, clock, metrics }: SettleService): Promise<ClaimFailure[]> {
  const { open, overdueSince, faulty } = await claims.backlog();
  metrics.add('ClaimsOpen', open);
  metrics.add('OldestOpenClaim', overdueSince === undefined ? 0 : Math.max(0, (clock() - overdueSince) / 1_000));
  return faulty.map(failedOf);
}
