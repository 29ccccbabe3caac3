import type { AuditId } from '../identity/audit-id.ts';
import type { EpochMillis } from '../time.ts';
import type { RequestAction } from './action.ts';
import type { Caller, ImpersonatedUser } from './caller.ts';

/**
 * One `audit.k8s.io` Event at one stage, reduced to the parts that are stored. Of request and response bodies, only
 * what `action` and `created` have is read. Trust: a client can choose `auditId` (`Audit-ID` header,
 * kubernetes#101597). It chooses `userAgent`, and all `sourceIps` but the last. `time` is the API server's. Source:
 * k8s.io/apiserver/pkg/apis/audit/v1, type Event.
 */
export interface AuditEvent {
  readonly auditId: AuditId;
  readonly stage?: string | undefined;
  /** `requestReceivedTimestamp` as the event has it. */
  readonly time?: string | undefined;
  /** The parsed `time`. Undefined if it is missing or cannot be parsed. */
  readonly at?: EpochMillis | undefined;
  readonly request: AuditRequest;
  readonly action?: RequestAction | undefined;
  readonly responseCode?: number | undefined;
  readonly authorization?: Authorization | undefined;
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly caller: Caller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** `JTI=<uuid>` of the service account token that the request issued. */
  readonly issuedCredentialId?: string | undefined;
  /** The uid and the owners of the created object, from the response to a create. */
  readonly created?: CreatedIds | undefined;
}

/**
 * The request to the API server. Trust: the server parsed it, but the client chose the names, even those of objects
 * that do not exist. Source: `verb`, `requestURI` and `objectRef` of the Event.
 */
export interface AuditRequest {
  readonly verb?: string | undefined;
  /** The URI of the request. Secrets in the command of an exec are masked. */
  readonly uri?: string | undefined;
  /** The API group. `""` is the core group. Absent if the request names no resource. */
  readonly apiGroup?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The decision of the API server's authorizer, with its reason. Source: annotations `authorization.k8s.io/*`. */
export interface Authorization {
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * An entry of `metadata.ownerReferences`. Trust: whoever created the object wrote it, and the server does not check it.
 */
export interface ObjectOwner {
  readonly uid: string;
  readonly kind: string;
  readonly name: string;
}

/** The only parts of the response to a create that are read. Trust: the server states `uid`. */
export interface CreatedIds {
  readonly uid: string;
  readonly owners: readonly ObjectOwner[];
}
