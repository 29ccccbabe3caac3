import type { Attribution } from '../../attribution/attribution.ts';
import { causesOf } from '../../claims/alert-cause.ts';
import { type ClaimIntent, needsClaim } from '../../claims/claim.ts';
import { claimIntentsOf, type Waiting } from '../../claims/claim-intents.ts';
import { covers, opened } from '../../claims/opening.ts';
import type { Insertion } from '../../ports/records.ts';
import { faultyOnes, throwFaults } from '../counting/faulty-items.ts';
import type { DecidedEvent } from './decided-events.ts';
import type { Delivery, IngestService } from './ingest-service.ts';
import type { RegisteredClaims } from './registered-claims.ts';

/**
 * A claim is opened by each answer that is not the last word; and by any that rests on AWS's records or a token where
 * settle would not find it: it then notes which facts could change the answer, and is opened again when one comes. A claim of backfill
 * or replay alone raises no alert: what comes live opens it, so that it will.
 */
export function intentsToOpen(
  decided: readonly DecidedEvent[],
  registered: RegisteredClaims,
  { live }: Delivery,
  { alertOn }: IngestService,
): ClaimIntent[] {
  const isNeeded = oncePerAttribution((attribution) => needsClaim(attribution, causesOf(attribution, alertOn)));
  const waiting: Waiting[] = [];
  for (const { claim, stored } of decided) {
    if (claim === undefined) continue;
    const { record, at } = stored;
    const known = registered.get(claim.id);
    const isFound = known !== undefined && (known.live || !live) && covers(known, at);
    if (!isFound || isNeeded(record.attribution)) waiting.push({ claim, record, at });
  }
  return claimIntentsOf(waiting, live);
}

/** Many records have one and the same attribution. */
function oncePerAttribution<T>(tell: (attribution: Attribution) => T): (attribution: Attribution) => T {
  const told = new Map<Attribution, T>();
  return (attribution) => {
    const known = told.get(attribution);
    if (known !== undefined) return known;
    const answer = tell(attribution);
    told.set(attribution, answer);
    return answer;
  };
}

/** What counts is the answer that is stored: a batch that is delivered again may find later grants than the first did. */
export function asStored(decided: readonly DecidedEvent[], insertions: readonly Insertion[]): DecidedEvent[] {
  return decided.flatMap(({ claim, stored }, at) => {
    const insertion = insertions[at];
    if (insertion?.outcome === 'refused') return [];
    const { record } = insertion?.outcome === 'duplicate' ? insertion.stored : stored;
    return { claim, stored: { ...stored, record } };
  });
}

/** @throws FaultyItemsError where a claim cannot be opened: what the batch has announced says so to settle too. */
export async function open(intents: readonly ClaimIntent[], { claims, clock }: IngestService): Promise<void> {
  const faulty = await faultyOnes(intents, (intent) =>
    claims.change(intent.id, (claim) => opened(claim, intent, clock())),
  );
  throwFaults(
    'claims of the batch',
    faulty.map(({ fault }) => fault),
  );
}
