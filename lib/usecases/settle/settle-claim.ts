import { KnownGrants } from '../../attribution/known-grants.ts';
import type { Question } from '../../attribution/questions.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { AlertCause } from '../../claims/alert-cause.ts';
import type { Claim, Pass } from '../../claims/claim.ts';
import { addToPass, beginPass, invalidateClaim, mayClose, startOf } from '../../claims/final-part.ts';
import { finishPass, pausePass, postponeClaim } from '../../claims/finish.ts';
import { gapText } from '../../claims/lookup-gap.ts';
import type { ServiceAddress } from '../../claims/ready-query.ts';
import { countRecord } from '../../claims/summary.ts';
import type { Alerts } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { LookUp } from '../../ports/lookups.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { type Correction, placeInId, type ReadRecord, type RecordStore } from '../../ports/records.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { countAnswer, countedRecord } from '../counting/counted-record.ts';
import { type Digests, sendAlert } from './alert.ts';
import { ClaimSource } from './claim-source.ts';
import { type DecidingAgain, decideAgain, finalAt, isChanged } from './decide-again.ts';
import type { SweepService } from './sweep-grants.ts';

export interface SettleService extends SweepService {
  readonly records: RecordStore;
  readonly counts: CountStore;
  /** Makes look-ups with CloudTrail's LookupEvents. Absent if grants come only from a trail. */
  readonly lookups?: LookUp | undefined;
  /** Whether look-ups come later in the run. */
  readonly lookUpLater?: boolean | undefined;
  /** The maximum number of requests to each account and Region in one turn of a claim. */
  readonly share?: number | undefined;
  /**
   * The turns that claims with unfinished look-ups had, by claim ID. They are kept between runs, so that claims with
   * fewer turns come first.
   */
  readonly turns?: Map<string, number> | undefined;
  readonly alerts: Alerts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** How long after the event its answer becomes final, in milliseconds. */
  readonly deadline: number;
  /** How long after the claim was opened look-ups start, in milliseconds. */
  readonly lookupDelay: number;
  readonly serviceAddress?: ServiceAddress | undefined;
  readonly alertOn: readonly AlertCause[];
  /** Collects alerts into digests. If absent, alerts are sent at once and no held alert is sent, as in backfill. */
  readonly digests?: Digests | undefined;
}

export interface SettlingUntil {
  /** The time at which to stop. The next run does the rest. */
  readonly stopAt: EpochMillis;
}

/** The result of a pass over a claim. */
export interface SettledClaim {
  /** The questions to look up in CloudTrail later. */
  readonly wanted: readonly Question[];
  /** The number of records whose answer may still change. */
  readonly open: number;
  /** The accounts that sent the claim's records. */
  readonly senders: readonly string[];
  /** Whether more can be done at once. The time was over, or look-ups made progress and have more to read. */
  readonly hasMore: boolean;
  /** Whether the pass stopped because its time was over. */
  readonly isPaused: boolean;
  /** Whether the pass and its look-ups are complete. */
  readonly isDone: boolean;
  /**
   * The faults of records that could not be corrected. The alert and the counts use the answers that these records
   * should have.
   */
  readonly faults: readonly StoredItemError[];
}

/** The number of records on a page. They are read, decided and corrected together. */
export const PAGE = 50;

/** A pass over a claim's records. */
interface ClaimPass {
  readonly claim: Claim;
  readonly service: SettleService;
  readonly source: ClaimSource;
  /** The grants that were found for the records so far. */
  readonly known: KnownGrants;
}

/**
 * Decides the records of a claim again, page by page until `stopAt`. The next call goes on at the next page. If it runs
 * again after a crash, it repeats an alert at worst.
 * @returns the result for the claim, and the work that is left.
 */
