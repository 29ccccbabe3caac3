import type { Flag, Reason } from '../attribution/attribution.ts';

/**
 * Why an answer is as it is, and what a person can do about it; one sentence each. A new reason has its words here, and where
 * files are read (lib/words/file-advice) or somebody is alerted (alert-advice) those that differ there.
 */
export interface ReasonWords {
  readonly why: string;
  /** For whoever asked about one session. */
  readonly next: string;
  /** The same where an event was asked about that the service recorded. */
  readonly nextOfEvent?: string;
}

export const REASON_WORDS: Readonly<Record<Reason, ReasonWords>> = {
  'malformed-identity': {
    why: "The uid has the AWS authenticator's prefix but nothing that it writes behind it.",
    next: "Check that the uid was copied whole; if the audit log really has it, look into the cluster's authenticator.",
  },
  'no-event-time': {
    why: 'The event has no readable requestReceivedTimestamp, so no grant can be tied to it.',
    next: "Ask again with --at and the time from another source, such as the log event's own timestamp.",
  },
  'access-key-contradicts-session': {
    why: 'CloudTrail shows this access key with another session than the one stated.',
    next: 'Treat it as suspicious: compare the audit event with the records of the key, and check how the event came here.',
  },
  'outside-session-validity': {
    why: 'The session is known, but it was not valid at the time asked for.',
    next: 'Check --at and its time zone (without one it is UTC); a recycled key or name may belong to an older session.',
  },
  'access-key-not-seen': {
    why: 'Grants of this role and name are known, but none issued this access key; the name alone proves nothing.',
    next: 'Look in the account and Region where the role was assumed (--profile and --region, or the files of its trail), and further back (--lookback).',
  },
  'no-matching-grant': {
    why: 'No grant of this session is known.',
    next: 'Look further back (--lookback), in other Regions and accounts (--region and --profile, or the files of their trails); CloudTrail may be 15 minutes behind.',
  },
  'session-name-unknown': {
    why: 'The event states neither an access key nor a session name, and its username shows none that a grant bears.',
    next: "Give the cluster's username mapping with --username-template, or the key with --access-key-id.",
    nextOfEvent:
      "Give the cluster's username mapping to the service (its parameter usernameTemplates); eks-whois doctor reads it from aws-auth and access entries.",
  },
  'acts-by-delegation': {
    why: "Somebody of the account shown as delegate acts with the actor's identity, by a temporary delegation that the actor approved.",
    next: 'Look up in IAM which product provider the actor let in (temporary delegation requests), and ask that provider who acted.',
  },
  'caller-account-not-logged': {
    why: 'The role was assumed from another account, whose own trail is not known here.',
    next: 'Ask that account too: add its --profile, or its CloudTrail files.',
  },
  'upstream-grant-not-found': {
    why: 'The chain is proven up to a role session whose own grant is not known.',
    next: 'Look further back (--lookback) and in the account and Region of that role (--profile and --region, or the files of its trail).',
  },
  'grant-not-found': {
    why: 'It is a federated user whose GetFederationToken call is not known.',
    next: 'Look further back (--lookback): such sessions last up to 36 hours.',
  },
  'chain-too-long': {
    why: 'The role chain has more than ten grants.',
    next: 'Follow the chain from the first role session shown.',
  },
  'chain-loop': {
    why: 'The grants lead in a circle.',
    next: 'Look at the records by their event ids; a record may be forged.',
  },
  'acts-for-impersonated-user': {
    why: "The cluster's own identity acted for the impersonated user; the client names that user.",
    next: 'Look into the log of the component that impersonates: it knows whom it let in.',
  },
};

/** What a flag says. */
export const FLAG_WORDS: Readonly<Record<Flag, string>> = {
  'access-key-mismatch':
    "Identity Center's session was found by its name, which AWS set; no grant lists the key that signed.",
  'name-chosen-by-caller': 'The session was found by its name, which whoever assumed the role chose.',
  'key-not-listed':
    'No grant lists the access key: the session was found by the very second in which it began, and another grant of that second may be missing. Compare sourceIPAddress and userAgent of the grant with those of the request before you act on the name.',
  'token-of-service-account': 'The request was made with a service account token that somebody had issued.',
  'through-agent': "A hosted agent acted in the person's session: the person may not have seen the request.",
  'identity-provider-changed':
    "Identity Center's SAML provider in the account was created, changed or deleted by somebody else before the sign-in: whoever did so could sign in as anybody.",
  'foreign-identity-store':
    'The person is of an identity store that is not yours, whose administrators choose the name.',
  'node-role-used-by-person': "A node's role was assumed by somebody who is no AWS service.",
  'eks-name-used-by-person': 'A username of EKS itself is used by somebody who is no AWS service.',
  'anonymous-access':
    'Somebody without any credentials was let in, where only health, the version and the list of APIs are for everybody.',
  impersonation: 'The request impersonates another user.',
  'session-name-claims-other-actor': 'The session bears the name of another known user.',
  'source-identity-claims-other-actor': 'The source identity bears the name of another known user.',
};
