import { REASON_ROWS, type Reason } from '../attribution/reasons.ts';
import { present } from '../json.ts';
import type { Alert } from './alert.ts';
import { type AlertCause, rowOfCause } from './alert-cause.ts';
import type { ClaimCaller } from './claim.ts';

/**
 * Alerts that a person would see as one problem. No text that a caller chose is part of the group. Otherwise each
 * session with a new name would be a group of its own.
 */
export interface AlertGroup {
  readonly kind: Alert['kind'];
  /** The causes of the alert, sorted. */
  readonly causes: readonly AlertCause[];
  /** The reasons why nobody is named, if that is the cause; sorted. */
  readonly reasons: readonly Reason[];
  /** The cluster of the records, or `several`. Absent if no cluster is known. */
  readonly cluster?: string;
  /** The ID that AWS assigned to the role, user or account. Absent if the caller has none. */
  readonly principal?: string;
  /**
   * The accounts that sent the records. They are part of the group, so that no account can put an alert into the group
   * of another.
   */
  readonly senders: readonly string[];
  /**
   * The digests of the events' places. Present only with the cause `conflicting-copies`. All copies of an event are one
   * problem, whoever they name. So such a group has no principal.
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

/** Returns a text for the group. Equal groups have equal texts. */
export function groupId({ kind, causes, reasons, cluster = '', principal = '', senders, places }: AlertGroup): string {
  return JSON.stringify([kind, causes, reasons, cluster, principal, places ?? senders]);
}

/** The class of a message. Each class has its own limit for each hour, so that one class does not delay another. */
export type NoticeClass = 'grave' | 'usual' | 'resolved';

/** Returns the class of a group's messages. */
export function classOf(group: AlertGroup): NoticeClass {
  if (group.kind === 'resolved') return 'resolved';
  return gravityOf(group) === GRAVE ? 'grave' : 'usual';
}

const GRAVE = 0;

/** The gravity of a message that resolves an alert. Such messages come after all others. */
const LEAST_GRAVE = 100;

/** Returns how grave a group is. A smaller number is graver, and 0 is grave. */
export function gravityOf({ kind, causes, reasons }: AlertGroup): number {
  if (kind === 'resolved') return LEAST_GRAVE;
  if (reasons.some((reason) => REASON_ROWS[reason].weight === 'grave')) return GRAVE;
  return Math.min(...causes.map((cause) => rowOfCause(cause).gravity));
}
