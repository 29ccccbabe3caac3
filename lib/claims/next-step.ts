import type { Flag, Reason } from '../attribution/attribution.ts';
import type { AlertCause } from './alert.ts';
import type { ClaimTally } from './claim.ts';

const BY_REASON: Readonly<Partial<Record<Reason, string>>> = {
  'malformed-identity': 'Find out which authenticator wrote this uid: it is none that AWS issues.',
  'no-event-time': 'Look at the audit event itself: its time cannot be read, so no grant can be meant.',
  'access-key-contradicts-session':
    'Treat it as an incident: the access key belongs to another session than the caller states.',
  'outside-session-validity':
    'Compare the event time with the session; a clock that is wrong, or a token that was kept, explains it.',
  'access-key-not-seen':
    'Look in CloudTrail, in every Region, for a grant that issued this key; the role was assumed by others only.',
  'session-name-unknown':
    'Give the cluster a username that shows {{SessionName}}, or update it so that it logs access keys.',
  'no-matching-grant': 'Run `eks-whois doctor`: a Region or an account without a trail, or one that logs no reads.',
  'acts-by-delegation':
    'Look up in IAM which product provider the person let in, and ask that provider who acted with their identity.',
};

const BY_FLAG: Readonly<Partial<Record<Flag, string>>> = {
  'identity-provider-changed':
    "Look in CloudTrail for who changed Identity Center's SAML provider in that account: whoever did could sign in as anybody.",
  'key-not-listed':
    'Compare address and user agent of the grant with those of the requests; another grant of that second may be missing.',
  'token-of-service-account': 'Ask the person named what the service account token was for, and where it is kept.',
  'through-agent': 'Ask the person named what the agent was told to do: they may not have seen the requests.',
};

/** The first thing to do about a claim, one sentence: what is unexplained goes first, then the gravest flag. */
export function nextStep(causes: readonly AlertCause[], { reasons }: Pick<ClaimTally, 'reasons'>): string {
  const [ofReason] = reasons.flatMap((reason) => BY_REASON[reason] ?? []);
  if (causes.includes('unattributed')) return ofReason ?? 'Run `eks-whois whois` for this session.';
  if (causes.includes('ambiguous')) return 'Ask the people listed, and let each use a session name of their own.';
  if (causes.includes('partial'))
    return ofReason ?? 'Find the grant before the chain begins, perhaps in another account.';
  const [ofFlag] = FLAGS_WITH_STEP.filter((flag) => causes.includes(flag)).flatMap((flag) => BY_FLAG[flag] ?? []);
  return ofFlag ?? 'Ask the person named whether this was meant, and look at what else the session did.';
}

/** The gravest first. */
const FLAGS_WITH_STEP = [
  'identity-provider-changed',
  'key-not-listed',
  'token-of-service-account',
  'through-agent',
] as const;