export async function settleClaim(
  claim: Claim,
  service: SettleService,
  { stopAt }: SettlingUntil,
): Promise<SettledClaim> {
  const settling = {
    claim,
    service,
    source: new ClaimSource(claim, service),
    known: new KnownGrants(),
  };
  const faults: StoredItemError[] = [];
  let pass = claim.pass ?? beginPass(claim, service.clock());
  do {
    const settled = await settleOn(pass, settling);
    faults.push(...settled.faults);
    pass = settled.pass;
  } while (!(await finishOrPause(pass, settling, stopAt)));
  const { wanted, isUnfinished, requests } = settling.source;
  const open = Math.max(pass.summary.open, claim.summary?.open ?? 0);
  const isPaused = pass.position !== undefined && wanted.length === 0;
  const hasMore = isPaused || (isUnfinished && requests > 0);
  const isDone = pass.position === undefined && wanted.length === 0 && !hasMore;
  return { wanted, open, senders: pass.summary.senders, hasMore, isPaused, isDone, faults };
}

interface SettledPage {
  /** The pass as it is after this page. It has no position once all pages are done. */
  readonly pass: Pass;
  readonly faults: readonly StoredItemError[];
}

/**
 * Settles the next page. The pass may have left out final records. If the claim may close after it, a pass over all
 * records begins at once.
 */
async function settleOn(pass: Pass, settling: ClaimPass): Promise<SettledPage> {
  const settled = await settleNextPage(pass, settling);
  const { position, without } = settled.pass;
  if (position !== undefined || without === undefined || !mayClose(settling.claim, settled.pass)) return settled;
  const { finalPart: _part, ...whole } = settling.claim;
  const again = await settleNextPage(beginPass(whole, settling.service.clock()), settling);
  return { ...again, faults: [...settled.faults, ...again.faults] };
}

async function settleNextPage(pass: Pass, { claim, service, source, known }: ClaimPass): Promise<SettledPage> {
  const { settings, deadline, lookupDelay, clock } = service;
  const first = startOf(pass);
  const range = first === undefined ? claim : { ...claim, first };
  const { records, position } = await service.records.ofClaim(range, { limit: PAGE, position: pass.position });
  const deciding = { claim, source, known, settings, deadline, lookupDelay, now: clock() };
  const settled = await settlePage(records, deciding, pass, service);
  const { position: _before, ...rest } = settled.pass;
  return { ...settled, pass: { ...rest, ...(position !== undefined && { position }) } };
}

/** Ends the claim's pass, or pauses it for look-ups or for lack of time. Returns false if the pass goes on. */
async function finishOrPause(pass: Pass, { claim, service, source }: ClaimPass, stopAt: EpochMillis): Promise<boolean> {
  const { claims, clock } = service;
  if (pass.position === undefined) {
    await finish(claim, pass, source, service);
  } else if (source.wanted.length > 0) {
    await claims.change(claim.id, (current) => current && postponeClaim(current, clock()));
  } else if (clock() >= stopAt) {
    await claims.change(claim.id, (current) => {
      const now = clock();
      return current && pausePass(sameRound(withWaits(current, source, now), claim), pass, source, now);
    });
  } else {
    return false;
  }
  return true;
}

/**
 * Marks all records of the claim for re-evaluation if the claim waits for something new. A grant may have arrived just
 * before it waited.
 */
function withWaits(current: Claim, { hasNewWaits }: ClaimSource, now: EpochMillis): Claim {
  return hasNewWaits ? invalidateClaim(current, now) : current;
}

/**
 * Returns the claim with the rounds that it had before. A run counts as one round, even if look-ups follow the pass.
 */
function sameRound(current: Claim, { rounds }: Claim): Claim {
  return { ...current, rounds: Math.min(current.rounds, rounds) };
}

/** Decides, corrects and counts the records of a page. */
async function settlePage(
  page: readonly ReadRecord[],
  deciding: DecidingAgain,
  pass: Pass,
  service: SettleService,
): Promise<SettledPage> {
  const decided: RecordChange[] = [];
  for (const before of page) decided.push({ before, after: await decideAgain(before, deciding) });
  const { corrected, overtaken, refused, faults } = await correct(decided, deciding.now, service);
  await countCorrected(decided, corrected, deciding, service);
  const over = decided.reduce((so, each) => {
    const { id, at, record, replayed, conflicts } = each.after;
    const final = finalAt(each.after, deciding);
    const isCounted = wasCounted(each.before, pass);
    const unanswered = becameFinal(each) ? deciding.source.gaps.map(gapText) : [];
    const conflict = conflicts && { others: conflicts, place: placeInId(id) };
    const counting = { record, final, isCounted, isReplayed: replayed === true, conflict, unanswered };
    const next = countRecord(so.summary, counting, service.alertOn);
    const summary = overtaken.has(id) ? { ...next, open: next.open + 1 } : next; // Another writer was faster. The next pass retries.
    const isFinal = !record.attribution.provisional && !overtaken.has(id) && !refused.has(id);
    return addToPass(so, { at, isFinal, summary });
  }, pass);
  return { pass: over, faults };
}

