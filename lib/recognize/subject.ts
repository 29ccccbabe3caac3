import type { RequestAction } from '../audit/action.ts';
import type { AuditEvent, AuditRequest } from '../audit/audit-event.ts';
import type { EventSite } from '../audit/event-site.ts';
import type { Denial } from '../cloudtrail/denial.ts';
import type { EpochMillis } from '../time.ts';

/**
 * A caller to look up, in the form that `callerOfQuestion` takes (its `WhoisQuestion` in
 * lib/usecases/query/whois-question.ts has the same fields). `callerOfQuestion` accepts the question of every `caller`
 * subject.
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
 * The longest time, in milliseconds, between a refused request and its error line. kubectl writes the line as soon as
 * it has the response.
 */
export const WRITTEN_WITHIN = 10_000;

/** A time of day in UTC, without its date. */
export interface ClockTime {
  /** The time of day, in milliseconds since midnight. */
  readonly ofDay: number;
  /** The day, such as `03-10`, if only the year is not stated. */
  readonly monthAndDay?: string | undefined;
  /** Whether the text has no seconds. Then the request can be some minutes before or after. */
  readonly isRough?: true | undefined;
  /**
   * The length of a range in milliseconds: the request was made at most this long after `ofDay`. Absent if the text
   * states a single time.
   */
  readonly lasts?: number | undefined;
}

/**
 * What a text states beside its subject. A field without a value is absent.
 * Trust: anybody can have written the text. Even in a real event, the client chooses the user agent, the names in the
 * request, and all source IPs but the last. Escape everything before you show it.
 */
export interface Circumstances {
  /** The time of the request. For a finding, when it was last seen. */
  readonly at?: EpochMillis | undefined;
  /** When a finding was first seen, if that is earlier than `at`. Without `at`, the request was made at any time after `since`. */
  readonly since?: EpochMillis | undefined;
  /** Whether `at` is only when a finding was written, because the finding does not state the time of the request. */
  readonly isWrittenLater?: true | undefined;
  /** Whether `at` or `clock` is when an error line was written. The request was made at most `WRITTEN_WITHIN` earlier. */
  readonly isWrittenAtOnce?: true | undefined;
  /**
   * Whether `at` is the time of a row with fields of an audit event. The request was made just before, or a longer time
   * before if it took long.
   */
  readonly isLogged?: true | undefined;
  /** Whether the text is about a login: the credentials of a request were accepted. What the request was is not stated. */
  readonly isLogin?: true | undefined;
  /** The time of day, if the text does not state the whole date. `at` is then absent. */
  readonly clock?: ClockTime | undefined;
  /** Times in the text that were not used, because their meaning is not clear: `1:32 PM` without a zone, or several times. */
  readonly unusedTimes?: readonly string[] | undefined;
  readonly cluster?: string | undefined;
  readonly clusterArn?: string | undefined;
  readonly auditId?: string | undefined;
  /** The request to the API server. */
  readonly request?: AuditRequest | undefined;
  /** What the request did beyond its verb and object, for example the command of an exec. */
  readonly action?: RequestAction | undefined;
  /**
   * Whether the text is about a process that started in a pod, and states no request. `request` names the pod, and
   * `action` has the command line. Either an exec started the process, or something that runs in the pod.
   */
  readonly isProcessStart?: true | undefined;
  /** Whether the text has the program of the process, but not its arguments. */
  readonly isWithoutArguments?: true | undefined;
  /** The path of the process's program. `action` has only its name. */
  readonly executable?: string | undefined;
  /** The parent of the process, if the parent runs in the same container. Then the process is not itself the command of an exec. */
  readonly startedBy?: string | undefined;
  /** Whether `request` names a workload, such as a Deployment, instead of a pod. Any pod of the workload can be meant. */
  readonly isOfWorkload?: true | undefined;
  /** Names in the text. Each can belong to a person, a session, a role, an object or a namespace. */
  readonly names?: readonly string[] | undefined;
  /** Whether some words of the text were not understood. */
  readonly isPartlyRead?: true | undefined;
  /** Whether the text says that the request was cluster-wide. */
  readonly isClusterWide?: true | undefined;
  /** The HTTP response code of the API server. */
  readonly code?: number | undefined;
  /** The source IPs. The client can write all but the last one. */
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  /** The ID of the token that authenticated the request, as `JTI=<id>`. */
  readonly credentialId?: string | undefined;
  /** The tokens that authenticated the requests, given by who requested them. */
  readonly tokenOf?: RequestedToken | undefined;
  /** The username that the caller impersonated. */
  readonly impersonated?: string | undefined;
  /** The account that handed over the event. AWS states this account. Everything else in the record is only that account's word. */
  readonly handedOverBy?: string | undefined;
  /** `eventID` of the CloudTrail record. */
  readonly eventId?: string | undefined;
  /** The call that AWS denied, if the text is AWS's message about it. */
  readonly denial?: Denial | undefined;
  /** The AWS API that was called: `AssumeRole`. */
  readonly eventName?: string | undefined;
  /** The session to which a CloudTrail record issued credentials: `AROA…:<session name>`, or the ARN of its role. */
  readonly issuedTo?: string | undefined;
  /** The caller in that CloudTrail record: a name, an ARN or a principal ID. */
  readonly calledBy?: string | undefined;
  /** The type of the finding: `Execution:Kubernetes/ExecInKubeSystemPod`. */
  readonly finding?: string | undefined;
  /** How many requests the finding counts, if it says so. Its other details are those of the latest one. */
  readonly count?: number | undefined;
}

const OR = ' or ';

/** Returns a text that stands for any of these verbs: `create or delete`. Undefined if there are none. */
export function anyVerb(verbs: readonly string[]): string | undefined {
  return verbs.length === 0 ? undefined : verbs.join(OR);
}

/** Returns the verbs in a text of `anyVerb`. */
export function verbsIn(verb: string): readonly string[] {
  return verb.split(OR);
}

/** Tokens of service accounts, given by who requested them. */
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
      /** The ARN of the user that the text states beside an access key. The user is an IAM user, a root user or a federated user. */
      readonly userArn?: string;
    }
  /** A role session, by its ARN as AWS or a cluster's default username has it. The ID of its role is not known. */
  | {
      readonly by: 'session';
      readonly arn: string;
      readonly role: string;
      readonly sessionName: string;
      readonly accessKeyId?: string;
    }
  /** A username of a cluster, without a uid. */
  | { readonly by: 'username'; readonly username: string }
  /** The ARN, the ID (`AROA…`) or the name of a role. Sessions of the role are looked up. */
  | { readonly by: 'role'; readonly role: string }
  /**
   * A person: the ARN of an IAM user or root user, an IAM user ID (`AIDA…`), an email address or a name. Sessions and
   * records of the person are looked up.
   */
  | { readonly by: 'person'; readonly person: string }
  | { readonly by: 'audit-id'; readonly auditId: string }
  /** `eventID` of a CloudTrail record. */
  | { readonly by: 'event-id'; readonly eventId: string }
  /** A request without a caller. The circumstances have what the text states: a source IP, an object or a time. */
  | { readonly by: 'request' }
) & { readonly circumstances: Circumstances };

/** A whole audit event that was pasted. It is attributed by everything that it states, not by its caller alone. */
export interface PastedEvent {
  readonly event: AuditEvent;
  /** The origin of the event, as its envelope states it. */
  readonly site: EventSite;
}

/** The maximum number of subjects in one text. Further ones are only counted. */
export const MOST_SUBJECTS = 1_000;
