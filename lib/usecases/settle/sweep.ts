import { type ClaimIntent, opened } from '../../claims/claim.ts';
import type { AnnouncedIntents, ClaimIntents } from '../../ports/intents.ts';
import type { Position } from '../../ports/paging.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { countedRecord } from '../counting/counted-record.ts';
import { faultyOnes } from '../counting/faulty-items.ts';
import type { SettleService } from './settle-claim.ts';
import type { Failed } from './settle-due.ts';

/** After this, a batch that announced claims and never opened them has crashed for good. */
const FORGOTTEN = 5 * MINUTE;
/** Records of one claim that are counted for a batch that crashed: ten requests and 40 write units, about. */
const MOST_COUNTED = 2_000;
const PAGE = 500;

/**
 * Opens the claims of batches that were stored, or may have been, and never came to open them: part by part, so that
 * none is withdrawn before its claims are open, wherever the time ends. Their records are counted before: the batch may have
 * crashed before it did.
 */
export async function sweep(
  service: SettleService & { readonly intents: ClaimIntents },
  stopAt: EpochMillis,
): Promise<Failed[]> {
  const { claims, intents, clock } = service;
  const { announced, faulty } = await intents.forgotten(epochMillis(clock() - FORGOTTEN));
  const failed = faulty.map(({ id, fault }): Failed => ({ claimId: id, cause: fault }));
  for (const part of announced) {
    if (clock() >= stopAt) break;
    const unopened = await faultyOnes(part.intents, async (intent) => {
      await countAgain(part.delivery, intent, service);
      await claims.change(intent.id, (claim) => opened(claim, intent, clock()));
    });
    failed.push(...unopened.map(({ entry, fault }) => ({ claimId: entry.id, cause: fault })));
    await fulfil(
      part,
      unopened.map(({ entry }) => entry),
      intents,
    );
  }
  return failed;
}

/**
 * What is counted already is not counted twice: an entry says of a record what it counts for. How long their answers took is left
 * to the delivery, which alone knows it.
 */
async function countAgain(
  delivery: string,
  { id, session, first, last }: ClaimIntent,
  { records, counts, clock }: SettleService,
): Promise<void> {
  if (first === undefined || last === undefined) return;
  const found: ReadRecord[] = [];
  let position: Position | undefined;
  do {
    const page = await records.ofClaim({ id, session, first, last }, { limit: PAGE, position });
    found.push(...page.records);
    position = page.position;
  } while (position !== undefined && found.length < MOST_COUNTED);
  const counted = found.flatMap((read) => countedRecord({ ...read, replayed: true }, read, clock()) ?? []);
  if (counted.length > 0) await counts.add(counted, `${delivery} swept ${id}`);
}

/** What could not be opened stays announced, by itself: its neighbours would never be quiet if they were opened again. */
async function fulfil(part: AnnouncedIntents, left: readonly ClaimIntent[], intents: ClaimIntents): Promise<void> {
  if (left.length === part.intents.length) return;
  if (left.length > 0) await intents.announce(part.delivery, left, part.at);
  await intents.fulfil(part);
}
