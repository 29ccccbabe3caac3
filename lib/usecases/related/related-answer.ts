import type { Actor } from '../../attribution/actor.ts';
import type { WorkloadKind } from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import type { ChangeRow } from '../changes/changes.ts';

/**
 * The answer to `related`: everything that belongs to each request with the audit ID (CONTRACT). Each record is
 * evidence: its audit ID and its chain's event IDs can be looked up in the logs. Callers can choose the texts, so
 * escape them before display.
 */
export interface RelatedAnswer {
  readonly auditId: AuditId;
  /** The requests that have the audit ID, the latest first. There can be several, because clients choose audit IDs. */
  readonly requests: readonly RelatedToRequest[];
  /** The number of requests with this audit ID that are left out. Absent if there are none. */
  readonly requestsLeftOut?: number | undefined;
  /** Present if there are even more requests with this audit ID, which were not counted. */
  readonly hasMore?: true | undefined;
}

export interface RelatedToRequest {
  /** The records of the request itself, the latest stage first. */
  readonly stages: readonly KeptRecord[];
  readonly session?: SessionAround | undefined;
  /** The tokens that were issued for the caller. Present if the caller is a service account. */
  readonly serviceAccount?: ServiceAccountTokens | undefined;
  /** The requests with the token that this request issued. Present if it issued one. */
  readonly tokenUses?: UsesOfToken | undefined;
  /** The requests from pods that exist because of this request. Present if it created a pod or a workload. */
  readonly podUses?: UsesOfPods | undefined;
  /** The caller's pod and its origin. Present if the caller is a service account and states its pod. */
  readonly pod?: PodOfRequest | undefined;
  /** The changes of the request's cluster through the EKS API. Present if the request has a readable time. */
  readonly clusterChanges?: ClusterChangesAround | undefined;
  /**
   * The people who may have made a service account's request instead of its program, each with reasons. They never
   * count as the actor, because the log cannot distinguish a person in a pod from the program.
   */
  readonly candidates: readonly RelatedCandidate[];
  /** Sentences that say what is not known, and why. */
  readonly notKnown: readonly string[];
  /** False if not all requests were searched. `notKnown` says which were not. */
  readonly complete?: false | undefined;
}

/**
 * The session's other requests shortly before and after. Those of people come first, then the nearest in time. Whoever
 * assumes a role can choose a session name that others have, but gets a new access key each time. So the access key
 * tells sessions of one name apart.
 */
export interface SessionAround {
  /** The session as `--session` accepts it. For a user without a session, the name as `--actor` accepts it. */
  readonly name: string;
  readonly by: 'session' | 'actor';
  /** The access key of the request. Absent if the request states none. */
  readonly accessKeyId?: string | undefined;
  readonly from: string;
  readonly to: string;
  /** The requests with that access key. If there is no key, all requests with that session name. */
  readonly requests: readonly KeptRecord[];
  readonly leftOut?: number | undefined;
  /**
   * The requests with the same session name, but with another access key or none. They belong to another session,
   * perhaps of another person.
   */
  readonly otherKeys?: readonly KeptRecord[] | undefined;
  readonly otherKeysLeftOut?: number | undefined;
}

/** The changes of the request's cluster through the EKS API, in the hour before and after. No audit log has them. */
export interface ClusterChangesAround {
  readonly from: string;
  readonly to: string;
  /** The changes, the nearest to the request first. */
  readonly changes: readonly ChangeRow[];
  readonly leftOut?: number | undefined;
  /** A sentence about changes that may be missing. */
  readonly note?: string | undefined;
}

export interface ServiceAccountTokens {
  /** The name of the service account, `<namespace>:<name>`. */
  readonly name: string;
  /**
   * The tokens that were issued for it while the pod existed, those for people first. Without a pod, these are the
   * tokens issued before the request.
   */
  readonly tokens: readonly TokenIssue[];
  readonly leftOut?: number | undefined;
}

/** The requests with the token that another request issued. */
export interface UsesOfToken {
  /** The token's service account, `<namespace>:<name>`. */
  readonly name: string;
  /** The requests, the earliest first. */
  readonly requests: readonly KeptRecord[];
  readonly leftOut?: number | undefined;
}

/** The requests with tokens of pods that one request created, directly or through a workload. */
export interface UsesOfPods {
  /** The kind of the object that the request created. */
  readonly kind: WorkloadKind;
  readonly namespace: string;
  /** The name in the request. Absent if Kubernetes generated it. */
  readonly name?: string | undefined;
  /** The requests, the earliest first. Anybody in the pod can have made them. */
  readonly requests: readonly PodUse[];
  readonly leftOut?: number | undefined;
}

export interface PodUse {
  readonly record: KeptRecord;
  /** How the pod was found: by the uid in the response to its create request, or only by its name. */
  readonly foundBy: 'uid' | 'name';
}

export interface TokenIssue {
  /** The request that issued the token. */
  readonly record: KeptRecord;
  /** Present if the request used this token. Absent if it used another token, or if that is not known. */
  readonly used?: true | undefined;
}

export interface PodOfRequest {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
  readonly namespace: string;
  readonly cluster?: string | undefined;
  /**
   * The time at which the pod was created, or else the earliest possible time. `fromReason` says which of the two, and
   * how it is known.
   */
  readonly from?: string | undefined;
  readonly fromReason?: string | undefined;
  readonly to?: string | undefined;
  readonly toReason?: string | undefined;
  /**
   * The objects that the pod comes from, as far as they are known. The pod is first. The last one is usually a
   * Deployment.
   */
  readonly origin: readonly OriginLink[];
  /** Changes that people made to the origin before the pod was created, the latest first. */
  readonly changes: readonly KeptRecord[];
  /** Every exec, attach, port-forward and ephemeral container in the pod, the latest first. */
  readonly entries: readonly PodEntry[];
  readonly leftOut?: number | undefined;
}

export interface OriginLink {
  readonly kind: WorkloadKind;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  /** How the workload was found: by the uid in the response to its create request, or only by its name. */
  readonly foundBy: 'uid' | 'name';
  /** The request that created the workload. Absent if that record is not stored. */
  readonly created?: KeptRecord | undefined;
  readonly reason: string;
}

export interface PodEntry {
  readonly record: KeptRecord;
  /** Present if the entry began after the request. Whoever entered then cannot have made the request. */
  readonly afterRequest?: true | undefined;
  /**
   * Present if a pod of this name was created or deleted between the entry and the request. The entry may then be into
   * another pod.
   */
  readonly mayBeOfAnother?: true | undefined;
}

export interface RelatedCandidate {
  /** The candidate, if that is one known actor. If the caller is unidentified, only `username` is present. */
  readonly actor?: Actor | undefined;
  /** The possible actors, if the candidate is one of several. */
  readonly oneOf?: readonly Actor[] | undefined;
  readonly username?: string | undefined;
  readonly reasons: readonly string[];
  /** The audit IDs of the requests on which the reasons rest. */
  readonly evidence: readonly AuditId[];
}
