import { REASON_ROWS, type Reason } from '../attribution/reasons.ts';
import { present } from '../json.ts';
import type { Alert } from './alert.ts';
import { type AlertCause, rowOfCause } from './alert-cause.ts';
import type { ClaimCaller } from './claim.ts';

/**
 * A group of alerts that a person would call the same problem. It has no text that a caller chose: otherwise each
 * session with a new name would be a group of its own.
 */
export interface AlertGroup {
  readonly kind: Alert['kind'];
  /** The causes of the alert, sorted. */
  readonly causes: readonly AlertCause[];
  /** The reasons why nobody is named, if that is the cause; sorted. */
  readonly reasons: readonly Reason[];
  /** `several` if a claim's records are from several clusters; absent if no cluster is known. */
  readonly cluster?: string;
  /** The ID of the role, user or account, as AWS assigns it; absent if the caller has none. */
  readonly principal?: string;
  /** The accounts that sent the records. So no account can send an alert in the group of another one. */
  readonly senders: readonly string[];
  /**
   * Only with `conflicting-copies`: digests of the events' places. All copies of an event are one problem, whoever they
   * name, so such a group has no principal.
   */
  readonly places?: readonly string[];
}

/** Returns the group of an alert. */
export function groupOf({ kind, causes, reasons, clusters, summary }: Alert, caller: ClaimCaller): AlertGroup {
  const [cluster, another] = clusters;
  const places = causes.includes('conflicting-copies') ? summary.conflictPlaces : undefined;
  const { roleId, userId, accountId } = caller;
  return present<AlertGroup>({
    kind,
    causes: causes.toSorted(),
    reasons: kind === 'alert' && causes.some((cause) => rowOfCause(cause).isByReason) ? reasons.toSorted() : [],
    cluster: another === undefined ? cluster : 'several',
    senders: summary.senders,
    principal: places === undefined ? (roleId ?? userId ?? accountId) : undefined,
    places,
  });
}

/** Returns a text that is equal for equal groups. */
export function groupId({ kind, causes, reasons, cluster = '', principal = '', senders, places }: AlertGroup): string {
  return JSON.stringify([kind, causes, reasons, cluster, principal, places ?? senders]);
}

/** The class of a message. Each class has its own limit per hour, so that none delays another. */
export type NoticeClass = 'grave' | 'usual' | 'resolved';

/** Returns the class of a group's messages. */
export function classOf(group: AlertGroup): NoticeClass {
  if (group.kind === 'resolved') return 'resolved';
  return gravityOf(group) === GRAVE ? 'grave' : 'usual';
}

const GRAVE = 0;

/** The gravity of resolutions: after all other groups. */
const LEAST_GRAVE = 100;

/** Returns the gravity of a group. The smaller, the graver; 0 is grave. */
export function gravityOf({ kind, causes, reasons }: AlertGroup): number {
  if (kind === 'resolved') return LEAST_GRAVE;
  if (reasons.some((reason) => REASON_ROWS[reason].weight === 'grave')) return GRAVE;
  return Math.min(...causes.map((cause) => rowOfCause(cause).gravity));
}
