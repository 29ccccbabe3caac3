import type { Answer } from '../../attribution/answer.ts';
import { auditRecord, cutName } from '../../attribution/record.ts';
import type { FirstUser } from '../../audit/caller.ts';
import { eventIdentity, recordId } from '../../audit/event.ts';
import type { ClaimIdentity } from '../../claims/claim.ts';
import type { TextDigest } from '../../claims/identity.ts';
import { keptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import type { DeliveredEvent } from './batch.ts';
import type { BatchCallers } from './batch-callers.ts';
import { answersBy, decideClaim } from './decide-batch.ts';
import type { IngestService } from './ingest-service.ts';
import type { RegisteredClaims } from './registered-claims.ts';

/** An event of the batch, with its record's id, and the claim that its caller makes. */
export interface DistinctEvent extends DeliveredEvent {
  readonly id: string;
  readonly claim: ClaimIdentity | undefined;
}

/** An event, decided, ready to be stored. */
export interface DecidedEvent {
  readonly claim: ClaimIdentity | undefined;
  readonly stored: StoredRecord;
}

/** One batch may hold an event twice: the last of them counts, where the first stood. */
export function distinct(
  events: readonly DeliveredEvent[],
  callers: BatchCallers,
  digest: TextDigest,
): DistinctEvent[] {
  const byId = new Map<string, DistinctEvent>();
  for (const { event, cluster, handedOverBy } of events) {
    const { claim, identity } = callers.of(event.caller);
    const id = recordId(digest(eventIdentity(event, identity)), handedOverBy, digest);
    byId.set(id, { event, cluster, handedOverBy, id, claim });
  }
  return [...byId.values()];
}

interface DecidingBatch extends IngestService {
  readonly live: boolean;
}

/** Each claim is asked for once, some of them side by side. */
export async function decide(
  events: readonly DistinctEvent[],
  registered: RegisteredClaims,
  callers: BatchCallers,
  service: DecidingBatch,
): Promise<DecidedEvent[]> {
  const groups = Map.groupBy(events, ({ claim }) => claim?.id);
  const decided = await mapConcurrently([...groups], async ([claimId, members]) => {
    const answers = await answersOf(claimId, members, registered, service);
    const decided: DecidedEvent[] = [];
    for (const [at, event] of members.entries()) {
      const answer = answers[at];
      if (answer !== undefined) decided.push(decidedEvent(event, answer, callers, service.live));
    }
    return decided;
  });
  return decided.flat();
}

/** Of callers without an AWS identity or a token that can be told nothing that comes later has a part in their answer. */
async function answersOf(
  claimId: string | undefined,
  events: readonly DistinctEvent[],
  registered: RegisteredClaims,
  { settings, memory, sessions, clock }: IngestService,
): Promise<readonly Answer[]> {
  if (claimId === undefined) return answersBy([], events, settings);
  const touchedAt = registered.get(claimId)?.touchedAt;
  return decideClaim(claimId, events, { sessions, settings, memory, now: clock(), touchedAt });
}

function decidedEvent(
  distinctEvent: DistinctEvent,
  answer: Answer,
  callers: BatchCallers,
  live: boolean,
): DecidedEvent {
  const { id, event, cluster, handedOverBy } = distinctEvent;
  const { caller, at, impersonated } = event;
  const claim = distinctEvent.claim ?? claimByAnswer(distinctEvent, answer, callers);
  const { recorded, canonicalArn } = callers.of(caller);
  const record = keptRecord(auditRecord(event, answer, cluster, { caller: recorded, handedOverBy }));
  const stored = {
    id,
    at,
    claimId: claim?.id,
    session: claim?.session,
    canonicalArn,
    first: firstUser(impersonated?.first),
    replayed: live ? undefined : (true as const),
    record,
  };
  return { claim, stored };
}

/** Of callers without an AWS identity or a token: who impersonates a person, and who is anonymous and was let in. */
function claimByAnswer(
  delivered: DistinctEvent,
  { attribution: { status, flags } }: Answer,
  callers: BatchCallers,
): ClaimIdentity | undefined {
  if (flags.includes('anonymous-access')) return callers.anonymous(delivered);
  return status === 'partial' ? callers.impersonator(delivered.event.caller) : undefined;
}

function firstUser(first: FirstUser | undefined): FirstUser | undefined {
  return first && { username: cutName(first.username) ?? '', uid: cutName(first.uid) };
}
