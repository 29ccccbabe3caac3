import type { Flag, Reason } from '../attribution/attribution.ts';

/** Why an answer is as it is, and what a person can do about it; one sentence each. A new reason has its words here. */
export interface ReasonWords {
  readonly why: string;
  /** For whoever asked about one session. */
  readonly next: string;
  /** The same where files were read instead of asking AWS. */
  readonly nextInFiles?: string;
  /** The same where an event was asked about that the service recorded. */
  readonly nextOfEvent?: string;
  /** For whoever is alerted; undefined where what is said of the status will do. */
  readonly inAlert: string | undefined;
}

export const REASON_WORDS: Readonly<Record<Reason, ReasonWords>> = {
  'malformed-identity': {
    why: "The uid has the AWS authenticator's prefix but nothing that it writes behind it.",
    next: "Check that the uid was copied whole; if the audit log really has it, look into the cluster's authenticator.",
    inAlert: 'Find out which authenticator wrote this uid: it is none that AWS issues.',
  },
  'no-event-time': {
    why: 'The event has no readable requestReceivedTimestamp, so no grant can be tied to it.',
    next: "Ask again with --at and the time from another source, such as the log event's own timestamp.",
    inAlert: 'Look at the audit event itself: its time cannot be read, so no grant can be meant.',
  },
  'access-key-contradicts-session': {
    why: 'CloudTrail shows this access key with another session than the one stated.',
    next: 'Treat it as suspicious: compare the audit event with the records of the key, and check how the event came here.',
    inAlert: 'Treat it as an incident: the access key belongs to another session than the caller states.',
  },
  'outside-session-validity': {
    why: 'The session is known, but it was not valid at the time asked for.',
    next: 'Check --at and its time zone (without one it is UTC); a recycled key or name may belong to an older session.',
    inAlert: 'Compare the event time with the session; a clock that is wrong, or a token that was kept, explains it.',
  },
  'access-key-not-seen': {
    why: 'Grants of this role and name are known, but none issued this access key; the name alone proves nothing.',
    next: 'Look in the account and Region where the role was assumed (--profile and --region, or the files of its trail), and further back (--lookback).',
    nextInFiles:
      'Add the files of the trail in the account and Region where the role was assumed, of the hours before too.',
    inAlert:
      'Look in CloudTrail, in every Region, for a grant that issued this key; the role was assumed by others only.',
  },
  'no-matching-grant': {
    why: 'No grant of this session is known.',
    next: 'Look further back (--lookback), in other Regions and accounts (--region and --profile, or the files of their trails); CloudTrail may be 15 minutes behind.',
    nextInFiles:
      "Add the files of other Regions' and accounts' trails, and of the hours before; CloudTrail may be 15 minutes behind.",
    inAlert: 'Run `eks-whois doctor`: a Region or an account without a trail, or one that logs no reads.',
  },
  'session-name-unknown': {
    why: 'The event states neither an access key nor a session name, and its username shows none that a grant bears.',
    next: "Give the cluster's username mapping with --username-template, or the key with --access-key-id.",
    nextOfEvent:
      "Give the cluster's username mapping to the service (its parameter usernameTemplates); eks-whois doctor reads it from aws-auth and access entries.",
    inAlert: 'Give the cluster a username that shows {{SessionName}}, or update it so that it logs access keys.',
  },
  'acts-by-delegation': {
    why: "Somebody of the account shown as delegate acts with the actor's identity, by a temporary delegation that the actor approved.",
    next: 'Look up in IAM which product provider the actor let in (temporary delegation requests), and ask that provider who acted.',
    inAlert:
      'Look up in IAM which product provider the person let in, and ask that provider who acted with their identity.',
  },
  'caller-account-not-logged': {
    why: 'The role was assumed from another account, whose own trail is not known here.',
    next: 'Ask that account too: add its --profile, or its CloudTrail files.',
    nextInFiles: 'Add the CloudTrail files of that account.',
    inAlert: undefined,
  },
  'upstream-grant-not-found': {
    why: 'The chain is proven up to a role session whose own grant is not known.',
    next: 'Look further back (--lookback) and in the account and Region of that role (--profile and --region, or the files of its trail).',
    nextInFiles: 'Add the files of the trail in the account and Region of that role, of the hours before too.',
    inAlert: undefined,
  },
  'grant-not-found': {
    why: 'It is a federated user whose GetFederationToken call is not known.',
    next: 'Look further back (--lookback): such sessions last up to 36 hours.',
    nextInFiles: 'Add the files of the hours before: such sessions last up to 36 hours.',
    inAlert: undefined,
  },
  'chain-too-long': {
    why: 'The role chain has more than ten grants.',
    next: 'Follow the chain from the first role session shown.',
    inAlert: undefined,
  },
  'chain-loop': {
    why: 'The grants lead in a circle.',
    next: 'Look at the records by their event ids; a record may be forged.',
    inAlert: undefined,
  },
  'acts-for-impersonated-user': {
    why: "The cluster's own identity acted for the impersonated user; the client names that user.",
    next: 'Look into the log of the component that impersonates: it knows whom it let in.',
    inAlert: undefined,
  },
};

/** What a flag says, and what to do about it. */
export interface FlagWords {
  readonly means: string;
  /** For whoever is alerted; undefined where what is said of all names will do. */
  readonly inAlert: string | undefined;
}

export const FLAG_WORDS: Readonly<Record<Flag, FlagWords>> = {
  'access-key-mismatch': {
    means: "Identity Center's session was found by its name, which AWS set; no grant lists the key that signed.",
    inAlert: undefined,
  },
  'name-chosen-by-caller': {
    means: 'The session was found by its name, which whoever assumed the role chose.',
    inAlert: undefined,
  },
  'key-not-listed': {
    means:
      'No grant lists the access key: the session was found by the very second in which it began, and another grant of that second may be missing. Compare sourceIPAddress and userAgent of the grant with those of the request before you act on the name.',
    inAlert:
      'Compare address and user agent of the grant with those of the requests; another grant of that second may be missing.',
  },
  'token-of-service-account': {
    means: 'The request was made with a service account token that somebody had issued.',
    inAlert: 'Ask the person named what the service account token was for, and where it is kept.',
  },
  'through-agent': {
    means: "A hosted agent acted in the person's session: the person may not have seen the request.",
    inAlert: 'Ask the person named what the agent was told to do: they may not have seen the requests.',
  },
  'identity-provider-changed': {
    means:
      "Identity Center's SAML provider in the account was created, changed or deleted by somebody else before the sign-in: whoever did so could sign in as anybody.",
    inAlert:
      "Look in CloudTrail for who changed Identity Center's SAML provider in that account: whoever did could sign in as anybody.",
  },
  'node-role-used-by-person': {
    means: "A node's role was assumed by somebody who is no AWS service.",
    inAlert: undefined,
  },
  'eks-name-used-by-person': {
    means: 'A username of EKS itself is used by somebody who is no AWS service.',
    inAlert: undefined,
  },
  impersonation: {
    means: 'The request impersonates another user.',
    inAlert: undefined,
  },
  'session-name-claims-other-actor': {
    means: 'The session bears the name of another known user.',
    inAlert: undefined,
  },
  'source-identity-claims-other-actor': {
    means: 'The source identity bears the name of another known user.',
    inAlert: undefined,
  },
};
