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

/** Inputs for deciding the records of a claim again. */
export interface DecidingAgain {
  readonly claim: Claim;
  readonly source: ClaimSource;
  /** Grants found for earlier records of the claim. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  /** The time at which an answer becomes final, in milliseconds after the event. */
  readonly deadline: number;
  /** The time at which look-ups start, in milliseconds after the claim was opened. */
  readonly lookupDelay: number;
  readonly now: EpochMillis;
}

/**
 * Returns when the answer of the record becomes final. Without a readable time, that is at once. A record whose time lies
 * after its arrival counts as if it had happened on arrival. Otherwise an attacker could write any year, and the claim would
 * stay open until then.
 */
export function finalAt(
  { at }: ReadRecord,
  { claim, deadline }: Pick<DecidingAgain, 'claim' | 'deadline'>,
): EpochMillis {
  return epochMillis(at === undefined ? 0 : Math.min(at, claim.touchedAt) + deadline);
}

/**
 * Returns the record with its present answer. A final answer stays final even if it changes. An overdue answer becomes final once
 * all its look-ups were answered, or once waiting for them is useless (`isWorthWaiting`).
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

/** Returns whether the correction changes anything in the stored record. */
export function isChanged(before: ReadRecord, after: ReadRecord): boolean {
  const essence = ({ record: { caller, impersonated, attribution } }: ReadRecord) => [
    caller.sessionName,
    impersonated?.original,
    attribution,
  ];
  return !isSameJson(essence(before), essence(after));
}
