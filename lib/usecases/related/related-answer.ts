import type { Actor } from '../../attribution/actor.ts';
import type { WorkloadKind } from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import type { ChangeRow } from '../changes/changes.ts';

/**
 * The answer to `related`: for each request with the audit ID, everything that belongs to it (CONTRACT). Each record is evidence: its audit
 * ID and the event IDs of its chain can be looked up in the logs. Callers can choose the texts, so escape them before you show them.
 */
export interface RelatedAnswer {
  readonly auditId: AuditId;
  /** The requests that have the audit ID, the latest first. The client chooses the audit ID. */
  readonly requests: readonly RelatedToRequest[];
  /** The number of requests with this audit ID that are not included. Absent if there are none. */
  readonly requestsLeftOut?: number | undefined;
  /** Present if there are still more requests with this audit ID, which were not counted. */
  readonly hasMore?: true | undefined;
}

export interface RelatedToRequest {
  /** The request's own records, the latest stage first. */
  readonly stages: readonly KeptRecord[];
  readonly session?: SessionAround | undefined;
  /** The tokens that were issued for the caller. Present if it is a service account. */
  readonly serviceAccount?: ServiceAccountTokens | undefined;
  /** The requests with the token that the request issued. Present if it issued one. */
  readonly tokenUses?: UsesOfToken | undefined;
  /** The requests of the pods that come from this request. Present if it created a pod or a workload. */
  readonly podUses?: UsesOfPods | undefined;
  /** The pod of the caller, and where it comes from. Present if the caller is a service account that names its pod. */
  readonly pod?: PodOfRequest | undefined;
  /** The changes of the request's cluster through the EKS API. Present if the request has a readable time. */
  readonly clusterChanges?: ClusterChangesAround | undefined;
  /**
   * The people who may have made a service account's request instead of the program, each with the reasons. They never become the
   * actor, because the log cannot tell a person in a pod from the program.
   */
  readonly candidates: readonly RelatedCandidate[];
  /** Sentences about what is not known, and why. */
  readonly notKnown: readonly string[];
  /** False if not all requests were searched. `notKnown` says which ones. */
  readonly complete?: false | undefined;
}

/**
 * The session's other requests shortly before and after: those of people first, then the nearest in time. Sessions with
 * one name are distinguished by their access key: whoever assumes the role can choose a name that others have, but gets
 * a new key each time.
 */
export interface SessionAround {
  /** The session as `--session` accepts it, or the name of a user without a session, as `--actor` does. */
  readonly name: string;
  readonly by: 'session' | 'actor';
  /** The access key of the request. Absent if it has none. */
  readonly accessKeyId?: string | undefined;
  readonly from: string;
  readonly to: string;
  /** Requests with that access key. If the request has none, all requests of the session name. */
  readonly requests: readonly KeptRecord[];
  readonly leftOut?: number | undefined;
  /**
   * Requests with the same session name but another access key, or none. They belong to another session, perhaps of
   * another person.
   */
  readonly otherKeys?: readonly KeptRecord[] | undefined;
  readonly otherKeysLeftOut?: number | undefined;
}

/** Changes of the request's cluster through the EKS API, an hour before and after: no audit log has them. */
export interface ClusterChangesAround {
  readonly from: string;
  readonly to: string;
  /** The nearest to the request first. */
  readonly changes: readonly ChangeRow[];
  readonly leftOut?: number | undefined;
  /** A sentence about changes that are not known. */
  readonly note?: string | undefined;
}

export interface ServiceAccountTokens {
  /** The name of the service account, `<namespace>:<name>`. */
  readonly name: string;
  /** Tokens issued for it while the pod existed, or before the request if there is no pod. Those issued to people come first. */
  readonly tokens: readonly TokenIssue[];
  readonly leftOut?: number | undefined;
}

/** The requests with the token that a request issued. */
export interface UsesOfToken {
  /** The token's service account, `<namespace>:<name>`. */
  readonly name: string;
  /** The earliest first. */
  readonly requests: readonly KeptRecord[];
  readonly leftOut?: number | undefined;
}

/** The requests with tokens of the pods that a request created, or that come from the workload that it created. */
export interface UsesOfPods {
  /** The kind of the object that the request created. */
  readonly kind: WorkloadKind;
  readonly namespace: string;
  /** The name in the request. Absent if Kubernetes generated it. */
  readonly name?: string | undefined;
  /** The earliest first. Anybody in the pod can have made them. */
  readonly requests: readonly PodUse[];
  readonly leftOut?: number | undefined;
}

export interface PodUse {
  readonly record: KeptRecord;
  /** How the pod was found: by the uid in the response to its create request, or by name only. */
  readonly foundBy: 'uid' | 'name';
}

export interface TokenIssue {
  /** The request that issued the token. */
  readonly record: KeptRecord;
  /** Present if the request used this token. Absent if it used another one, or that is not known. */
  readonly used?: true | undefined;
}

export interface PodOfRequest {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
  readonly namespace: string;
  readonly cluster?: string | undefined;
  /** When the pod was created, or the earliest possible time. `fromReason` says which, and how it is known. */
  readonly from?: string | undefined;
  readonly fromReason?: string | undefined;
  readonly to?: string | undefined;
  readonly toReason?: string | undefined;
  /** The objects that the pod comes from, as far as they are known: the pod itself first, usually the Deployment last. */
  readonly origin: readonly OriginLink[];
  /** Changes that people made to the origin before the pod was created, the latest first. */
  readonly changes: readonly KeptRecord[];
  /** Every exec, attach, port-forward and ephemeral container of the pod, the latest first. */
  readonly entries: readonly PodEntry[];
  readonly leftOut?: number | undefined;
}

export interface OriginLink {
  readonly kind: WorkloadKind;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  /** How the workload was found: by the uid in the response to its create request, or by name only. */
  readonly foundBy: 'uid' | 'name';
  /** The request that created the workload. Absent if that record is not stored. */
  readonly created?: KeptRecord | undefined;
  readonly reason: string;
}

export interface PodEntry {
  readonly record: KeptRecord;
  /** Present if the entry began after the request. Then whoever entered cannot have made the request. */
  readonly afterRequest?: true | undefined;
  /** Present if a pod with this name was created or deleted in between. Then the entry may be into another pod. */
  readonly mayBeOfAnother?: true | undefined;
}

export interface RelatedCandidate {
  /** The candidate, if it is one known actor. If the caller is unidentified, only `username` is present. */
  readonly actor?: Actor | undefined;
  /** The possible actors, if the candidate is one of several. */
  readonly oneOf?: readonly Actor[] | undefined;
  readonly username?: string | undefined;
  readonly reasons: readonly string[];
  /** The audit IDs of the requests behind the reasons. */
  readonly evidence: readonly AuditId[];
}
