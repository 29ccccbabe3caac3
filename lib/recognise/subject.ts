import type { AuditEvent, AuditRequest } from '../audit/audit-event.ts';
import type { EpochMillis } from '../time.ts';

/**
 * Whom to ask about, as `callerOfQuestion` takes it (lib/usecases/query/whois-question.ts, whose `WhoisQuestion` has the
 * same fields): each question of a `caller` subject is one that it accepts.
 */
export interface CallerQuestion {
  readonly uid?: string | undefined;
  readonly username?: string | undefined;
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly principal?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly arn?: string | undefined;
}

/**
 * What the text told beside whom to ask about. A field with nothing to say is absent.
 *
 * Trust: as the text, which anybody may have written; the user agent, all source addresses but the last and the request's
 * names are the client's word even where the text is a real event. Show them escaped.
 */
export interface Circumstances {
  /** When it happened; of a finding, when it was last seen. */
  readonly at?: EpochMillis | undefined;
  /** When a finding was first seen, where that is earlier. */
  readonly since?: EpochMillis | undefined;
  /** Whether `at` is when the finding was written, since it does not say when that was which it is about. */
  readonly isWrittenLater?: true | undefined;
  readonly cluster?: string | undefined;
  readonly auditId?: string | undefined;
  /** What was asked of the API server. */
  readonly request?: AuditRequest | undefined;
  /** Whether the text says that it was in no namespace. */
  readonly isClusterWide?: true | undefined;
  /** The HTTP status that the API server answered. */
  readonly code?: number | undefined;
  /** The last is the one that the client did not write. */
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  /** The username that the caller acted as. */
  readonly impersonated?: string | undefined;
  /** The account that handed the record over, and so says that all of it is so; AWS states which it is. */
  readonly handedOverBy?: string | undefined;
  /** `eventID` of the CloudTrail record. */
  readonly eventId?: string | undefined;
  /** The AWS API that was called: `AssumeRole`. */
  readonly eventName?: string | undefined;
  /** To whom a CloudTrail record's call issued credentials: `AROA…:<session name>`, or the role's ARN. */
  readonly issuedTo?: string | undefined;
  /** By whom that call was made, by name, ARN or principal id. */
  readonly calledBy?: string | undefined;
  /** The type of the finding: `Execution:Kubernetes/ExecInKubeSystemPod`. */
  readonly finding?: string | undefined;
}

/** Whom, or what, to ask about. */
export type Subject = (
  | { readonly by: 'caller'; readonly question: CallerQuestion }
  /** A role session of which the role's id is not known: its ARN, as AWS or a cluster's default username writes it. */
  | { readonly by: 'session'; readonly arn: string; readonly role: string; readonly sessionName: string }
  /** A username of the cluster without the uid beside it. */
  | { readonly by: 'username'; readonly username: string }
  /** The ARN, the id (`AROA…`) or the name of a role: its sessions are asked for. */
  | { readonly by: 'role'; readonly role: string }
  /** An IAM user's or root user's ARN, an IAM user's id (`AIDA…`), an e-mail, a name: sessions and records are asked for. */
  | { readonly by: 'person'; readonly person: string }
  | { readonly by: 'audit-id'; readonly auditId: string }
  /** `eventID` of a CloudTrail record. */
  | { readonly by: 'event-id'; readonly eventId: string }
) & { readonly told: Circumstances };

/** An audit event that was pasted, whole: it is attributed by all that it states, and not by its caller alone. */
export interface PastedEvent {
  readonly event: AuditEvent;
  /** Where its envelope names it. */
  readonly cluster?: string | undefined;
}

/** Further subjects are counted only. */
export const MOST_SUBJECTS = 1_000;
