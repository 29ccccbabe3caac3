import { REASON_ROWS, type Reason } from '../attribution/reasons.ts';
import { present } from '../json.ts';
import type { Alert } from './alert.ts';
import { type AlertCause, rowOfCause } from './alert-cause.ts';
import type { ClaimCaller } from './claim.ts';

/**
 * What a person would call the same trouble. No text that a caller chose belongs to it: a name for each session would make
 * each session a group of its own.
 */
export interface AlertGroup {
  readonly kind: Alert['kind'];
  /** Sorted. */
  readonly causes: readonly AlertCause[];
  /** Why nobody is named, where that is the cause; sorted. */
  readonly reasons: readonly Reason[];
  /** `several`, where a claim's records are of more than one; absent where none is known. */
  readonly cluster?: string;
  /** The role, user or account, as AWS numbers it; absent where the caller has none. */
  readonly principal?: string;
}

export function groupOf({ kind, causes, reasons, clusters }: Alert, caller: ClaimCaller): AlertGroup {
  const [cluster, another] = clusters;
  const { roleId, userId, accountId } = caller;
  return present<AlertGroup>({
    kind,
    causes: causes.toSorted(),
    reasons: kind === 'alert' && causes.some((cause) => rowOfCause(cause).isByReason) ? reasons.toSorted() : [],
    cluster: another === undefined ? cluster : 'several',
    principal: roleId ?? userId ?? accountId,
  });
}

/** One text for each group. */
export function groupId({ kind, causes, reasons, cluster = '', principal = '' }: AlertGroup): string {
  return JSON.stringify([kind, causes, reasons, cluster, principal]);
}

/** Each kind of notice has its own bound, so that none of them holds back another. */
export type NoticeClass = 'grave' | 'usual' | 'resolved';

export function classOf(group: AlertGroup): NoticeClass {
  if (group.kind === 'resolved') return 'resolved';
  return gravityOf(group) === GRAVE ? 'grave' : 'usual';
}

const GRAVE = 0;

/** Behind all that is not resolved. */
const LEAST_GRAVE = 100;

/** The smaller, the graver; 0 is grave. */
export function gravityOf({ kind, causes, reasons }: AlertGroup): number {
  if (kind === 'resolved') return LEAST_GRAVE;
  if (reasons.some((reason) => REASON_ROWS[reason].weight === 'grave')) return GRAVE;
  return Math.min(...causes.map((cause) => rowOfCause(cause).gravity));
}
