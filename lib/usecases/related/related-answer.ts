import type { Actor } from '../../attribution/actor.ts';
import type { WorkloadKind } from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { AuditId } from '../../identity/audit-id.ts';

/**
 * What else belongs to a request (CONTRACT, `related`). Every record in it is evidence, by its audit id and the event ids of
 * its chain; its strings come from whoever called: show them escaped.
 */
export interface RelatedAnswer {
  readonly auditId: AuditId;
  /** Each request that bears the audit id, which is the client's to choose; the latest first. */
  readonly requests: readonly RelatedToRequest[];
  /** Requests of this audit id that are not told of; absent where there are none. */
  readonly requestsLeftOut?: number | undefined;
  /** There are still more, that were not counted. */
  readonly areMore?: true | undefined;
}

export interface RelatedToRequest {
  /** The request's own records, the latest stage first. */
  readonly stages: readonly KeptRecord[];
  readonly session?: SessionAround | undefined;
  /** Of a service account's caller. */
  readonly serviceAccount?: ServiceAccountTokens | undefined;
  /** Of a service account's caller that names its pod. */
  readonly pod?: PodOfRequest | undefined;
  /**
   * Who may be behind a service account's request besides the program, each with the reasons. Never the actor: inside a pod a
   * person and the program look alike.
   */
  readonly candidates: readonly RelatedCandidate[];
  /** What could not be told, and why: a sentence each. */
  readonly notKnown: readonly string[];
}

/**
 * The session's other requests shortly before and after: people's first, then the nearest in time. Each time that somebody
 * takes a role he gets a key, and may call the session what others do: the key tells sessions of one name apart.
 */
export interface SessionAround {
  /** As `--session` takes it; of a user without a session the name, as `--actor` does. */
  readonly name: string;
  readonly by: 'session' | 'actor';
  /** With which the request was made; absent where it names none. */
  readonly accessKeyId?: string | undefined;
  readonly from: string;
  readonly to: string;
  /** Made with that key; where the request names none, all of the name. */
  readonly requests: readonly KeptRecord[];
  readonly leftOut?: number | undefined;
  /** Of the same name with another key, or with none that is known: another session, maybe another person's. */
  readonly otherKeys?: readonly KeptRecord[] | undefined;
  readonly otherKeysLeftOut?: number | undefined;
}

export interface ServiceAccountTokens {
  /** `<namespace>:<name>` */
  readonly name: string;
  /** Tokens issued for it while the pod lived, to people first; without a pod before the request. */
  readonly tokens: readonly TokenIssue[];
  readonly leftOut?: number | undefined;
}

export interface TokenIssue {
  /** The request that issued the token. */
  readonly record: KeptRecord;
  /** Whether the request in question was made with this very token. Absent: another one, or not known. */
  readonly used?: true | undefined;
}

export interface PodOfRequest {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
  readonly namespace: string;
  readonly cluster?: string | undefined;
  /** When it was created and deleted, as far as known, or bounds of it: the reasons say which. */
  readonly from?: string | undefined;
  readonly fromReason?: string | undefined;
  readonly to?: string | undefined;
  readonly toReason?: string | undefined;
  /** What it came from, the pod itself first, as far as it can be followed: up to the Deployment as a rule. */
  readonly origin: readonly OriginLink[];
  /** Changes of what it came from, before it was created, by people; the latest first. */
  readonly changes: readonly KeptRecord[];
  /** Who exec'ed, attached, forwarded a port or put a container into it while it lived; the latest first. */
  readonly entries: readonly PodEntry[];
  readonly leftOut?: number | undefined;
}

export interface OriginLink {
  readonly kind: WorkloadKind;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  /** By the uid in the answer to its create, or by its name alone. */
  readonly foundBy: 'uid' | 'name';
  /** The request that created it; absent where only its uid, or the name of a create that was not kept, is known. */
  readonly created?: KeptRecord | undefined;
  readonly reason: string;
}

export interface PodEntry {
  readonly record: KeptRecord;
  /** It began after the request: it cannot have made it. */
  readonly afterRequest?: true | undefined;
  /** A pod of this name was created or deleted in between: it may have been an earlier, or a later one. */
  readonly mayBeOfAnother?: true | undefined;
}

export interface RelatedCandidate {
  /** Who it is; where nobody can be named, `username` says as whom the caller came. */
  readonly actor?: Actor | undefined;
  /** The caller is one of these. */
  readonly oneOf?: readonly Actor[] | undefined;
  readonly username?: string | undefined;
  readonly reasons: readonly string[];
  /** Audit ids of the requests that the reasons rest on. */
  readonly evidence: readonly AuditId[];
}
