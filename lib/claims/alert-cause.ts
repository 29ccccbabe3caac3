import type { Attribution } from '../attribution/attribution.ts';
import { type AlertingFlag, FLAG_ROWS, FLAG_RUNBOOK, FLAGS, isAlerting } from '../attribution/flags.ts';
import { REASON_ROWS, type Reason, type Runbook } from '../attribution/reasons.ts';
import { keysOf } from '../json.ts';

/**
 * Everything that is known of a cause of alerts. The documents' tables, the parameter `alertOn` and the shapes of what is stored
 * are made from it (`npm run derived`).
 */
export interface CauseRow {
  /** Whether it alerts where nothing else is configured. */
  readonly isDefault: boolean;
  /** The smaller, the graver; 0 is grave, all else is what whole fleets show. */
  readonly gravity: number;
  /** Whether it is another trouble where its reasons are others. */
  readonly isByReason: boolean;
  /** By what its sessions are found: the list of a status, or their records; or only records are, where there are no sessions. */
  readonly foundBy: 'status' | 'sessions' | 'records';
  /** The first thing to do, one sentence, given what is to be done about the reason; undefined where what is said of all names will do. */
  step(ofReason: string | undefined): string | undefined;
  /** The section of docs/alerts.md: its own, or the heading of others. */
  readonly section: string;
  readonly runbook?: Runbook;
}

interface OwnCauseRow extends CauseRow {
  /** Whether a final answer gives this cause. */
  holds(attribution: Attribution): boolean;
}

/** The causes that are no flag. Each flag that alerts is one besides, of which its own row says everything. */
const TABLE = {
  unattributed: {
    holds: ({ status }) => status === 'unattributed',
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
    step: () => 'Ask the people listed, and let each use a session name of their own.',
    section: 'ambiguous',
    runbook: {
      means: 'several people or workloads could be meant; the alert lists them.',
      harmless:
        'two people on one role under one name, mostly `EKSGetTokenAuth`, on a cluster whose events have no access key.',
      attack:
        "somebody takes a role under a colleague's name while that colleague is at work, and hides behind the doubt.",
      first: [
        '`eks-whois records --status ambiguous --api "$API_URL"`: what was done, and who could be meant.',
        'Compare `source.ips` (the last one) and `source.userAgent` with those of each candidate\'s own records: `eks-whois records --actor <candidate> --output jsonl --api "$API_URL"`; it tells in how many more requests the candidate can be meant.',
        'Ask each of them.',
      ],
      mend: '[shared-session-name](doctor.md#shared-session-name), [trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free); update clusters whose events have no access key.',
      close: 'when one of them says that it was they, and their own records of that time fit.',
    },
  },
  partial: {
    holds: ({ status }) => status === 'partial',
    isDefault: false,
    gravity: 3,
    isByReason: true,
    foundBy: 'status',
    step: (ofReason) => ofReason ?? 'Find the grant before the chain begins, perhaps in another account.',
    section: 'reasons-of-partial',
  },
} as const satisfies Readonly<Record<string, OwnCauseRow>>;

type OwnCause = keyof typeof TABLE;
export type AlertCause = OwnCause | AlertingFlag;

/** What an alert can be about; each can be switched on and off. */
export const ALERT_CAUSES: readonly AlertCause[] = [...keysOf(TABLE), ...FLAGS.filter(isAlerting)];

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

/** Left out: what whole fleets show every day, and needs no hurry (docs/alerts.md says which shows what). */
export const DEFAULT_ALERT_CAUSES: readonly AlertCause[] = ALERT_CAUSES.filter((cause) => rowOfCause(cause).isDefault);

/** What a final answer gives cause to alert about. An answer that may still change gives none. */
export function causesOf(attribution: Attribution, enabled: readonly AlertCause[]): AlertCause[] {
  if (attribution.provisional) return [];
  return enabled.filter((cause) =>
    isOwn(cause) ? TABLE[cause].holds(attribution) : attribution.flags.includes(cause),
  );
}

/** What is unexplained first, then names that nobody can believe, then flags as answers list them. */
const IN_HAND: readonly AlertCause[] = ALERT_CAUSES.toSorted((a, b) => turnOf(a) - turnOf(b));

function turnOf(cause: AlertCause): number {
  if (isOwn(cause)) return 0;
  return FLAG_ROWS[cause].certainty === undefined ? 2 : 1;
}

/** Those of a claim's records. */
interface Reasons {
  readonly reasons: readonly Reason[];
}

/** The first thing to do about a claim, one sentence. */
export function nextStep(causes: readonly AlertCause[], { reasons }: Reasons): string {
  const [ofReason] = reasons.flatMap((reason) => REASON_ROWS[reason].step ?? []);
  const [step] = IN_HAND.filter((cause) => causes.includes(cause)).flatMap(
    (cause) => rowOfCause(cause).step(ofReason) ?? [],
  );
  return step ?? 'Ask the person named whether this was meant, and look at what else the session did.';
}

/** Why nobody is named yet, and what to do, for whoever goes through the list of such claims. */
export interface ClaimWords {
  /** Of each reason. */
  readonly why: readonly string[];
  readonly nextStep: string;
}

export function claimWords(status: AlertCause | 'pending', { reasons }: Reasons): ClaimWords {
  const why = reasons.map((reason) => REASON_ROWS[reason].why);
  return { why, nextStep: status === 'pending' ? WAIT : nextStep([status], { reasons }) };
}

const WAIT = 'Nothing yet: CloudTrail may be minutes behind, and settle asks again by itself.';
