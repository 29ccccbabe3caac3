import type { Action, Answer } from '../../attribution/answer.ts';
import { attribute, withNames } from '../../attribution/attribute.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import { cutName, type RecordedImpersonation } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { isAnonymousAccess } from '../../audit/anonymous-access.ts';
import type { Claim } from '../../claims/claim.ts';
import { keptRecord } from '../../claims/kept-record.ts';
import { isSameJson } from '../../json.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import type { ClaimSource } from './claim-source.ts';

export interface DecidingAgain {
  readonly claim: Claim;
  readonly source: ClaimSource;
  /** What was found for the claim's earlier records. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  /** In milliseconds after the event: when its answer becomes final. */
  readonly deadline: number;
  /** In milliseconds after the claim's opening: when look-ups start. */
  readonly lookupDelay: number;
  readonly now: EpochMillis;
}

/**
 * When the record's answer becomes final; a record without a readable time at once. One that says that it is of later than it
 * came waits no longer than if it were of then: whoever hands over may write any year, and its claim would stay open until that.
 */
export function finalAt(
  { at }: ReadRecord,
  { claim, deadline }: Pick<DecidingAgain, 'claim' | 'deadline'>,
): EpochMillis {
  return epochMillis(at === undefined ? 0 : Math.min(at, claim.touchedAt) + deadline);
}

/**
 * The record as it is to be now. An answer that is final stays so, whatever it becomes; one that is overdue becomes
 * final once its look-ups were all answered, or waiting for them is of no use (`isWorthWaiting`).
 */
export async function decideAgain(read: ReadRecord, deciding: DecidingAgain): Promise<ReadRecord> {
  const { claim, source, known, settings, lookupDelay, now } = deciding;
  const action = withNames(actionOfRecord(read, claim), settings);
  const wasFinal = !read.record.attribution.provisional;
  const overdue = now >= finalAt(read, deciding);
  const mayLookUp = !wasFinal && (overdue || now >= claim.openedAt + lookupDelay);
  const recordSource = source.forRecord({ wasFinal, mayLookUp });
  const asked = await askAndAttribute(action, { source: recordSource, known, settings, settled: wasFinal });
  const settled = wasFinal || (overdue && recordSource.mayBeFinal(now));
  return withAnswer(read, claim, settled && !wasFinal ? attribute(action, { index: known, settings, settled }) : asked);
}

function actionOfRecord({ record, at, canonicalArn, first }: ReadRecord, claim: Claim): Action {
  const caller = { ...claim.caller, arn: record.caller.arn, canonicalArn };
  const impersonated = record.impersonated && { ...record.impersonated, first };
  const { cluster, origin } = record;
  const handedOverBy = origin?.handedOverBy;
  const action = { caller, impersonated, moment: at ?? 'unreadable', cluster, handedOverBy } as const;
  const { request, response, authorization } = record;
  const isAccess = isAnonymousAccess({ caller, impersonated, request, responseCode: response?.code, authorization });
  return isAccess ? { ...action, anonymousAccess: true } : action;
}

/** What an earlier answer learnt of the caller goes with it. */
function withAnswer(read: ReadRecord, { caller }: Claim, { attribution, learnt }: Answer): ReadRecord {
  const before = read.record.caller;
  const sessionName = caller.sessionName === undefined ? learnt?.sessionName : before.sessionName;
  const record = {
    ...read.record,
    caller: { ...before, sessionName },
    impersonated: withOriginal(read.record.impersonated, learnt?.original),
    attribution,
  };
  return { ...read, record: keptRecord(record) };
}

function withOriginal(
  impersonated: RecordedImpersonation | undefined,
  original: string | undefined,
): RecordedImpersonation | undefined {
  return impersonated && { ...impersonated, original: cutName(original) };
}

/** Whether a correction has anything to write. */
export function isChanged(before: ReadRecord, after: ReadRecord): boolean {
  const essence = ({ record: { caller, impersonated, attribution } }: ReadRecord) => [
    caller.sessionName,
    impersonated?.original,
    attribution,
  ];
  return !isSameJson(essence(before), essence(after));
}
