import { KnownGrants } from '../../attribution/known-grants.ts';
import type { Question } from '../../attribution/questions.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { AlertCause } from '../../claims/alert-cause.ts';
import type { Claim, Pass } from '../../claims/claim.ts';
import { begun, bornOn, mayClose, passedOver, startOf } from '../../claims/final-part.ts';
import { finished, interrupted, putOff } from '../../claims/finish.ts';
import { gapText } from '../../claims/lookup-gap.ts';
import type { ServiceAddress } from '../../claims/ready-query.ts';
import { counted } from '../../claims/tally.ts';
import type { Alerts } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { LookUp } from '../../ports/lookups.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Correction, ReadRecord, RecordStore } from '../../ports/records.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { countAnswer, countedRecord } from '../counting/counted-record.ts';
import { type Digests, tell } from './alert.ts';
import { ClaimSource } from './claim-source.ts';
import { type DecidingAgain, decideAgain, finalAt, isChanged } from './decide-again.ts';
import type { SweepService } from './sweep-grants.ts';

export interface SettleService extends SweepService {
  readonly records: RecordStore;
  readonly counts: CountStore;
  /** CloudTrail's LookupEvents; absent where only a trail is relied on. */
  readonly lookups?: LookUp | undefined;
  /** Whether look-ups are left for later in the run. */
  readonly lookUpLater?: boolean | undefined;
  /** Requests to each account and Region until other claims have their turn. */
  readonly share?: number | undefined;
  /** How many turns claims had whose look-ups have more to read, by id: kept over runs, so that those who had none come first. */
  readonly turns?: Map<string, number> | undefined;
  readonly alerts: Alerts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** In milliseconds after the event: when its answer becomes final. */
  readonly deadline: number;
  /** In milliseconds after the claim's opening: when look-ups start. */
  readonly lookupDelay: number;
  readonly serviceAddress?: ServiceAddress | undefined;
  readonly alertOn: readonly AlertCause[];
  /** Absent where no alert is held, and none that another holds is to be sent, as in backfill. */
  readonly digests?: Digests | undefined;
}

export interface SettlingUntil {
  /** When work is to be left for the next minute. */
  readonly stopAt: EpochMillis;
}

/** What came of a pass over a claim. */
export interface SettledClaim {
  /** What CloudTrail is to be asked later. */
  readonly wanted: readonly Question[];
  /** Records whose answer may still change. */
  readonly open: number;
  /** Whether its look-ups have more to read, and got on with it. */
  readonly goesOn: boolean;
  /** Of records that could not be corrected: they are told of and counted as they should be. */
  readonly faults: readonly StoredItemError[];
}

/** Records a page: read, decided and corrected together. */
export const PAGE = 50;

/** A pass over a claim's records. */
interface Settling {
  readonly claim: Claim;
  readonly service: SettleService;
  readonly source: ClaimSource;
  /** What was found for the records so far. */
  readonly known: KnownGrants;
}

/**
 * Decides a claim's records again, page by page within the time limit, and goes on with the next page next time.
 * Running it again after a crash anywhere changes nothing but, at worst, repeats an alert.
 */
export async function settleClaim(
  claim: Claim,
  service: SettleService,
  { stopAt }: SettlingUntil,
): Promise<SettledClaim> {
  const settling = { claim, service, source: new ClaimSource(claim, service), known: new KnownGrants() };
  const faults: StoredItemError[] = [];
  let pass = claim.pass ?? begun(claim, service.clock());
  do {
    const settled = await settleOn(pass, settling);
    faults.push(...settled.faults);
    pass = settled.pass;
  } while (!(await isLeft(pass, settling, stopAt)));
  const { wanted, isUnfinished, requests } = settling.source;
  const open = Math.max(pass.tally.open, claim.tally?.open ?? 0);
  return { wanted, open, goesOn: isUnfinished && requests > 0, faults };
}

interface SettledPage {
  /** As far as it is now; without a position it is through. */
  readonly pass: Pass;
  readonly faults: readonly StoredItemError[];
}

/** Where the claim may close after a pass that left something out, one that leaves out nothing follows at once. */
async function settleOn(pass: Pass, settling: Settling): Promise<SettledPage> {
  const settled = await settleNextPage(pass, settling);
  const { position, without } = settled.pass;
  if (position !== undefined || without === undefined || !mayClose(settling.claim, settled.pass)) return settled;
  const { finalPart: _part, ...whole } = settling.claim;
  const again = await settleNextPage(begun(whole, settling.service.clock()), settling);
  return { ...again, faults: [...settled.faults, ...again.faults] };
}

