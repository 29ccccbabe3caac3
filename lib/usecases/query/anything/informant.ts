import type { AuditRecord } from '../../../attribution/record.ts';
import type { JsonObject } from '../../../json.ts';
import type { PastedEvent } from '../../../recognise/subject.ts';
import type { EpochMillis } from '../../../time.ts';
import type { WhoisQuestion } from '../whois-question.ts';
import type { DescribedRequest } from './described-request.ts';
import type { Attributed, Outcome, Sessions } from './found.ts';
import type { RecordedRequests } from './recorded-requests.ts';

/**
 * Who can be asked about what was recognised: grants from files, CloudTrail's event history, or the service. Each throws
 * what the place behind it throws where it is out of reach.
 */
export interface Informant {
  /** So many subjects of one text are asked about. */
  readonly most: number;
  /** Whether so much was asked for this text that no further subject is to be asked about. */
  readonly isSpent?: boolean;
  /** Who is behind a session, at that time, or at any. */
  whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<Attributed>;
  /** The event attributed by all that it states; `question` is its caller's, where there is one. */
  event(pasted: PastedEvent, question: WhoisQuestion | undefined): Promise<Attributed>;
  /** The records that bear the audit id, newest first; or more do than can be put in order. */
  recordsOf(auditId: string): Promise<readonly AuditRecord[] | 'too-many'>;
  /** The recorded requests that can be the described one; undefined where no audit log is at hand. */
  requestsLike(described: DescribedRequest): Promise<RecordedRequests | undefined>;
  /** The records of an access key, newest first, as far as there are any to look through. */
  recordsOfKey(accessKeyId: string): Promise<readonly AuditRecord[]>;
  /**
   * What a username did that some cluster knows somebody by; where there is none, the sessions that bear it as their name, whoever
   * they are (`sessionName`). Here and below the sessions of `at` come first.
   */
  ofUsername(username: string, at: EpochMillis | undefined): Promise<Outcome>;
  /**
   * Sessions that are not what a service account, a node or an EKS service did itself, newest first: of whoever acted under
   * its username, or had tokens of the service account issued.
   */
  othersAs(username: string, at: EpochMillis | undefined): Promise<Sessions>;
  /** The ids of a role; `session` is the ARN of a session of it. */
  roleIds(role: { readonly arn: string; readonly session: string }): Promise<readonly string[]>;
  /** By the role's ARN, id or name. */
  sessionsOfRole(role: string, at: EpochMillis | undefined): Promise<Sessions>;
  /** By the person's ARN, id, e-mail or name. */
  sessionsOfPerson(person: string, at: EpochMillis | undefined): Promise<Sessions>;
  /** The CloudTrail record of this `eventID`, as CloudTrail wrote it. */
  trailRecord(eventId: string): Promise<JsonObject | undefined>;
  /** What can be done where one of these is not known here, as a sentence. */
  readonly elsewhere: { readonly auditId: string; readonly eventId: string; readonly name: string };
}
