import { quoted } from '../shell.ts';
import { type EpochMillis, formatInstant } from '../time.ts';

/**
 * How many callers stay unidentified. `high`: those of whole clusters or accounts. `medium`: some sessions. `low`:
 * none, but names mislead.
 */
type Severity = 'high' | 'medium' | 'low';

/** The kinds of findings. docs/doctor.md has a section for each. */
export const FINDINGS = {
  'audit-log-off': {
    severity: 'high',
    why: 'Without the audit log there is no record of requests to the cluster, so no request can be attributed.',
  },
  'audit-log-not-subscribed': {
    severity: 'high',
    why: 'Audit events reach the service only through a subscription filter of the log group. Without one they must be backfilled.',
  },
  'subscription-too-narrow': {
    severity: 'high',
    why: 'Audit events that do not match the filter pattern never reach the service and get no record.',
  },
  'delivery-errors': {
    severity: 'high',
    why: 'CloudWatch Logs could not deliver these log events to the function. After a temporary error it retries for up to 24 hours. If the function or its permission is missing, it does not retry, and the events are not recorded.',
  },
  'delivery-throttled': {
    severity: 'medium',
    why: 'Lambda accepted these log events late, or not at all after 24 hours of retries. Records are late or missing.',
  },
  'audit-entries-cut': {
    severity: 'medium',
    why: 'An audit entry over 1 MB is truncated. It is no longer valid JSON, matches no subscription filter and is never delivered. A caller can cause this on purpose.',
  },
  'events-without-access-key': {
    severity: 'medium',
    why: 'An access key in an event proves whose session it was. Without one there is at most the session name, which anyone who assumes the role can choose.',
  },
  'trail-missing': {
    severity: 'high',
    why: 'Without a trail, CloudTrail keeps STS grants for only 90 days and delivers them nowhere. Every session must be looked up, at 2 requests a second.',
  },
  'trail-stopped': {
    severity: 'high',
    why: 'A trail that is not logging delivers no grants, neither to its bucket nor to EventBridge.',
  },
  'trail-write-only': {
    severity: 'high',
    why: 'Calls that issue grants, such as AssumeRole, are read-only management events. A trail without these contains no grants.',
  },
  'trail-misses-regions': {
    severity: 'high',
    why: 'CloudTrail logs a grant in the Region of the STS endpoint that the caller used, not in the Region of the cluster. Grants in Regions without a trail are missed.',
  },
  'trail-not-validated': {
    severity: 'low',
    why: 'Without log file validation, nobody can prove that the files of the trail are as CloudTrail wrote them.',
  },
  'rule-missing': {
    severity: 'medium',
    why: 'Without a rule for STS events, grants are found only by look-ups: later, and at 2 requests a second.',
  },
  'rule-wrong-state': {
    severity: 'high',
    why: 'Grants are read-only management events. EventBridge delivers these only to rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.',
  },
  'username-loses-session': {
    severity: 'medium',
    why: 'Everyone who uses the role has the same username. If an audit event has no user.extra, as in old clusters, its session cannot be identified.',
  },
  'username-shared': {
    severity: 'medium',
    why: 'These principals can have the same username in the audit log and in RBAC bindings. Only the uid distinguishes them.',
  },
  'username-placeholder-unknown': {
    severity: 'medium',
    why: 'aws-iam-authenticator does not replace this placeholder, so no username of this template leads back to a session.',
  },
  'mapping-unreadable': {
    severity: 'low',
    why: 'An entry that cannot be read lets nobody in, or not as intended, and its usernames cannot be predicted.',
  },
  'mapping-stale': {
    severity: 'low',
    why: 'Nobody can sign in through this entry now. If a role of this name is created again, it is a different role: aws-auth gives it the rights of the old one, an access entry does not.',
  },
  'trust-policy-leaves-name-free': {
    severity: 'medium',
    why: 'Whoever assumes the role chooses the session name and does not have to set a source identity. Without an access key in the audit event, the name proves nothing, and callers from other accounts stay unidentified.',
  },
  'shared-session-name': {
    severity: 'medium',
    why: 'Everyone who signs in with `aws eks get-token --role-arn` has the session name EKSGetTokenAuth, so several people share one <roleId>:<name>.',
  },
  'caller-account-not-connected': {
    severity: 'high',
    why: "The record of the call in the role's account has only the account and a principal ID of the caller. Only the caller's account has a record of who it was.",
  },
  'organization-access-off': {
    severity: 'high',
    why: 'Without trusted access, StackSets may not create stacks in the accounts of the organization, so the deployment fails.',
  },
  'organization-not-administrator': {
    severity: 'high',
    why: 'Only the management account and delegated administrators of StackSets can deploy to an organization.',
  },
  'account-quota-low': {
    severity: 'medium',
    why: 'Lambda throttles the functions of a spoke if its account may run only a few at once. Its events then arrive late, or after six hours not at all.',
  },
  'account-region-off': {
    severity: 'high',
    why: 'StackSets cannot create a stack in a Region that is not enabled in the account, and too many failures stop the deployment.',
  },
  'account-boundary-missing': {
    severity: 'high',
    why: 'IAM creates no role with a permissions boundary that does not exist in its account, so the stack of the spoke fails there.',
  },
  'account-denied-by-organization': {
    severity: 'high',
    why: 'A service control policy overrides every permission in the account, so the stack of the spoke fails there, or its functions do.',
  },
  'code-bucket-encrypted': {
    severity: 'high',
    why: 'Lambda in another account can read the code only if that account may also decrypt it.',
  },
  'sessions-unnamed': {
    severity: 'medium',
    why: 'These sessions have no actor, so their requests to the cluster are unidentified.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly why: string }>;

type FindingId = keyof typeof FINDINGS;

/**
 * A problem that keeps sessions from being attributed. `subject`, `evidence` and `mend` quote data from outside, so
 * escape them before display.
 */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** The cluster, trail, role or other thing that has the problem. */
  readonly subject: string;
  /** The facts that show the problem. */
  readonly evidence: string;
  /** Why the problem matters for attribution. */
  readonly why: string;
  /** The step that solves the problem, with names filled in. */
  readonly mend: string;
}

export function finding(id: FindingId, about: Pick<Finding, 'subject' | 'evidence' | 'mend'>): Finding {
  const { severity, why } = FINDINGS[id];
  return { id, severity, subject: about.subject, evidence: about.evidence, why, mend: about.mend };
}

/** A check that could not be made, and why. */
export interface UncheckedItem {
  /** What the check would have shown. */
  readonly check: string;
  readonly reason: string;
  /**
   * Whether something went wrong: a call failed, or something that the user named does not exist. In that case, a
   * report without findings does not mean that there are no problems. False for facts to which doctor itself never has
   * access.
   */
  readonly failed: boolean;
  /** The missing permission, as IAM writes it. */
  readonly permission?: string;
}

/** A result, or the reason why there is none, as a part of a sentence. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Returns the findings without repeated ones, because a file and the account can have the same problem. */
export function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify([one.id, one.subject, one.evidence]), one])).values()];
}

const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/** Returns the findings by severity, the highest first. Findings of equal severity keep their order. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** Quotes a command in a step, so that it can be told apart from the words around it. */
export function command(line: string): string {
  return `\`${line}\``;
}

/** A part of a log group that must be loaded again. */
interface Gap {
  readonly region: string;
  readonly logGroup: string;
  /** The stream to load. If absent, all streams of the audit log are loaded. */
  readonly logStream?: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** The name of a file for entries that cannot be parsed. */
  readonly rejects?: string;
}

/** Returns the command `eks-whois backfill` for a part of a log group. It fills the tables with this prefix. */
export function backfillOf({ region, logGroup, logStream, from, to, rejects }: Gap, prefix = '<prefix>'): string {
  const tables = prefix === '<prefix>' ? prefix : quoted(prefix);
  const stream = logStream === undefined ? '' : ` --log-stream ${quoted(logStream)}`;
  const file = rejects === undefined ? '' : ` --rejects ${quoted(rejects)}`;
  const range = `--from ${formatInstant(from)} --to ${formatInstant(to)}`;
  return command(
    `AWS_REGION=${region} eks-whois backfill --table ${tables} --log-group ${quoted(logGroup)}${stream} ${range}${file}`,
  );
}
