import type { Actor } from '../../attribution/actor.ts';
import { actorName, labelsApart } from '../../attribution/actor-names.ts';
import type { Attribution, ChainLink, ShowingUse, UseLink } from '../../attribution/attribution.ts';
import type { DigestReport } from '../../cloudtrail/digest-check.ts';
import type { Activity, Callers, SessionUse } from '../activity/activity.ts';
import type { FirstUses } from '../activity/first-uses.ts';
import type { SourceUse } from '../activity/sources.ts';
import type { ChangeRow } from '../changes/changes.ts';
import type { RequestDetails } from '../query/anything/request-details.ts';

/**
 * The report on one incident, for a ticket (docs/incident.md). Callers chose its texts, so escape them before display.
 * Times are RFC 3339 in UTC. Times of audit events are as the event has them.
 */
export interface IncidentReport {
  /** The form in which the pasted text was recognized, its subject, and notes. */
  readonly recognized: { readonly as: string; readonly subject: string; readonly notes: readonly string[] };
  /** The request, as far as the text or its record states it. */
  readonly request?: RequestDetails | undefined;
  /** The time range of the report. Absent if nothing is known about the subject and the text states no time. */
  readonly window?: { readonly from: string; readonly to: string } | undefined;
  /** The actor. Absent if there are several candidates, or none is known. */
  readonly who?: Actor | undefined;
  /** One section for the actor, or for each candidate or unidentified session. */
  readonly sections: readonly Section[];
  /** The number of candidates without a section. */
  readonly sectionsLeft: number;
  /** Sentences about what was not found. */
  readonly unknown: readonly string[];
  /**
   * One entry for each role that the people of the sections used in the time range. The role of the incident comes
   * first, then the most used ones. Absent without an audit log, because no requests are known then.
   */
  readonly others?: readonly OthersOnRole[] | undefined;
  /** The number of further roles whose other users were not searched. Absent like `others`. */
  readonly othersLeft?: number | undefined;
  /**
   * Requests of other callers from source IPs of people in the sections, one entry for each source IP. They need not be
   * the same people, because many callers can share an address. Absent like `others`.
   */
  readonly sameIps?: readonly CallersOfIp[] | undefined;
  /** The number of further source IPs whose other callers were not searched. Absent like `others`. */
  readonly sameIpsLeft?: number | undefined;
  /** Requests in the time range that have no single known actor. Absent like `others`. */
  readonly unnamed?: Callers | undefined;
  /**
   * Calls of the EKS API that changed access to a cluster or its logs in the time range. The earliest comes first.
   * Absent if
   * they are not known. `clusterChangesNote` then says why.
   */
  readonly clusterChanges?: readonly ReportedChange[] | undefined;
  readonly clusterChangesLeft?: number | undefined;
  /** A sentence about changes that may be missing. */
  readonly clusterChangesNote?: string | undefined;
  readonly next: readonly Step[];
  /** The result of checking CloudTrail's digest files. Absent if there were no such files. */
  readonly digests?: DigestReport | undefined;
}

/** A change of a cluster through the EKS API. */
export interface ReportedChange extends ChangeRow {
  /** The name of the section whose actor or access key made the call. Absent if no section's did. */
  readonly by?: string | undefined;
}

/** What a section is about: the actor, a candidate, an unidentified session, or the cluster itself. */
export type Standing = 'actor' | 'candidate' | 'session' | 'system';

