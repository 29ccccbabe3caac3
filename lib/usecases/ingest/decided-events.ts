import type { Answer } from '../../attribution/answer.ts';
import { AnswerMemo } from '../../attribution/answer-memo.ts';
import { actionOf, attribute } from '../../attribution/attribute.ts';
import { copyContent, copyPlace, MOST_COPIES, statesAll } from '../../attribution/copies.ts';
import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { MomentSpan } from '../../attribution/moment.ts';
import { isFinalByKey } from '../../attribution/proof.ts';
import { completeRecord, type RecordHead, recordHead } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { ClaimIdentity } from '../../claims/claim.ts';
import type { TextDigest } from '../../claims/identity.ts';
import { keptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import type { EpochMillis } from '../../time.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import { DeduplicatingSource, STORE_REACH } from '../deciding/deduplicating-source.ts';
import type { DeliveredEvent } from './batch.ts';
import type { BatchCallers } from './batch-callers.ts';
import type { IngestService, RegisteredClaims } from './ingest-service.ts';
import type { KeyMemory } from './key-memory.ts';

/** An event of the batch that no other one repeats, with what is known before it is attributed. */
interface DistinctEvent extends DeliveredEvent {
  readonly id: string;
  readonly head: RecordHead;
  readonly claim: ClaimIdentity | undefined;
}

/** An event with its answer, ready to be stored. */
export interface DecidedEvent {
  readonly event: DeliveredEvent['event'];
  readonly site: DeliveredEvent['site'];
  readonly claim: ClaimIdentity | undefined;
  readonly stored: StoredRecord;
}

/**
 * Removes repeated events. Of equal events, the last one is kept, at the position of the first one. An event is left
 * out if a copy has all of its fields. Copies that differ otherwise are kept, up to `MOST_COPIES`. They have the ID of
 * their common place.
 */
export function distinct(
  events: readonly DeliveredEvent[],
  callers: BatchCallers,
  digest: TextDigest,
): DistinctEvent[] {
  const kept = new Map<string, DistinctEvent | readonly DistinctEvent[]>();
  for (const delivered of events) {
    const { event, site } = delivered;
    const { claim, recorded } = callers.of(delivered);
    const head = recordHead(event, site, recorded);
    const id = digest(copyPlace(head));
    const entry = { event, site, id, head, claim };
    const before = kept.get(id);
    kept.set(id, before === undefined ? entry : withCopy([before].flat(), entry));
  }
  return [...kept.values()].flat();
}

/** Returns the copies with one more. Leaves out each copy whose fields another copy has, too. */
function withCopy(copies: readonly DistinctEvent[], copy: DistinctEvent): readonly DistinctEvent[] {
  const content = copyContent(copy.head);
  const isLess = (other: DistinctEvent) => statesAll(content, copyContent(other.head));
  const at = copies.findIndex(isLess);
  if (at !== -1) return copies.toSpliced(at, 1, copy).filter((each) => each === copy || !isLess(each));
  const isLeftOut = copies.length >= MOST_COPIES || copies.some((other) => statesAll(copyContent(other.head), content));
  return isLeftOut ? copies : [...copies, copy];
}

interface DecidingBatch extends IngestService {
  readonly isLive: boolean;
}

/** Attributes the events. Facts are read once for each claim. Several claims are read concurrently. */
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
      if (answer !== undefined) decided.push(decidedEvent(event, answer, callers, service.isLive));
    }
    return decided;
  });
  return decided.flat();
}

/**
 * Returns one answer for each event. For callers without an AWS identity or a readable token, no facts are read,
 * because none would change the answer.
 */
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
  isLive: boolean,
): DecidedEvent {
  const { id, event, site, head } = distinctEvent;
  const { caller, at } = event;
  const claim = callers.claimIn(distinctEvent, answer.attribution);
  const record = keptRecord(completeRecord(head, answer));
  const stored = {
    id,
    at,
    claimId: claim?.id,
    session: claim?.session ?? caller.accessKeyId, // A caller of another authenticator has no claim, but may state a key.
    replayed: isLive ? undefined : (true as const),
    record,
  };
  return { event, site, claim, stored };
}

interface DecisionContext {
  readonly sessions: GrantSource;
  readonly settings: AttributionSettings;
  readonly memory: KeyMemory;
  readonly now: EpochMillis;
  /** The time at which the claim was last opened. Undefined if it is not stored yet. */
  readonly touchedAt: EpochMillis | undefined;
}

/**
 * Returns the answers for the events of one claim. It uses the remembered facts of the claim's access key. Otherwise it
 * reads the sessions table once for all of the events.
 */
export async function decideClaim(
  claimId: string,
  events: readonly DeliveredEvent[],
  deciding: DecisionContext,
): Promise<readonly Answer[]> {
  const { settings, memory, now, touchedAt } = deciding;
  const remembered = memory.recall(claimId, now, touchedAt);
  if (remembered !== undefined) {
    const answers = answersBy(remembered, events, settings);
    if (areFinalByKey(answers)) return answers;
  }
  const { answers, facts } = await answersByAsking(events, deciding);
  if (areFinalByKey(answers)) memory.keep(claimId, facts, now);
  return answers;
}

function areFinalByKey(answers: readonly Answer[]): boolean {
  return answers.every(({ attribution }) => isFinalByKey(attribution));
}

/** Returns the answers that follow from these facts, without reading more. */
export function answersBy(
  facts: readonly Facts[],
  events: readonly DeliveredEvent[],
  settings: AttributionSettings,
): Answer[] {
  const index = new KnownGrants();
  for (const fact of facts) index.add(fact);
  const memo = new AnswerMemo();
  return events.map(({ event, site }) => {
    const action = actionOf(event, site);
    return memo.of(action, (span) => attribute(action, { index, settings, settled: false, span }));
  });
}

/**
 * Returns the answers that follow from the sessions table. An answer serves for the caller's next event too, if no new
 * fact was read in between. The questions that were asked must also cover the time of that event.
 */
async function answersByAsking(events: readonly DeliveredEvent[], { sessions, settings }: DecisionContext) {
  const facts: Facts[] = [];
  const source = new DeduplicatingSource(collecting(sessions, facts), STORE_REACH);
  const known = new KnownGrants();
  let memo = new AnswerMemo();
  const answers: Answer[] = [];
  for (const { event, site } of events) {
    const action = actionOf(event, site);
    const remembered = source.covers(event.at) ? memo.recall(action) : undefined;
    if (remembered !== undefined) {
      answers.push(remembered);
      continue;
    }
    const before = facts.length;
    const span = new MomentSpan();
    const answer = await askAndAttribute(action, { source, known, settings, settled: false, span });
    if (facts.length !== before) memo = new AnswerMemo();
    memo.keep(action, answer, span);
    answers.push(answer);
  }
  return { answers, facts };
}

/** Wraps the source so that every fact it returns is also added to `facts`. */
function collecting(source: GrantSource, facts: Facts[]): GrantSource {
  return {
    async answer(questions, moment) {
      const found = await source.answer(questions, moment);
      facts.push(...found);
      return found;
    },
  };
}
