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
 * The report on one incident, for a ticket (docs/incident.md). The callers chose its texts: show them escaped. Times are RFC 3339
 * in UTC; times of audit events are as written.
 */
export interface IncidentReport {
  /** The form of the pasted text, its subject, and notes. */
  readonly recognized: { readonly as: string; readonly subject: string; readonly notes: readonly string[] };
  /** The request, as far as the text or its record states it. */
  readonly request?: RequestDetails | undefined;
  /** The time range of the report. Absent if nothing is known about the subject and no time is stated. */
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
   * One entry for each role that the people of the sections used in the time range: the incident's role first, then the most used.
   * Absent without an audit log, because then no requests are known.
   */
  readonly others?: readonly OthersOnRole[] | undefined;
  /** The number of further roles whose other users were not checked. Absent like `others`. */
  readonly othersLeft?: number | undefined;
  /**
   * Requests of other callers from the source IPs of the people of the sections, one entry for each such source IP. Nobody is known to
   * be the same person: many callers can share an address. Absent like `others`.
   */
  readonly sameIps?: readonly CallersOfIp[] | undefined;
  /** The number of further source IPs whose other callers were not checked. Absent like `others`. */
  readonly sameIpsLeft?: number | undefined;
  /** Requests of the time range without a single known actor. Absent like `others`. */
  readonly unnamed?: Callers | undefined;
  /**
   * Calls of the EKS API in the time range that changed access to a cluster, or its logs, the earliest first. Absent if they are not
   * known; `clusterChangesNote` then says why.
   */
  readonly clusterChanges?: readonly ReportedChange[] | undefined;
  readonly clusterChangesLeft?: number | undefined;
  /** A sentence about changes that are not known. */
  readonly clusterChangesNote?: string | undefined;
  readonly next: readonly Step[];
  /** The result of checking CloudTrail's digest files. Absent if there were none. */
  readonly digests?: DigestReport | undefined;
}

/** A change of a cluster through the EKS API. */
export interface ReportedChange extends ChangeRow {
  /** The name of the section whose actor, or whose access key, made the call. Absent if it was none of them. */
  readonly by?: string | undefined;
}

/** The role of a section in the incident: actor, candidate, unidentified session, or the cluster itself. */
export type Standing = 'actor' | 'candidate' | 'session' | 'system';

export interface Section {
  readonly standing: Standing;
  readonly actor?: Actor | undefined;
  /** `AROA…:<name>` or an access key ID, if the actor is unknown. */
  readonly session?: string | undefined;
  /** The access key of the request that the attribution is about, if it states one. */
  readonly accessKeyId?: string | undefined;
  readonly attribution: Attribution;
  /** The chain from the actor to the session that the cluster saw. */
  readonly chain: readonly ChainLink[];
  /** The use of the access key that identifies the actor, if that is the evidence. */
  readonly use?: UseLink | undefined;
  /** The uses that show something that no grant of the chain shows. */
  readonly uses?: readonly ShowingUse[] | undefined;
  /** The role that the cluster saw, as an ARN or ID. */
  readonly role?: string | undefined;
  /** The cluster and the source IP of an anonymous caller that was let in (flag `anonymous-access`). Absent for any other. */
  readonly anonymous?: AnonymousSource | undefined;
  /** The service account of a workload, if it made the request itself. The log does not show who acted through it. */
  readonly workload?: WorkloadIdentity | undefined;
  /** The pods that the tokens of the section's requests state, the one with the most requests first. Absent if there are none. */
  readonly pods?: readonly PodUse[] | undefined;
  /** The node, if the credentials are a node's. It does not follow that the node used them. */
  readonly node?: NodeIdentity | undefined;
  /** The source IPs of all requests with a node's key, or an instance's session. Absent if there are fewer than two. */
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
  /** The values that the person used for the first time. Absent if there is no audit log, or no person is known. */
  readonly firstUses?: FirstUses | undefined;
}

/** Returns the name of each section's actor or session. Names of different actors differ. */
export function namesOfSections(sections: readonly Pick<Section, 'actor' | 'session'>[]): readonly string[] {
  const named = sections.map(({ actor, session = '(no name)' }) =>
    actor === undefined ? { id: session, name: session } : { id: actor.id, name: actorName(actor) },
  );
  return labelsApart(named, ({ name }) => name);
}

/** The node whose credentials a caller has. */
export interface NodeIdentity {
  /** The name after `system:node:`. */
  readonly name: string;
  /** The ID of the EC2 instance, if the session has such a name. */
  readonly instance?: string | undefined;
}

/** A service account in a cluster: another cluster's service account of the same name is another one. */
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

/** The cluster that let an anonymous caller in, and the source IP. Nothing else is known about the caller. */
export interface AnonymousSource {
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster?: string | undefined;
  /** The source IP that the client did not write. */
  readonly ip?: string | undefined;
  /** `authorization.reason` of the request: it names the binding. */
  readonly reason?: string | undefined;
}

/** Others who used a role in the time range. */
export interface OthersOnRole extends Callers {
  readonly role: string;
}

/** Other callers from a source IP of the people of the report. */
export interface CallersOfIp extends Callers {
  readonly ip: string;
  /** Whether so many callers came from there that it is probably shared, for example by a NAT gateway or a VPN. */
  readonly isShared: boolean;
  /** The requests of these callers. Absent if the address is shared. */
  readonly activity?: Activity | undefined;
}

/** A next step: which session or access to end, and how. */
export interface Step {
  readonly title: string;
  /** A shell command. Values that only the reader knows are in capital letters. */
  readonly command?: string | undefined;
  readonly effect: string;
  /** The caution: what the step does not end, and who else is affected. */
  readonly caution: string;
  readonly source: string;
}