export interface Section {
  readonly standing: Standing;
  readonly actor?: Actor | undefined;
  /** `AROA…:<name>` or an access key ID. Present if the actor is unknown. */
  readonly session?: string | undefined;
  /** The access key in the request that was attributed. Absent if the request states none. */
  readonly accessKeyId?: string | undefined;
  readonly attribution: Attribution;
  /** The chain from the actor to the session that the cluster saw. */
  readonly chain: readonly ChainLink[];
  /** The use of the access key that identifies the actor. Absent if other evidence does. */
  readonly use?: UseLink | undefined;
  /** The uses that prove something that no grant of the chain proves. */
  readonly uses?: readonly ShowingUse[] | undefined;
  /** The role that the cluster saw, as an ARN or ID. */
  readonly role?: string | undefined;
  /**
   * The cluster and the source IP of an anonymous caller that was let in (flag `anonymous-access`). Absent for all
   * other callers.
   */
  readonly anonymous?: AnonymousSource | undefined;
  /** The service account that made the request itself. The log does not show who acted through it. */
  readonly workload?: WorkloadIdentity | undefined;
  /**
   * The pods that the tokens of the section's requests state, the one with the most requests first. Absent if there are
   * none.
   */
  readonly pods?: readonly PodUse[] | undefined;
  /** The node whose credentials were used. Somebody else than the node may have used them. */
  readonly node?: NodeIdentity | undefined;
  /**
   * The source IPs of all requests with the node's key or in the instance's session. Absent if there are fewer than
   * two.
   */
  readonly sources?: readonly SourceUse[] | undefined;
  /** The number of requests from further source IPs. Absent if there are none. */
  readonly sourcesLeft?: number | undefined;
  /** False if not everything was searched for the attribution. */
  readonly complete?: false;
  /** The sessions in the time range, the latest first. */
  readonly sessions: readonly SessionUse[];
  readonly sessionsLeft: number;
  /** A sentence about sessions that were not searched. */
  readonly sessionsNote?: string | undefined;
  /** The requests of the person or session in the time range. Absent if there is no audit log. */
  readonly activity?: Activity | undefined;
  /** The values that the person used for the first time. Absent without an audit log, or if no person is known. */
  readonly firstUses?: FirstUses | undefined;
}

/** Returns a name for the actor or session of each section. Different actors get different names. */
export function namesOfSections(sections: readonly Pick<Section, 'actor' | 'session'>[]): readonly string[] {
  const named = sections.map(({ actor, session = '(no name)' }) =>
    actor === undefined ? { id: session, name: session } : { id: actor.id, name: actorName(actor) },
  );
  return labelsApart(named, ({ name }) => name);
}

/** The node to which a caller's credentials belong. */
export interface NodeIdentity {
  /** The name after `system:node:`. */
  readonly name: string;
  /** The ID of the EC2 instance, if the session name has that form. */
  readonly instance?: string | undefined;
}

/** A service account in a cluster. A service account of the same name in another cluster is a different one. */
export interface WorkloadIdentity {
  readonly username: string;
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster?: string | undefined;
}

/** The requests with the token of one pod. */
export interface PodUse {
  readonly cluster?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
  readonly requests: number;
  /** The audit ID of one of the requests. */
  readonly auditId?: string | undefined;
}

/**
 * Where an anonymous caller was let in: the cluster, and the caller's source IP. Nothing else is known about the
 * caller.
 */
export interface AnonymousSource {
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster?: string | undefined;
  /** The source IP that the API server added. The client cannot write it. */
  readonly ip?: string | undefined;
  /** The request's `authorization.reason`. It names the binding that let the caller in. */
  readonly reason?: string | undefined;
}

/** Other callers who used a role in the time range. */
export interface OthersOnRole extends Callers {
  readonly role: string;
}

/** Other callers from a source IP that people of the report used. */
export interface CallersOfIp extends Callers {
  readonly ip: string;
  /**
   * Whether so many callers came from the source IP that it is probably shared, for example by a VPN.
   */
  readonly isShared: boolean;
  /** The requests of these callers. Absent if the source IP is shared. */
  readonly activity?: Activity | undefined;
}

/** A next step: what to end or undo, and how. */
export interface Step {
  readonly title: string;
  /** A shell command. Capital letters stand for values that only the reader knows. */
  readonly command?: string | undefined;
  readonly effect: string;
  /** What the step does not end, and who else is affected. */
  readonly caution: string;
  readonly source: string;
}
