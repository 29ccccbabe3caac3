import type { Attribution } from '../attribution/attribution.ts';
import { type AlertingFlag, FLAG_ROWS, FLAG_RUNBOOK, FLAGS, isAlerting } from '../attribution/flags.ts';
import { REASON_ROWS, type Reason, type Runbook } from '../attribution/reasons.ts';
import { keysOf } from '../json.ts';

/**
 * One cause of alerts, and every text about it. From this table come the tables in the documents, the parameter
 * `alertOn` and the shapes of stored alerts (`npm run derived`).
 */
export interface CauseRow {
  /** Whether the cause raises alerts by default. */
  readonly isDefault: boolean;
  /**
   * How grave the cause is. A smaller number is graver, and 0 is grave. Causes with other numbers are common in whole
   * fleets.
   */
  readonly gravity: number;
  /** Whether each reason is a problem of its own, so that alerts with different reasons are in different groups. */
  readonly isByReason: boolean;
  /**
   * What the alert's command lists: sessions of a status, a session's records, or single records without a session.
   */
  readonly foundBy: 'status' | 'sessions' | 'records';
  /**
   * Returns the first step after the alert. Undefined if the advice for all named actors is enough.
   * @param ofReason the step for the answer's reason.
   */
  step(ofReason: string | undefined): string | undefined;
  /** The anchor in docs/alerts.md: that of the cause's section, or of the heading above the sections of its reasons. */
  readonly section: string;
  readonly runbook?: Runbook;
}

interface OwnCauseRow extends CauseRow {
  /** Returns whether a final answer has this cause. */
  holds(attribution: Attribution): boolean;
}

/** The causes that are not flags. Flags that alert are causes too, with their texts in `FLAG_ROWS`. */
const TABLE = {
  unattributed: {
    // The credentials of a node are a separate cause, so that operators with scripts on nodes can switch it off.
    holds: ({ status, flags }) => status === 'unattributed' && !flags.includes('unusual-node-client'),
    isDefault: true,
    gravity: 1,
    isByReason: true,
    foundBy: 'status',
    step: (ofReason) => ofReason ?? 'Run `eks-whois whois` for this session.',
    section: 'reasons-of-unattributed',
  },
  ambiguous: {
    holds: ({ status }) => status === 'ambiguous',
    isDefault: true,
    gravity: 2,
    isByReason: false,
    foundBy: 'status',
    step: () => 'Ask the people listed. Give each of them a session name of their own.',
    section: 'ambiguous',
    runbook: {
      means: 'Several people or workloads are possible. The alert lists them.',
      harmless:
        'Two people use one role under one session name, usually `EKSGetTokenAuth`, on a cluster whose events have no access key.',
      attack:
        "Somebody assumes a role under a colleague's name while that colleague is at work, and hides behind the doubt.",
      first: [
        '`eks-whois records --status ambiguous --api "$API_URL"` shows what was done, and the candidates.',
        'Compare `source.ips` (the last one) and `source.userAgent` with those of each candidate\'s own records: `eks-whois records --actor <candidate> --output jsonl --api "$API_URL"`. It also reports how many more requests may be theirs.',
        'Ask each candidate.',
      ],
      fix: 'See [shared-session-name](doctor.md#shared-session-name) and [trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free). Update clusters whose events have no access key.',
      close: 'when one of them confirms that it was them, and their own records of that time agree.',
    },
  },
  partial: {
    holds: ({ status }) => status === 'partial',
    isDefault: false,
    gravity: 3,
    isByReason: true,
    foundBy: 'status',
    step: (ofReason) =>
      ofReason ?? 'Find the grant that issued the credentials at the start of the chain. It can be in another account.',
    section: 'reasons-of-partial',
  },
} as const satisfies Readonly<Record<string, OwnCauseRow>>;

type OwnCause = keyof typeof TABLE;
export type AlertCause = OwnCause | AlertingFlag;

/** Every cause of alerts. Each can be switched on and off. */
export const ALERT_CAUSES: readonly AlertCause[] = [...keysOf(TABLE), ...FLAGS.filter(isAlerting)];

/** Returns the row of a cause. For a flag, it is made from `FLAG_ROWS`. */
export function rowOfCause(cause: AlertCause): CauseRow {
  if (isOwn(cause)) return TABLE[cause];
  const { alert, step, with: statuses } = FLAG_ROWS[cause];
  return {
    isDefault: alert === 'grave',
    gravity: typeof alert === 'string' ? 0 : alert.usual,
    isByReason: false,
    foundBy: statuses.includes('attributed') ? 'sessions' : 'records',
    step: () => step,
    section: cause,
    runbook: FLAG_RUNBOOK[cause],
  };
}

function isOwn(cause: AlertCause): cause is OwnCause {
  return Object.hasOwn(TABLE, cause);
}

/** The causes that alert by default. All others are common in whole fleets, and not urgent (docs/alerts.md). */
export const DEFAULT_ALERT_CAUSES: readonly AlertCause[] = ALERT_CAUSES.filter((cause) => rowOfCause(cause).isDefault);

/** Returns the enabled causes that a final answer has. A provisional answer has none, because it can still change. */
export function causesOf(attribution: Attribution, enabled: readonly AlertCause[]): AlertCause[] {
  if (attribution.provisional) return [];
  return enabled.filter((cause) =>
    isOwn(cause) ? TABLE[cause].holds(attribution) : attribution.flags.includes(cause),
  );
}

/**
 * The causes in the order of urgency. A claim's first cause in this order decides its next step. The causes in `TABLE`
 * come first, then the flags that cast doubt on a name.
 */
const BY_URGENCY: readonly AlertCause[] = ALERT_CAUSES.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));

function urgencyOf(cause: AlertCause): number {
  if (isOwn(cause)) return 0;
  return FLAG_ROWS[cause].certainty === undefined ? 2 : 1;
}

/** The reasons of a claim's records. */
interface Reasons {
  readonly reasons: readonly Reason[];
}

/** Returns the first step for a claim with these causes. */
export function nextStep(causes: readonly AlertCause[], { reasons }: Reasons): string {
  const [ofReason] = reasons.flatMap((reason) => REASON_ROWS[reason].step ?? []);
  const [step] = BY_URGENCY.filter((cause) => causes.includes(cause)).flatMap(
    (cause) => rowOfCause(cause).step(ofReason) ?? [],
  );
  return step ?? 'Ask the person named whether they intended this, and check what else the session did.';
}

/**
 * Returns what the causes and reasons mean, one text for each: `no-matching-grant: No grant of this session is known.`
 */
export function meaningsOf(causes: readonly AlertCause[], { reasons }: Reasons): readonly string[] {
  const ofCauses = causes.flatMap((cause) => {
    const means = isOwn(cause) ? rowOfCause(cause).runbook?.means : FLAG_ROWS[cause].says;
    return means === undefined ? [] : [`${cause}: ${means}`];
  });
  return [...ofCauses, ...reasons.map((reason) => `${reason}: ${REASON_ROWS[reason].why}`)];
}

/** What a list says about a claim whose status is not `attributed`. */
export interface ClaimWords {
  /** The reasons why nobody is named yet, one text for each. */
  readonly why: readonly string[];
  readonly nextStep: string;
}

/** Returns why a claim is not attributed, and what to do about it. */
export function claimWords(status: AlertCause | 'pending', { reasons }: Reasons): ClaimWords {
  const why = reasons.map((reason) => REASON_ROWS[reason].why);
  return { why, nextStep: status === 'pending' ? WAIT : nextStep([status], { reasons }) };
}

const WAIT = 'Wait: CloudTrail may be minutes behind, and settle retries automatically.';