async function settleNextPage(pass: Pass, { claim, service, source, known }: Settling): Promise<SettledPage> {
  const { settings, deadline, lookupDelay, clock } = service;
  const first = startOf(pass);
  const asked = first === undefined ? claim : { ...claim, first };
  const { records, position } = await service.records.ofClaim(asked, { limit: PAGE, position: pass.position });
  const deciding = { claim, source, known, settings, deadline, lookupDelay, now: clock() };
  const settled = await settlePage(records, deciding, pass, service);
  const { position: _before, ...rest } = settled.pass;
  return { ...settled, pass: { ...rest, ...(position !== undefined && { position }) } };
}

/** Leaves the claim where its pass is through, waits for look-ups, or has no more time. Answers whether it did. */
async function isLeft(pass: Pass, { claim, service, source }: Settling, stopAt: EpochMillis): Promise<boolean> {
  const { claims, clock } = service;
  if (pass.position === undefined) {
    await finish(claim, pass, source, service);
  } else if (source.wanted.length > 0) {
    await claims.change(claim.id, (current) => current && putOff(current, clock()));
  } else if (clock() >= stopAt) {
    await claims.change(claim.id, (current) => {
      const now = clock();
      return current && interrupted(sameRound(withWaits(current, source, now), claim), pass, source, now);
    });
  } else {
    return false;
  }
  return true;
}

/** What it began to wait for may have come just before, unseen. */
function withWaits(current: Claim, { waitsAnew }: ClaimSource, now: EpochMillis): Claim {
  return waitsAnew ? bornOn(current, now) : current;
}

/** One round a run, though look-ups may follow a pass. */
function sameRound(current: Claim, { rounds }: Claim): Claim {
  return { ...current, rounds: Math.min(current.rounds, rounds) };
}

/** Decides and corrects a page, and counts it. */
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
    const { id, at, record, replayed } = each.after;
    const final = finalAt(each.after, deciding);
    const isCounted = wasCounted(each.before, pass);
    const unanswered = becameFinal(each) ? deciding.source.gaps.map(gapText) : [];
    const counting = { record, final, isCounted, isReplayed: replayed === true, unanswered };
    const next = counted(so.tally, counting, service.alertOn);
    const tally = overtaken.has(id) ? { ...next, open: next.open + 1 } : next; // somebody was faster: look again
    const isFinal = !record.attribution.provisional && !overtaken.has(id) && !refused.has(id);
    return passedOver(so, { at, isFinal, tally });
  }, pass);
  return { pass: over, faults };
}

/**
 * Counts the records that were ever corrected, as they are now: what an earlier pass corrected is looked for too, since it
 * may have crashed before it counted.
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
  /** The ids of records that are as decided now. */
  readonly corrected: ReadonlySet<string>;
  /** The ids of records that others changed meanwhile. */
  readonly overtaken: ReadonlySet<string>;
  /** The ids of records that could not be stored. */
  readonly refused: ReadonlySet<string>;
  readonly faults: readonly StoredItemError[];
}

/** Stores what has changed, and counts the answers that were stored. */
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

/** A closing counts final records only; what is final since, and later than the claim's last event then, is new. */
function wasCounted({ at, record }: ReadRecord, { window }: Pass): boolean {
  return window !== undefined && !record.attribution.provisional && (at === undefined || at <= window.countedTo);
}

/** Alerts go out before the claim remembers them: after a crash in between one may repeat, never be missing. */
async function finish(claim: Claim, pass: Pass, source: ClaimSource, service: SettleService): Promise<void> {
  const { claims, clock, metrics } = service;
  const notice = await tell(claim, pass.tally, service);
  const after = await claims.change(claim.id, (current) => {
    if (current === undefined) return undefined;
    const now = clock();
    const waiting = withWaits(current, source, now);
    return finished(sameRound(waiting, claim), { pass, notice, lookedUp: source }, now);
  });
  if (after === undefined || after.due !== undefined) return;
  const isResumed = pass.startedAt === claim.pass?.startedAt; // what the run before asked for, this one does not know
  if (pass.window === undefined && !isResumed) await source.waitLess();
  metrics.add('ClaimsSettled', 1);
  if (pass.tally.statuses.includes('unattributed')) metrics.add('ClaimsUnattributed', 1);
}
