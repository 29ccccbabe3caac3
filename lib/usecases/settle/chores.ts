import type { Attempts } from '../../ports/attempts.ts';
import type { ClaimIntents } from '../../ports/claims.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { type CountingService, countHours } from '../counting/count-hours.ts';
import { wakeLeft } from '../grants/wake.ts';
import { type WatchService, watch } from '../heartbeats/watch.ts';
import { sendDigest } from './alert.ts';
import { ChoreAttempts } from './chore-attempts.ts';
import type { SettleService } from './settle-claim.ts';
import type { ClaimFailure } from './settle-due.ts';
import { SWEEPING, sweep } from './sweep.ts';

/** What a run needs besides the services for its claims. */
export interface SettleRunService extends SettleService {
  readonly intents: ClaimIntents;
  /**
   * Notes that say on which claims and chores earlier runs broke off. Absent if another process settles, as in
   * backfill.
   */
  readonly attempts?: Attempts | undefined;
  /** The state of counting past hours. Absent if another process counts them, as in backfill. */
  readonly counting?: Pick<CountingService, 'looked'> | undefined;
  /** The heartbeats to check, and what is expected of them. Absent if another process checks them, as in backfill. */
  readonly watching?: Pick<WatchService, 'heartbeats' | 'volumes' | 'expected' | 'named'> | undefined;
}

/** Work that settle does once a minute, apart from deciding claims. It returns what failed. */
interface Chore {
  readonly name: string;
  readonly work: () => Promise<readonly ClaimFailure[]>;
}

/**
 * Shares of the remaining time: for finishing crashed batches, for waking claims, and for counting past hours.
 */
const [FOR_SWEEPING, FOR_WAKING, FOR_COUNTING] = [1 / 4, 1 / 4, 1 / 2];

/**
 * Does the work that is due once a minute, apart from deciding claims. If a chore fails, the others are still done. A
 * chore on which earlier runs broke off comes last. After five such runs, it is left out for an hour. So the run ends
 * and its metrics are sent.
 * @returns what failed, including each chore that was left out.
 */
export async function doChores(service: SettleRunService, stopAt: EpochMillis): Promise<readonly ClaimFailure[]> {
  const attempts = await ChoreAttempts.begin(service.attempts, service.clock());
  const chores = choresOf(service, attempts, stopAt);
  const failed: ClaimFailure[] = [];
  for (const { name, work } of chores.toSorted(
    (a, b) => Number(attempts.isLate(a.name)) - Number(attempts.isLate(b.name)),
  ))
    await attempts.work(name, work).then(
      (of) => failed.push(...of),
      (cause) => failed.push({ claimId: name, cause }),
    );
  await attempts.end();
  return failed;
}

function choresOf(service: SettleRunService, attempts: ChoreAttempts, stopAt: EpochMillis): readonly Chore[] {
  const { clock, watching, counting } = service;
  const until = (share: number) => epochMillis(clock() + Math.floor((stopAt - clock()) * share));
  return [
    { name: 'digest of alerts', work: () => sendDigest(service) },
    {
      name: 'watching the fleet',
      async work() {
        if (watching !== undefined) await watch({ ...service, ...watching });
        return [];
      },
    },
    { name: SWEEPING, work: () => sweep(service, until(FOR_SWEEPING), attempts) },
    {
      name: 'waking of sessions',
      async work() {
        const faulty = await wakeLeft(service, until(FOR_WAKING));
        return faulty.map(({ entry, fault }) => ({ claimId: entry, cause: fault }));
      },
    },
    {
      name: 'counting of past hours',
      async work() {
        if (counting === undefined) return [];
        const faulty = await countHours({ ...service, ...counting }, until(FOR_COUNTING));
        return faulty.map(({ id, fault }) => ({ claimId: id, cause: fault }));
      },
    },
  ];
}
