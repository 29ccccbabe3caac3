import type { Flag, Reason } from '../attribution/attribution.ts';

/** What whoever is alerted does about a reason; undefined where what is said of the status will do. */
export const REASON_STEPS: Readonly<Record<Reason, string | undefined>> = {
  'malformed-identity': 'Find out which authenticator wrote this uid: it is none that AWS issues.',
  'no-event-time': 'Look at the audit event itself: its time cannot be read, so no grant can be meant.',
  'access-key-contradicts-session':
    'Treat it as an incident: the access key belongs to another session than the caller states.',
  'outside-session-validity':
    'Compare the event time with the session; a clock that is wrong, or a token that was kept, explains it.',
  'access-key-not-seen':
    'Look in CloudTrail, in every Region, for a grant that issued this key; the role was assumed by others only.',
  'no-matching-grant': 'Run `eks-whois doctor`: a Region or an account without a trail, or one that logs no reads.',
  'session-name-unknown':
    'Give the cluster a username that shows {{SessionName}}, or update it so that it logs access keys.',
  'acts-by-delegation':
    'Look up in IAM which product provider the person let in, and ask that provider who acted with their identity.',
  'caller-account-not-logged': undefined,
  'upstream-grant-not-found': undefined,
  'grant-not-found': undefined,
  'chain-too-long': undefined,
  'chain-loop': undefined,
  'acts-for-impersonated-user': undefined,
};

/** … about a flag; undefined where what is said of all names will do. */
export const FLAG_STEPS: Readonly<Record<Flag, string | undefined>> = {
  'access-key-mismatch': undefined,
  'name-chosen-by-caller': undefined,
  'key-not-listed':
    'Compare address and user agent of the grant with those of the requests; another grant of that second may be missing.',
  'token-of-service-account': 'Ask the person named what the service account token was for, and where it is kept.',
  'through-agent': 'Ask the person named what the agent was told to do: they may not have seen the requests.',
  'identity-provider-changed':
    "Look in CloudTrail for who changed Identity Center's SAML provider in that account: whoever did could sign in as anybody.",
  'foreign-identity-store':
    'Ask whose directory that is: its administrators choose the name. Then who lets its people call the role (sts:SetContext).',
  'node-role-used-by-person': undefined,
  'eks-name-used-by-person': undefined,
  'anonymous-access':
    'Take the rights away: find the binding to system:anonymous or system:unauthenticated, then read what was asked for and from where.',
  impersonation: undefined,
  'session-name-claims-other-actor': undefined,
  'source-identity-claims-other-actor': undefined,
};
