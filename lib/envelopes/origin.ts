import { type EventSite, type LogOrigin, NOWHERE } from '../audit/event-site.ts';
import { accountIn, type ClusterFields, clusterArn } from '../identity/cluster.ts';
import { type CountedGroup, isCounted } from './counted-group.ts';
import {
  accountOfLogGroup,
  clusterOfLogGroup,
  isAuditStream,
  isOtherControlPlaneStream,
  isTrailObject,
  isTrailStream,
  logGroupName,
  mayHaveTrail,
  regionOfLogGroup,
} from './log-group.ts';
import type { SystemFields } from './system-fields.ts';

/** The origin of a message as its envelope states it. Parts that are not stated are undefined. */
export interface StatedOrigin {
  readonly group?: string | undefined;
  readonly stream?: string | undefined;
  /** The account that owns the log group. */
  readonly owner?: string | undefined;
  /** The Region of the log group. */
  readonly region?: string | undefined;
  /** The account that handed the message over. */
  readonly handedOverBy?: string | undefined;
  /**
   * The name of a log outside of CloudWatch Logs, for example of a file, a pod or an index. It can also be the log
   * group that a collector states, if the message itself may have stated it.
   */
  readonly elsewhere?: string | undefined;
}

/**
 * Which kinds of evidence a message can be, by its origin. An application can log text that looks like evidence
 * (CONTRACT).
 */
export interface Origin {
  readonly stream: string | undefined;
  /** The name of the log, by which an operator can vouch for it. */
  readonly name?: string | undefined;
  /** The cluster to which the log group belongs, and the log group. */
  readonly site: EventSite;
  readonly mayBeAudit: boolean;
  readonly mayBeTrail: boolean;
}

/** The origin of messages without an envelope. Whoever provides them vouches for them (CONTRACT). */
export const UNSTATED_ORIGIN: Origin = { stream: undefined, site: NOWHERE, mayBeAudit: true, mayBeTrail: true };

/**
 * Returns the origin of a message. AWS's own names, and the log groups that the operator vouches for, decide what the
 * message can be.
 */
export function originOf(stated: StatedOrigin, counted: readonly CountedGroup[]): Origin {
  const { group, stream, elsewhere } = stated;
  const name = group === undefined ? undefined : logGroupName(group);
  const site = siteOf(stated, name ?? elsewhere);
  if (elsewhere !== undefined) {
    const mayBeTrail = isTrailObject(elsewhere) || isCounted(elsewhere, 'cloudtrail', counted);
    return { stream, name: elsewhere, site, mayBeAudit: isCounted(elsewhere, 'audit', counted), mayBeTrail };
  }
  return {
    stream,
    name,
    site,
    mayBeAudit: mayBeAudit(name, site.cluster, stream, counted),
    mayBeTrail: isCounted(name, 'cloudtrail', counted) || mayBeTrail(name, stream),
  };
}

/**
 * Returns the site of a log group. Its cluster's ARN is known if account and Region are known, and nothing states two
 * accounts or Regions. Without the ARN, the account may still be known.
 */
function siteOf(
  { group = '', stream, owner, region, handedOverBy }: StatedOrigin,
  name: string | undefined,
): EventSite {
  const [ofName, regionOfName] = [accountOfLogGroup(group), regionOfLogGroup(group)];
  const cluster = clusterOfLogGroup(name);
  const home = { accountId: agreed(owner, ofName), region: agreed(region, regionOfName) };
  return {
    ...clusterOf({ ...home, name: cluster }),
    origin: originFields({ logGroup: name, logStream: stream, owner: owner ?? ofName, handedOverBy }),
  };
}

/** Returns the cluster's name with its ARN, or with its account if the Region is not known. */
function clusterOf(of: Parameters<typeof clusterArn>[0]): ClusterFields {
  const arn = clusterArn(of);
  const accountId = arn === undefined ? accountIn(of.accountId) : undefined;
  return { cluster: of.name, clusterArn: arn, ...(accountId !== undefined && { accountId }) };
}

/** Returns what both state, or what one of them states. Undefined if they differ. */
function agreed(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || b === undefined || a === b ? (a ?? b) : undefined;
}

function originFields(fields: LogOrigin): LogOrigin | undefined {
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined;
}

/**
 * Returns the origin of a message whose own account and Region are stated. In a centralized log group, `owner` and the
 * Region are those of the copy. If an account hands over a message about another account's cluster, that cluster is not
 * believed.
 */
export function originOfCopied(from: Origin, { account, region }: SystemFields): Origin {
  const { cluster, origin } = from.site;
  const isForeign = origin?.handedOverBy !== undefined && origin.handedOverBy !== account;
  const home = isForeign ? {} : { accountId: account, region };
  const of = clusterOf({ accountId: undefined, region: undefined, ...home, name: cluster });
  return { ...from, site: { ...of, origin, isFirstWritten: true } };
}

/**
 * Returns the origin of messages whose envelope could not be read. They count only if the operator vouches for every
 * log group.
 */
export function unreadOrigin(counted: readonly CountedGroup[]): Origin {
  return {
    ...UNSTATED_ORIGIN,
    mayBeAudit: isCounted(undefined, 'audit', counted),
    mayBeTrail: isCounted(undefined, 'cloudtrail', counted),
  };
}

/**
 * Returns whether the stream can have audit events. Other streams of the control plane never do, because users'
 * requests write to them. That is so even in a group that the operator vouches for.
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
