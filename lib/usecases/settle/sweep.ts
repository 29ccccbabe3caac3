import type { ClaimIntent } from '../../claims/claim.ts';
import { openClaim } from '../../claims/opening.ts';
import type { CountedRecord } from '../../counts/contribution.ts';
import type { AnnouncedIntents, ClaimIntents } from '../../ports/claims.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { countedRecord } from '../counting/counted-record.ts';
import { type Faulty, faultyOnes } from '../counting/faulty-items.ts';
import { accountWork, type ChoreAttempts } from './chore-attempts.ts';
import type { SettleService } from './settle-claim.ts';
import type { ClaimFailure } from './settle-due.ts';

/** The name of this chore in the log and in notes. */
export const SWEEPING = 'batches that crashed';

/** The age at which an announced batch counts as crashed, in milliseconds. */
export const FORGOTTEN = 5 * MINUTE;

/** Limits the records of a part that are read together. A record can have 400 KB. */
const PAGE = 50;

type SweepingService = SettleService & { readonly intents: ClaimIntents };

/**
 * Finishes batches that crashed: opens their claims and counts their records. A part of an announcement is removed only
 * after this is done, so the work can stop at any time. Unfinished parts stay announced. Records that cannot be read
 * are dropped from the announcement, because no answer contains them. The accounts that sent the batches take turns.
 * Accounts on whose parts earlier runs broke off come last. If a part fails, the others are still finished.
 * @throws the first error of a part.
 */
export async function sweep(
  service: SweepingService,
  stopAt: EpochMillis,
  attempts: ChoreAttempts,
): Promise<ClaimFailure[]> {
  const { intents, clock } = service;
  const failed: ClaimFailure[] = [];
  const errors: unknown[] = [];
  const isLast = (sender: string | undefined) => attempts.isLate(workOf(sender));
  for await (const { announced, faulty } of intents.forgotten(epochMillis(clock() - FORGOTTEN), isLast)) {
    failed.push(...failuresOf(faulty));
    for (const part of announced) {
      if (clock() >= stopAt) break;
      await attempts
        .work(workOf(part.sender), () => finishPart(part, service, stopAt))
        .then(
          (of) => failed.push(...of),
          (error) => errors.push(error),
        );
    }
    if (clock() >= stopAt) break;
  }
  if (clock() < stopAt) await attempts.forgetAccounts(SWEEPING);
  if (errors.length > 0) throw errors[0];
  return failed;
}

function workOf(sender: string | undefined): string {
  return accountWork(SWEEPING, sender ?? 'unknown');
}

/** Opens the claims of a part, and counts its records. Returns what failed. */
async function finishPart(
  part: AnnouncedIntents,
  service: SweepingService,
  stopAt: EpochMillis,
): Promise<readonly ClaimFailure[]> {
  const { claims, intents, clock } = service;
  const opening = await inTime(part.intents, service, stopAt, (intent) =>
    claims.change(intent.id, (claim) => openClaim(claim, intent, clock())),
  );
  const uncounted = await countStored(part, service); // The claims come first: a name matters more than a count.
  const leftOver = new Set([...opening.faulty.map(({ entry }) => entry), ...opening.left]);
  await fulfil(
    part,
    part.intents.filter((intent) => leftOver.has(intent)),
    intents,
  );
  return [...failuresOf(uncounted), ...opening.faulty.map(({ entry, fault }) => ({ claimId: entry.id, cause: fault }))];
}

function failuresOf(faulty: readonly FaultyItem[]): ClaimFailure[] {
  return faulty.map(({ id, fault }) => ({ claimId: id, cause: fault }));
}

/** The result for the intents of a part. `left` are those for which the time was too short. */
interface PartOutcome {
  readonly left: readonly ClaimIntent[];
  readonly faulty: readonly Faulty<ClaimIntent>[];
}

async function inTime(
  intents: readonly ClaimIntent[],
  { clock }: SettleService,
  stopAt: EpochMillis,
  work: (intent: ClaimIntent) => Promise<unknown>,
): Promise<PartOutcome> {
  const left = new Set<ClaimIntent>();
  const faulty = await faultyOnes(intents, async (intent) => {
    if (clock() >= stopAt) left.add(intent);
    else await work(intent);
  });
  return { left: [...left], faulty };
}

/**
 * Counts the stored records of a part. A count has the revision of its record, so no record is counted twice. Only the
 * delivery knows the delay of its answers, so delays are not measured here.
 * @returns the records that cannot be read.
 */
async function countStored(
  { delivery, part, records: keys }: AnnouncedIntents,
  { records, counts, clock }: SettleService,
): Promise<readonly FaultyItem[]> {
  const [counted, faulty]: [CountedRecord[], FaultyItem[]] = [[], []];
  for (let at = 0; at < keys.length; at += PAGE) {
    const page = await records.ofKeys(keys.slice(at, at + PAGE));
    counted.push(...page.records.flatMap((read) => countedRecord({ ...read, replayed: true }, read, clock()) ?? []));
    faulty.push(...page.faulty);
  }
  if (counted.length > 0) await counts.add(counted, `${delivery} swept ${part}`);
  return faulty;
}

/**
 * Removes the part. Announces the remaining intents again, without the others, because opening those repeatedly would
 * keep their claims busy.
 */
async function fulfil(part: AnnouncedIntents, left: readonly ClaimIntent[], intents: ClaimIntents): Promise<void> {
  if (left.length > 0 && left.length === part.intents.length) return;
  const { sender } = part;
  if (left.length > 0) await intents.announce(part.delivery, { intents: left, records: [], sender }, part.at);
  await intents.fulfil(part);
}
