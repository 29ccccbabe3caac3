import { KnownGrants } from '../attribution/known-grants.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import type { AlertCause } from '../claims/alert.ts';
import type { Claim, ClaimTally, Pass } from '../claims/claim.ts';
import { finished, interrupted } from '../claims/finish.ts';
import { counted, EMPTY_TALLY } from '../claims/tally.ts';
import type { Alerts, Claims, Clock, Lookups, Metrics, ReadRecord, RecordStore, SessionStore } from '../ports.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { tell } from './alert.ts';
import { ClaimSource } from './claim-source.ts';
import { countAnswer } from './count-answer.ts';
import { type DecidingAgain, decideAgain, finalAt, isChanged } from './decide-again.ts';

export interface SettleService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  /** CloudTrail's LookupEvents, anew for each claim; absent where only a trail is relied on. */
  readonly lookups?: (() => Lookups) | undefined;
  readonly alerts: Alerts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  readonly deadline: number;
  readonly lookupDelay: number;
  readonly alertOn: readonly AlertCause[];
}

export interface SettlingUntil {
  /** When work is to be left for the next minute. */
  readonly stopAt: EpochMillis;
}

/** Records a page: read, decided and corrected together. */
const PAGE = 50;

/**
 * Decides a claim's records again, page by page within the time limit, and goes on with the next page next time.
 * Running it again after a crash anywhere changes nothing but, at worst, repeats an alert.
 */
export async function settleClaim(claim: Claim, service: SettleService, { stopAt }: SettlingUntil): Promise<void> {
  const { clock, claims } = service;
  const source = new ClaimSource(claim, service);
  const known = new KnownGrants();
  let pass = claim.pass ?? { startedAt: clock(), tally: EMPTY_TALLY };
  for (;;) {
    const page = await service.records.ofClaim(claim, { limit: PAGE, position: pass.position });
    const tally = await settlePage(
      page.records,
      { claim, source, known, now: clock(), ...limitsOf(service) },
      pass.tally,
      service,
    );
    pass = { startedAt: pass.startedAt, tally };
    if (page.position === undefined) return finish(claim, pass, source.waitsAnew, service);
    pass = { ...pass, position: page.position };
    if (clock() >= stopAt) break;
  }
  const reached = pass;
  await claims.change(claim.id, (current) => current && interrupted(current, reached, clock()));
}

function limitsOf({ settings, deadline, lookupDelay }: SettleService) {
  return { settings, deadline, lookupDelay };
}

async function settlePage(
  read: readonly ReadRecord[],
  deciding: DecidingAgain,
  before: ClaimTally,
  service: SettleService,
): Promise<ClaimTally> {
  const after: ReadRecord[] = [];
  for (const record of read) after.push(await decideAgain(record, deciding));
  const changed = after.filter((record, at) => isChangedAt(read, record, at));
  const refused = new Set((await service.records.correct(changed)).map(({ id }) => id));
  for (const record of changed) if (!refused.has(record.id)) countAnswer(record, deciding.now, service.metrics);
  service.metrics.add('RecordsCorrected', changed.length - refused.size);
  let tally = before;
  for (const { record, ...stored } of after) {
    const final = epochMillis(refused.has(stored.id) ? 0 : finalAt({ record, ...stored }, service.deadline));
    tally = counted(tally, { record, final }, service.alertOn);
    if (refused.has(stored.id)) tally = { ...tally, open: tally.open + 1 }; // somebody was faster: look again
  }
  return tally;
}

function isChangedAt(read: readonly ReadRecord[], after: ReadRecord, at: number): boolean {
  const before = read[at];
  return before === undefined || isChanged(before, after);
}

/** Alerts go out before the claim remembers them: after a crash in between one may repeat, never be missing. */
async function finish(claim: Claim, pass: Pass, waitsAnew: boolean, service: SettleService): Promise<void> {
  const { claims, clock, metrics } = service;
  const alerted = await tell(claim, pass.tally, service);
  const after = await claims.change(claim.id, (current) => {
    if (current === undefined) return undefined;
    const now = clock();
    return finished(waitsAnew ? { ...current, touchedAt: now } : current, pass, alerted, now);
  });
  if (after === undefined || after.due !== undefined) return;
  metrics.add('ClaimsSettled', 1);
  if (pass.tally.statuses.includes('unattributed')) metrics.add('ClaimsUnattributed', 1);
}
