import { quoted } from '../shell.ts';
import { type EpochMillis, formatInstant } from '../time.ts';

/** How much stays unnamed: `high` where whole clusters or accounts do, `medium` some sessions, `low` where names mislead. */
type Severity = 'high' | 'medium' | 'low';

/** What doctor can find. docs/doctor.md has a section for each. */
export const FINDINGS = {
  'audit-log-off': {
    severity: 'high',
    why: 'Without the audit log nothing that happens in the cluster is written down, so nothing can be attributed.',
  },
  'audit-log-not-subscribed': {
    severity: 'high',
    why: 'Audit events reach the service by a subscription of the log group only; without one they must be backfilled.',
  },
  'subscription-too-narrow': {
    severity: 'high',
    why: 'What the filter pattern does not pass never reaches the service: no record is made of it.',
  },
  'delivery-errors': {
    severity: 'high',
    why: 'CloudWatch Logs could not hand these events to the function. It tries again for up to 24 hours after a passing fault, and never where the function or its permission is missing: then they are not recorded.',
  },
  'delivery-throttled': {
    severity: 'medium',
    why: 'Lambda took these events late, or, after 24 hours of trying, not at all: records come late or are missing.',
  },
  'audit-entries-cut': {
    severity: 'medium',
    why: 'An entry over 1 MB is cut, is no JSON any more and matches no subscription filter: it is never delivered, and a caller can provoke that.',
  },
  'events-without-access-key': {
    severity: 'medium',
    why: 'An event with an access key proves whose session it was. Without one the name alone tells, which whoever assumes the role chooses, or nothing does.',
  },
  'trail-missing': {
    severity: 'high',
    why: 'Without a trail the grants of STS are kept for 90 days only, and reach nobody by themselves: every session must be looked up, at 2 requests a second.',
  },
  'trail-stopped': {
    severity: 'high',
    why: 'A trail that does not log hands no grant on, neither to its bucket nor to EventBridge.',
  },
  'trail-write-only': {
    severity: 'high',
    why: 'AssumeRole and its kin are read-only management events: a trail without those has not a single grant.',
  },
  'trail-misses-regions': {
    severity: 'high',
    why: 'A grant is logged in the Region of the STS endpoint that the caller used, not in that of the cluster: grants of other Regions are missed.',
  },
  'rule-missing': {
    severity: 'medium',
    why: 'Without a rule for STS events grants come only by look-ups, later and at 2 requests a second.',
  },
  'rule-wrong-state': {
    severity: 'high',
    why: 'EventBridge delivers read-only management events, which grants are, only to rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.',
  },
  'username-loses-session': {
    severity: 'medium',
    why: 'Everyone on the role has the same username: where the audit event has no extra, as with old clusters, it cannot be told whose session it was.',
  },
  'username-shared': {
    severity: 'medium',
    why: 'Usernames in the audit log, and RBAC bindings to them, do not tell these principals apart; only the uid does.',
  },
  'username-placeholder-unknown': {
    severity: 'medium',
    why: 'aws-iam-authenticator does not replace the placeholder, so no username can be read back by this template.',
  },
  'mapping-unreadable': {
    severity: 'low',
    why: 'An entry that cannot be read maps nobody, or not as it was meant, and its usernames cannot be foreseen.',
  },
  'mapping-stale': {
    severity: 'low',
    why: 'Nobody comes in by it now. A role that is made again under that name is another one: aws-auth lets it in with the rights of the first, an access entry does not.',
  },
  'trust-policy-leaves-name-free': {
    severity: 'medium',
    why: 'Whoever assumes the role chooses the session name, and need not set a source identity: without an access key in the audit event the name proves nothing, and callers of other accounts stay nameless.',
  },
  'shared-session-name': {
    severity: 'medium',
    why: 'Everyone who signs in by `aws eks get-token --role-arn` bears the session name EKSGetTokenAuth: several people share one <roleId>:<name>.',
  },
  'caller-account-not-connected': {
    severity: 'high',
    why: 'The copy of the call that the role owner gets names the account and a principal id only; who that is, the other account alone has on record.',
  },
  'sessions-unnamed': {
    severity: 'medium',
    why: 'These sessions have no actor, and their requests to the cluster no author.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly why: string }>;

type FindingId = keyof typeof FINDINGS;

/**
 * One thing that keeps sessions from being attributed. Subject, evidence and step quote outside data: show them escaped.
 */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** What it was found on: a cluster, a trail, a role. */
  readonly subject: string;
  /** What was seen that shows it. */
  readonly evidence: string;
  /** Why it matters for attribution. */
  readonly why: string;
  /** The step that mends it, with the names filled in. */
  readonly mend: string;
}

export function finding(id: FindingId, about: Pick<Finding, 'subject' | 'evidence' | 'mend'>): Finding {
  const { severity, why } = FINDINGS[id];
  return { id, severity, subject: about.subject, evidence: about.evidence, why, mend: about.mend };
}

/** What could not be checked, and why. */
export interface UncheckedItem {
  /** What it would have told. */
  readonly check: string;
  readonly reason: string;
  /**
   * Whether something went wrong: a call failed, or what was asked for is not there. Then that nothing was found does
   * not say that all is well. False for what doctor cannot see by itself.
   */
  readonly failed: boolean;
  /** The permission that was lacking, as IAM writes it. */
  readonly permission?: string;
}

/** Read, or why not: a clause for a person. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Each once: a file and the account may say the same. */
export function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify([one.id, one.subject, one.evidence]), one])).values()];
}

const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/** The gravest first, else in the order in which they were found. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** A command as a step quotes it, to be told from the words around it. */
export function command(line: string): string {
  return `\`${line}\``;
}

/** What of a log group is to be loaded again. */
interface Gap {
  readonly region: string;
  readonly logGroup: string;
  /** Undefined: all streams of the audit log. */
  readonly logStream?: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** A file for what cannot be read. */
  readonly rejects?: string;
}

/** `eks-whois backfill` of a gap, into the tables of that prefix. */
export function backfillOf({ region, logGroup, logStream, from, to, rejects }: Gap, prefix = '<prefix>'): string {
  const tables = prefix === '<prefix>' ? prefix : quoted(prefix);
  const stream = logStream === undefined ? '' : ` --log-stream ${quoted(logStream)}`;
  const file = rejects === undefined ? '' : ` --rejects ${quoted(rejects)}`;
  const range = `--from ${formatInstant(from)} --to ${formatInstant(to)}`;
  return command(
    `AWS_REGION=${region} eks-whois backfill --table ${tables} --log-group ${quoted(logGroup)}${stream} ${range}${file}`,
  );
}