/**
 * Counts the corrected records by their present answers. This includes records that an earlier pass corrected, because
 * it may have crashed before it counted them.
 */
async function countCorrected(
  decided: readonly RecordChange[],
  corrected: ReadonlySet<string>,
  { claim, now }: DecidingAgain,
  { counts }: SettleService,
): Promise<void> {
  const [news, olds] = [true, false].map((isNew) => decided.filter(({ after }) => corrected.has(after.id) === isNew));
  const fresh =
    news?.flatMap(({ after }) => countedRecord(after, { ...after, revision: after.revision + 1 }, now) ?? []) ?? [];
  const before = olds?.flatMap((each) =>
    each.before.revision > 1 ? (countedRecord(each.before, each.before, now) ?? []) : [],
  );
  const left = before === undefined || before.length === 0 ? [] : await counts.missing(before, claim.id);
  await counts.add([...fresh, ...left], claim.id);
}

interface CorrectionOutcome {
  /** The IDs of the records that now have the new answer. */
  readonly corrected: ReadonlySet<string>;
  /** The IDs of the records that another writer changed meanwhile. */
  readonly overtaken: ReadonlySet<string>;
  /** The IDs of the records that could not be stored. */
  readonly refused: ReadonlySet<string>;
  readonly faults: readonly StoredItemError[];
}

/** Stores the changed records and counts their answers in the metrics. */
async function correct(
  decided: readonly RecordChange[],
  now: EpochMillis,
  service: SettleService,
): Promise<CorrectionOutcome> {
  const changed = decided.flatMap(({ before, after }) => (isChanged(before, after) ? [after] : []));
  const corrections = await service.records.correct(changed);
  const ofOutcome = (outcome: Correction['outcome']) => changed.filter((_, at) => corrections[at]?.outcome === outcome);
  const idsOf = (outcome: Correction['outcome']) => new Set(ofOutcome(outcome).map(({ id }) => id));
  const corrected = ofOutcome('corrected');
  for (const record of corrected) countAnswer(record, now, service.metrics);
  service.metrics.add('RecordsCorrected', corrected.length);
  const faults = corrections.flatMap((each) => (each.outcome === 'refused' ? [each.fault] : []));
  return { corrected: idsOf('corrected'), overtaken: idsOf('overtaken'), refused: idsOf('refused'), faults };
}

interface RecordChange {
  readonly before: ReadRecord;
  readonly after: ReadRecord;
}

function becameFinal({ before, after }: RecordChange): boolean {
  return before.record.attribution.provisional && !after.record.attribution.provisional;
}

/**
 * Returns whether the record was counted when the claim closed before. Closing a claim counts its final records up to
 * `countedTo`.
 */
function wasCounted({ at, record }: ReadRecord, { window }: Pass): boolean {
  return window !== undefined && !record.attribution.provisional && (at === undefined || at <= window.countedTo);
}

/**
 * Sends the alert, then closes the claim or schedules its next pass. After a crash in between, the alert may be sent
 * again, but is not lost.
 */
async function finish(claim: Claim, pass: Pass, source: ClaimSource, service: SettleService): Promise<void> {
  const { claims, clock, metrics } = service;
  const notice = await sendAlert(claim, pass.summary, service);
  const after = await claims.change(claim.id, (current) => {
    if (current === undefined) return undefined;
    const now = clock();
    const waiting = withWaits(current, source, now);
    return finishPass(sameRound(waiting, claim), { pass, notice, lookedUp: source }, now);
  });
  if (after === undefined || after.due !== undefined) return;
  const isResumed = pass.startedAt === claim.pass?.startedAt; // This run does not know the waits of the previous one.
  if (pass.window === undefined && !isResumed) await source.removeIdleWaits();
  metrics.add('ClaimsSettled', 1);
  if (pass.summary.statuses.includes('unattributed')) metrics.add('ClaimsUnattributed', 1);
}
