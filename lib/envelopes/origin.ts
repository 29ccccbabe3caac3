import { type CountedGroup, isCounted } from './counted-group.ts';
import {
  clusterOfLogGroup,
  isAuditStream,
  isOtherControlPlaneStream,
  isTrailStream,
  logGroupName,
  mayHaveTrail,
} from './log-group.ts';

/** Where an envelope says that a message comes from, as it writes it; undefined where it says nothing of it. */
export interface SaidOrigin {
  readonly group?: string | undefined;
  readonly stream?: string | undefined;
}

/** What a log message may be, by where it comes from: an application can log what looks like evidence (CONTRACT). */
export interface Origin {
  readonly stream: string | undefined;
  /** The cluster whose own log group it is. */
  readonly cluster: string | undefined;
  readonly mayBeAudit: boolean;
  readonly mayBeTrail: boolean;
}

/** Of messages that no envelope says anything of: the person who gives them vouches for them (CONTRACT). */
export const UNSAID: Origin = { stream: undefined, cluster: undefined, mayBeAudit: true, mayBeTrail: true };

/** What a message from there may be, by AWS's own names and the groups that somebody vouches for. */
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

/** Of messages whose envelope says where they come from, and nobody has read it: who vouches for any vouches for them. */
export function unreadOrigin(counted: readonly CountedGroup[]): Origin {
  return {
    ...UNSAID,
    mayBeAudit: isCounted(undefined, 'audit', counted),
    mayBeTrail: isCounted(undefined, 'cloudtrail', counted),
  };
}

/** The control plane's other streams hold no audit events, whoever vouches for their group: its users write to them. */
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
