import { type CountedGroup, isCounted } from './counted-group.ts';
import {
  clusterOfLogGroup,
  isAuditStream,
  isOtherControlPlaneStream,
  isTrailStream,
  logGroupName,
  mayHaveTrail,
} from './log-group.ts';

/** The origin that an envelope states for a message, as written; undefined parts are not stated. */
export interface SaidOrigin {
  readonly group?: string | undefined;
  readonly stream?: string | undefined;
}

/**
 * The kinds of evidence that a message may be, by its origin. An application can log text that looks like evidence
 * (CONTRACT).
 */
export interface Origin {
  readonly stream: string | undefined;
  /** The cluster to which the log group belongs. */
  readonly cluster: string | undefined;
  readonly mayBeAudit: boolean;
  readonly mayBeTrail: boolean;
}

/** Origin of messages without an envelope. Whoever provides them vouches for them (CONTRACT). */
export const UNSAID: Origin = { stream: undefined, cluster: undefined, mayBeAudit: true, mayBeTrail: true };

/** Returns what a message from there may be, by AWS's own names and the log groups that the operator vouches for. */
export function originOf({ group, stream }: SaidOrigin, counted: readonly CountedGroup[]): Origin {
  const name = group === undefined ? undefined : logGroupName(group);
  const cluster = clusterOfLogGroup(name);
  return {
    stream,
    cluster,
    mayBeAudit: mayBeAudit(name, cluster, stream, counted),
    mayBeTrail: isCounted(name, 'cloudtrail', counted) || mayBeTrail(name, stream),
  };
}

/**
 * Returns the origin of messages whose envelope could not be read. They count only if the operator vouches for any log
 * group.
 */
export function unreadOrigin(counted: readonly CountedGroup[]): Origin {
  return {
    ...UNSAID,
    mayBeAudit: isCounted(undefined, 'audit', counted),
    mayBeTrail: isCounted(undefined, 'cloudtrail', counted),
  };
}

/**
 * Returns whether the stream may hold audit events. The control plane's other streams never do, even in a group that is
 * vouched for, because users' requests write to them.
 */
function mayBeAudit(
  name: string | undefined,
  cluster: string | undefined,
  stream: string | undefined,
  counted: readonly CountedGroup[],
): boolean {
  const isControlPlane = name === undefined || cluster !== undefined;
  if (isControlPlane && (stream === undefined || isAuditStream(stream))) return true;
  if (isControlPlane && isOtherControlPlaneStream(stream ?? '')) return false;
  return isCounted(name, 'audit', counted);
}

function mayBeTrail(name: string | undefined, stream: string | undefined): boolean {
  return (name === undefined || mayHaveTrail(name)) && (stream === undefined || isTrailStream(stream));
}
