import type { AuditId } from '../identity/audit-id.ts';
import type { EpochMillis } from '../time.ts';
import type { Caller, ImpersonatedUser } from './caller.ts';

/**
 * One `audit.k8s.io` Event at one stage, reduced to what is stored. Of request and response bodies nothing
 * is read but what `created` has.
 *
 * Trust: `auditId` may be the client's (`Audit-ID` header, kubernetes#101597), `userAgent` and all but the last of
 * `sourceIps` are the client's word; `time` is the API server's.
 * Source: k8s.io/apiserver/pkg/apis/audit/v1, type Event.
 */
export interface AuditEvent {
  readonly auditId: AuditId;
  readonly stage?: string | undefined;
  /** `requestReceivedTimestamp` as written. */
  readonly time?: string | undefined;
  /** The same, read; undefined where it is missing or unreadable. */
  readonly at?: EpochMillis | undefined;
  readonly request: AuditRequest;
  readonly responseCode?: number | undefined;
  readonly authorization?: Authorization | undefined;
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly caller: Caller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** `JTI=<uuid>` of the service account token that the request issued. */
  readonly issuedCredentialId?: string | undefined;
  /** Of the response body of a create: the object's uid, and whose it says to be. */
  readonly created?: CreatedIds | undefined;
}

/**
 * What was asked of the API server. Trust: the server parsed it; names are what the client asked for, be there such an object
 * or not. Source: `verb`, `requestURI` and `objectRef` of the Event.
 */
export interface AuditRequest {
  readonly verb?: string | undefined;
  readonly uri?: string | undefined;
  /** `""` is the core group; absent for requests that name no resource. */
  readonly apiGroup?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** What the API server's authorizer decided, and why. Source: annotations `authorization.k8s.io/*`. */
export interface Authorization {
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
}

/** An entry of `metadata.ownerReferences`. Trust: whoever made the create wrote it; the server does not check it. */
export interface ObjectOwner {
  readonly uid: string;
  readonly kind: string;
  readonly name: string;
}

/** All that is ever read of a response body. `uid` is the server's. */
export interface CreatedIds {
  readonly uid: string;
  readonly owners: readonly ObjectOwner[];
}
