import { FLAGS, type Flag } from '../attribution/attribution.ts';
import { REASON_WORDS } from './advice.ts';
import { FLAG_STEPS, REASON_STEPS } from './alert-advice.ts';
import type { AlertCause } from './alert-cause.ts';
import type { ClaimTally, ListedStatus } from './claim.ts';

/** The first thing to do about a claim, one sentence: what is unexplained goes first, then the gravest flag. */
export function nextStep(causes: readonly AlertCause[], { reasons }: Pick<ClaimTally, 'reasons'>): string {
  const [ofReason] = reasons.flatMap((reason) => REASON_STEPS[reason] ?? []);
  if (causes.includes('unattributed')) return ofReason ?? 'Run `eks-whois whois` for this session.';
  if (causes.includes('ambiguous')) return 'Ask the people listed, and let each use a session name of their own.';
  if (causes.includes('partial'))
    return ofReason ?? 'Find the grant before the chain begins, perhaps in another account.';
  const flags = GRAVEST_FIRST.filter((flag) => causes.some((cause) => cause === flag));
  const [ofFlag] = flags.flatMap((flag) => FLAG_STEPS[flag] ?? []);
  return ofFlag ?? 'Ask the person named whether this was meant, and look at what else the session did.';
}

/** Why nobody is named yet, and what to do, for whoever goes through the list of such claims. */
export interface ClaimWords {
  /** Of each reason. */
  readonly why: readonly string[];
  readonly nextStep: string;
}

export function claimWords(status: ListedStatus, { reasons }: Pick<ClaimTally, 'reasons'>): ClaimWords {
  const why = reasons.map((reason) => REASON_WORDS[reason].why);
  return { why, nextStep: status === 'pending' ? WAIT : nextStep([status], { reasons }) };
}

const WAIT = 'Nothing yet: CloudTrail may be minutes behind, and settle asks again by itself.';

/** Nobody can be believed where the provider was changed; the others are as grave as answers list them. */
const GRAVEST_FIRST: readonly Flag[] = ['identity-provider-changed', ...FLAGS];
