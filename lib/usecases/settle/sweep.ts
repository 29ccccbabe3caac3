import type { ClaimIntent } from '../../claims/claim.ts';
import { opened } from '../../claims/opening.ts';
import type { AnnouncedIntents, ClaimIntents } from '../../ports/intents.ts';
import type { Position } from '../../ports/paging.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { StoredItemError } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { countedRecord } from '../counting/counted-record.ts';
import { type Faulty, faultyOnes } from '../counting/faulty-items.ts';
import type { SettleService } from './settle-claim.ts';
import type { Failed } from './settle-due.ts';

/** After this, a batch that announced claims and never opened them has crashed for good. */
export const FORGOTTEN = 5 * MINUTE;
/** Records of one claim that are counted for a batch that crashed: ten requests and 40 write units, about. */
const MOST_COUNTED = 2_000;
const PAGE = 500;

/**
 * Opens the claims of batches that were stored, or may have been, and never came to open them: part by part, so that
 * none is withdrawn before its claims are open, wherever the time ends. Then their records are counted: the batch may have
 * crashed before it did. What the time did not suffice for stays announced; records that cannot be read do not, since they would
 * keep their claim from being quiet.
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
    const opening = await inTime(part.intents, service, stopAt, (intent) =>
      claims.change(intent.id, (claim) => opened(claim, intent, clock())),
    );
    const counting = await inTime(opening.done, service, stopAt, (intent) =>
      countAgain(part.delivery, intent, service),
    );
    const unopened = opening.faulty.map(({ entry }) => entry);
    const isLeft = new Set([...unopened, ...opening.left, ...counting.left]);
    const faults = [...opening.faulty, ...counting.faulty];
    failed.push(...faults.map(({ entry, fault }) => ({ claimId: entry.id, cause: fault })));
    await fulfil(
      part,
      part.intents.filter((intent) => isLeft.has(intent)),
      intents,
    );
  }
  return failed;
}

/** What became of the intents of a part; `left` are those for which there was no time. */
interface Worked {
  readonly done: readonly ClaimIntent[];
  readonly left: readonly ClaimIntent[];
  readonly faulty: readonly Faulty<ClaimIntent>[];
}

async function inTime(
  intents: readonly ClaimIntent[],
  { clock }: SettleService,
  stopAt: EpochMillis,
  work: (intent: ClaimIntent) => Promise<unknown>,
): Promise<Worked> {
  const left = new Set<ClaimIntent>();
  const faulty = await faultyOnes(intents, async (intent) => {
    if (clock() >= stopAt) left.add(intent);
    else await work(intent);
  });
  const undone = new Set([...left, ...faulty.map(({ entry }) => entry)]);
  return { done: intents.filter((intent) => !undone.has(intent)), left: [...left], faulty };
}

/**
 * What is counted already is not counted twice: an entry says of a record what it counts for. How long their answers took is left
 * to the delivery, which alone knows it. Where a page cannot be read, those before it are counted all the same.
 * @throws StoredItemError then, and where an entry is refused.
 */
async function countAgain(delivery: string, intent: ClaimIntent, service: SettleService): Promise<void> {
  const { counts, clock } = service;
  const { found, fault } = await storedOf(intent, service);
  const counted = found.flatMap((read) => countedRecord({ ...read, replayed: true }, read, clock()) ?? []);
  if (counted.length > 0) await counts.add(counted, `${delivery} swept ${intent.id}`);
  if (fault !== undefined) throw fault;
}

interface Stored {
  readonly found: readonly ReadRecord[];
  readonly fault?: StoredItemError;
}

async function storedOf({ id, session, first, last }: ClaimIntent, { records }: SettleService): Promise<Stored> {
  const found: ReadRecord[] = [];
  if (first === undefined || last === undefined) return { found };
  let position: Position | undefined;
  try {
    do {
      const page = await records.ofClaim({ id, session, first, last }, { limit: PAGE, position });
      found.push(...page.records);
      position = page.position;
    } while (position !== undefined && found.length < MOST_COUNTED);
  } catch (fault) {
    if (fault instanceof StoredItemError) return { found, fault };
    throw fault;
  }
  return { found };
}

/** What could not be opened, or counted in time, stays announced, by itself: its neighbours would never be quiet if they were opened again. */
async function fulfil(part: AnnouncedIntents, left: readonly ClaimIntent[], intents: ClaimIntents): Promise<void> {
  if (left.length === part.intents.length) return;
  if (left.length > 0) await intents.announce(part.delivery, left, part.at);
  await intents.fulfil(part);
}
