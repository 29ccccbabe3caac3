import type { Action, Answer } from '../../attribution/answer.ts';
import { attribute, withNames } from '../../attribution/attribute.ts';
import { withConflict } from '../../attribution/copies.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import { cutName, type RecordedImpersonation, withLearned, withoutLearned } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { isAnonymousAccess } from '../../audit/anonymous-access.ts';
import { isUnusualNodeClient } from '../../audit/node-client.ts';
import type { Claim } from '../../claims/claim.ts';
import { keptRecord } from '../../claims/kept-record.ts';
import { clusterKeyOf } from '../../identity/cluster.ts';
import { isSameJson } from '../../json.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import type { ClaimSource } from './claim-source.ts';

/** The claim, its source of grants and the settings with which its records are decided again. */
export interface DecidingAgain {
  readonly claim: Claim;
  readonly source: ClaimSource;
  /** The grants that were found for earlier records of the claim. New ones are added. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  /** How long after the event its answer becomes final, in milliseconds. */
  readonly deadline: number;
  /** How long after the claim was opened look-ups start, in milliseconds. */
  readonly lookupDelay: number;
  readonly now: EpochMillis;
}

/**
 * Returns the time at which the record's answer becomes final. Without a readable time, this is at once. If the
 * record's time lies after the claim was last opened, that opening counts instead. Otherwise an attacker could write a
 * time in any year, and the claim would stay open until then.
 */
export function finalAt(
  { at }: ReadRecord,
  { claim, deadline }: Pick<DecidingAgain, 'claim' | 'deadline'>,
): EpochMillis {
  return epochMillis(at === undefined ? 0 : Math.min(at, claim.touchedAt) + deadline);
}

/**
 * Returns the record with the answer as of now. A final answer can still change, but stays final. An overdue answer
 * becomes final once all its look-ups were answered. It also does once waiting for them is useless (`isWorthWaiting`).
 */
export async function decideAgain(read: ReadRecord, deciding: DecidingAgain): Promise<ReadRecord> {
  const { claim, source, known, settings, lookupDelay, now } = deciding;
  const action = withNames(actionOfRecord(read, claim), settings);
  const wasFinal = !read.record.attribution.provisional;
  const overdue = now >= finalAt(read, deciding);
  const mayLookUp = !wasFinal && (overdue || now >= claim.openedAt + lookupDelay);
  const recordSource = source.forRecord({ wasFinal, mayLookUp });
  const answer = await askAndAttribute(action, { source: recordSource, known, settings, settled: wasFinal });
  const settled = wasFinal || (overdue && recordSource.mayBeFinal(now));
  return withAnswer(read, settled && !wasFinal ? attribute(action, { index: known, settings, settled }) : answer);
}

function actionOfRecord({ record, at }: ReadRecord, claim: Claim): Action {
  const { arn, canonicalArn } = record.caller;
  const caller = { ...claim.caller, arn, canonicalArn };
  const { impersonated } = record;
  const clusterKey = clusterKeyOf(record);
  const handedOverBy = record.origin?.handedOverBy;
  const action = { caller, impersonated, moment: at ?? 'unreadable', clusterKey, handedOverBy } as const;
  const { request, response, authorization } = record;
  if (isUnusualNodeClient({ caller, userAgent: record.source?.userAgent }))
    return { ...action, unusualNodeClient: true };
  const isAccess = isAnonymousAccess({ caller, impersonated, request, responseCode: response?.code, authorization });
  return isAccess ? { ...action, anonymousAccess: true } : action;
}

/** Returns the record with another answer, and with the names that this answer adds to the caller. */
function withAnswer(read: ReadRecord, { attribution, learnt }: Answer): ReadRecord {
  const record = {
    ...read.record,
    caller: withLearned(withoutLearned(read.record.caller), learnt),
    impersonated: withOriginal(read.record.impersonated, learnt?.original),
    attribution: read.conflicts === undefined ? attribution : withConflict(attribution),
  };
  return { ...read, record: keptRecord(record) };
}

function withOriginal(
  impersonated: RecordedImpersonation | undefined,
  original: string | undefined,
): RecordedImpersonation | undefined {
  return impersonated && { ...impersonated, original: cutName(original) };
}

/** Returns whether the new record differs from the stored one, so that it must be written. */
export function isChanged(before: ReadRecord, after: ReadRecord): boolean {
  const essence = ({ record: { caller, impersonated, attribution } }: ReadRecord) => [
    caller.sessionName,
    impersonated?.original,
    attribution,
  ];
  return !isSameJson(essence(before), essence(after));
}
