import type { RequestAction } from '../audit/action.ts';
import type { AuditEvent, AuditRequest } from '../audit/audit-event.ts';
import type { EventSite } from '../audit/event-site.ts';
import type { Denial } from '../cloudtrail/denial.ts';
import type { EpochMillis } from '../time.ts';

/**
 * A caller to look up, as `callerOfQuestion` takes it (lib/usecases/query/whois-question.ts, whose `WhoisQuestion` has the
 * same fields). It accepts every question of a `caller` subject.
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

/** How long before its error line a refused request was made, in milliseconds: kubectl writes the line as soon as it has the response. */
export const WRITTEN_WITHIN = 10_000;

/** A time of day in UTC, whose date is not stated. */
export interface ClockTime {
  /** The time of day, in milliseconds since midnight. */
  readonly ofDay: number;
  /** `03-10`, if only the year is not stated. */
  readonly monthAndDay?: string | undefined;
  /** Whether it is stated without seconds: the request was made in the minutes around it. */
  readonly isRough?: true | undefined;
  /** How many milliseconds after it the request can have been made, if the text states a range. */
  readonly lasts?: number | undefined;
}

/**
 * The circumstances that a text states besides the subject. A field without a value is absent.
 *
 * Trust: anybody may have written the text. Even in a real event the client writes the user agent, all source IPs but
 * the last, and the names in the request. Show them escaped.
 */
export interface Circumstances {
  /** The time of the request. For a finding: when it was last seen. */
  readonly at?: EpochMillis | undefined;
  /** The time at which a finding was first seen, if that is earlier. Without `at`, the request was made at any time after it. */
  readonly since?: EpochMillis | undefined;
  /** Whether `at` is only the time at which a finding was written: the finding does not state the time of the request. */
  readonly isWrittenLater?: true | undefined;
  /** Whether `at` or `clock` is the time at which an error line was written. The request was made at most `WRITTEN_WITHIN` before. */
  readonly isWrittenAtOnce?: true | undefined;
  /**
   * Whether `at` is the time of a row with the fields of an audit event. The request was made just before, unless it
   * took long.
   */
  readonly isLogged?: true | undefined;
  /** Whether the text states a login: the credentials of a request were accepted. It does not state the request. */
  readonly isLogin?: true | undefined;
  /** The time of day, if the text does not state the whole date. Then `at` is absent. */
  readonly clock?: ClockTime | undefined;
  /** The times in the text that were not used, because it is not clear which one is meant, or when that is: `1:32 PM`. */
  readonly unusedTimes?: readonly string[] | undefined;
  readonly cluster?: string | undefined;
  readonly clusterArn?: string | undefined;
  readonly auditId?: string | undefined;
  /** The request to the API server. */
  readonly request?: AuditRequest | undefined;
  /** The action of the request beyond its verb and object. */
  readonly action?: RequestAction | undefined;
  /**
   * Whether the text states a process that started in a pod, and no request. `request` names the pod, and `action` has the command
   * line. The process was started by exec, or by something in the pod.
   */
  readonly isProcessStart?: true | undefined;
  /** Whether the text states the program of the process without its arguments. */
  readonly isWithoutArguments?: true | undefined;
  /** The path of its program, beside the name in `action`. */
  readonly executable?: string | undefined;
  /** The parent of the process, if the parent runs in the container too. Then no exec started the process directly. */
  readonly startedBy?: string | undefined;
  /** Whether `request` names a workload, such as a Deployment, in place of a pod. Then each of its pods can be the one. */
  readonly isOfWorkload?: true | undefined;
  /** Names in the text. Each can be that of a person, a session, a role, an object or a namespace. */
  readonly names?: readonly string[] | undefined;
  /** Whether only some words of the text were read. */
  readonly isPartlyRead?: true | undefined;
  /** Whether the text says that the request was cluster-wide. */
  readonly isClusterWide?: true | undefined;
  /** The HTTP response code of the API server. */
  readonly code?: number | undefined;
  /** The source IPs. The client can write all of them but the last. */
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  /** `JTI=<id>` of the token that authenticated the request. */
  readonly credentialId?: string | undefined;
  /** The tokens that authenticated the requests, by whoever requested them. */
  readonly tokenOf?: RequestedToken | undefined;
  /** The username that the caller impersonated. */
  readonly impersonated?: string | undefined;
  /**
   * The account that reported the record. AWS states which account it is. Everything in the record is that account's
   * word.
   */
  readonly handedOverBy?: string | undefined;
  /** `eventID` of the CloudTrail record. */
  readonly eventId?: string | undefined;
  /** The call that AWS refused, if the text is the message of that error. */
  readonly denial?: Denial | undefined;
  /** The AWS API that was called: `AssumeRole`. */
  readonly eventName?: string | undefined;
  /** The session that a CloudTrail record issued credentials to: `AROA…:<session name>`, or the role's ARN. */
  readonly issuedTo?: string | undefined;
  /** The caller of that CloudTrail record: a name, an ARN or a principal ID. */
  readonly calledBy?: string | undefined;
  /** The type of the finding: `Execution:Kubernetes/ExecInKubeSystemPod`. */
  readonly finding?: string | undefined;
  /** How many requests the finding stands for, if it states that. Its other details are those of the latest request. */
  readonly count?: number | undefined;
}

const OR = ' or ';

/** Returns the verb of a request that can have any of these: `create or delete`. Undefined if there are none. */
export function anyVerb(verbs: readonly string[]): string | undefined {
  return verbs.length === 0 ? undefined : verbs.join(OR);
}

/** Returns the verbs of a text of `anyVerb`. */
export function verbsIn(verb: string): readonly string[] {
  return verb.split(OR);
}

/** Tokens of service accounts that somebody requested. */
export interface RequestedToken {
  readonly requestedBy: string;
  /** `<namespace>/<name>`, or the name alone. */
  readonly account?: string | undefined;
}

/** A person, session, role, event or record to look up. */
export type Subject = (
  | {
      readonly by: 'caller';
      readonly question: CallerQuestion;
      /** The ARN of the IAM user, root user or federated user that the text states beside an access key alone. */
      readonly userArn?: string;
    }
  /** A role session whose role ID is not known: its ARN, as AWS or a cluster's default username writes it. */
  | {
      readonly by: 'session';
      readonly arn: string;
      readonly role: string;
      readonly sessionName: string;
      readonly accessKeyId?: string;
    }
  /** A username of a cluster, without its uid. */
  | { readonly by: 'username'; readonly username: string }
  /** The ARN, the ID (`AROA…`) or the name of a role. Its sessions are looked up. */
  | { readonly by: 'role'; readonly role: string }
  /** An IAM user's or root user's ARN, an IAM user ID (`AIDA…`), an email address or a name. Sessions and records are looked up. */
  | { readonly by: 'person'; readonly person: string }
  | { readonly by: 'audit-id'; readonly auditId: string }
  /** `eventID` of a CloudTrail record. */
  | { readonly by: 'event-id'; readonly eventId: string }
  /** A request without a stated caller. The circumstances have what is stated: a source IP, an object or a time. */
  | { readonly by: 'request' }
) & { readonly circumstances: Circumstances };

/** A whole audit event that was pasted. It is attributed by everything that it states, not by its caller alone. */
export interface PastedEvent {
  readonly event: AuditEvent;
  /** The origin of the event, as its envelope states it. */
  readonly site: EventSite;
}

/** Limits the subjects of one text. More are only counted. */
export const MOST_SUBJECTS = 1_000;
