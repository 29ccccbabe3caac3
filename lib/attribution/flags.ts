import { keysOf } from '../json.ts';
import type { Runbook, Status } from './reasons.ts';

/**
 * One flag, and every text about it. From this table come the tables in docs/record.md and docs/alerts.md, the API's
 * texts, the help and the lists of the page (`npm run derived`). `raised-flags.ts` decides when a flag is raised.
 */
export interface FlagRow {
  /** What the flag means, in sentences. For the page, `whois` and docs/record.md. */
  readonly says: string;
  /** The statuses of answers that can have this flag. */
  readonly with: readonly Status[];
  /**
   * Whether the flag puts the name in doubt: the name rests on a value that somebody could choose, or on a grant that
   * did not issue the key.
   */
  readonly isNameUnproven: boolean;
  /**
   * When the flag raises an alert. `grave` does by default, and has medium severity in OCSF. `usual` does only if it is
   * switched on, because whole fleets can have it. Its number is the order of alerts, where smaller numbers come first
   * (lib/claims/alert-cause.ts has 1 to 3).
   */
  readonly alert: 'grave' | { readonly usual: number } | 'never';
  /** The first step after an alert. If absent, the alert gives the advice for all named actors (`nextStep`). */
  readonly step?: string;
  /** Whether the page shows the flag as a problem, not only as a doubt. Grave flags are always shown as problems. */
  readonly isWrong?: true;
  /** Whose name it is, if it is not the actor's own. The username of a node counts as another user's. */
  readonly name?: "another user's" | "the caller's choice";
  /** The group under which the page lists sessions with this flag for review. */
  readonly list?: 'anonymous' | 'nodes';
  /** The sentence about certainty if an answer has this flag. It replaces all others, because no name can be believed then. */
  readonly certainty?: string;
}

const NAMED = ['attributed', 'partial'] as const;
const POSSIBLE = [...NAMED, 'ambiguous'] as const;
const NOT_SYSTEM = [...POSSIBLE, 'unattributed', 'pending'] as const;
const ANY = [...NOT_SYSTEM, 'system'] as const;

/** All flags, in the order in which answers list them. */
const TABLE = {
  'conflicting-copies': {
    says: 'The audit log has another copy of this event, with the same audit ID and time, which contradicts it. One of the two is not what the API server wrote.',
    with: ANY,
    isNameUnproven: true,
    alert: 'grave',
    step: 'Compare all records of this audit ID. Then find out who can write to the log group or the files that have the other copy.',
    certainty: 'No proof: the audit log has another copy of this event, with other content.',
  },
  'conflicting-grant-copies': {
    says: 'CloudTrail has several copies of a grant, and they differ in the caller or in what was requested. Only one of them can be what AWS wrote.',
    with: POSSIBLE,
    isNameUnproven: true,
    alert: 'grave',
    step: 'Read the grant in the event history of its account, by each of its event IDs. Then find out who can write to the files or the event bus that have the other copy.',
    certainty: 'No proof: CloudTrail has another copy of a grant in this chain, with other content.',
  },
  'access-key-mismatch': {
    says: 'The access key does not confirm the actor. Either Identity Center named the session, and no known grant lists the key. Or the actor used their own identity, and CloudTrail shows the key with somebody else, or with another session.',
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 4 },
    isWrong: true,
  },
  'name-chosen-by-caller': {
    says: 'Matched by name only. Unless Identity Center set the session name, whoever assumed the role chose it.',
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 7 },
    isWrong: true,
    name: "the caller's choice",
  },
  'trail-was-silent': {
    says: "Matched by session name only, and grants may be missing. The service heard nothing from the role's account in a Region for some time. Somebody else may have assumed the role under the same name then.",
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 10 },
    isWrong: true,
    step: "Search CloudTrail in the role's account for other sessions of that name, in each Region that the service did not hear.",
    certainty:
      'No proof: another grant of that name may be missing, because the service did not hear CloudTrail at that time.',
  },
  'key-not-listed': {
    says: 'No known grant lists the access key. The session was matched by the second in which it began, and another grant of that second may be missing. Before you act on the name, compare sourceIPAddress and userAgent of the grant with those of the request.',
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 6 },
    step: 'Compare source IP and user agent of the grant with those of the requests. Another grant of that second may be missing.',
  },
  'issuer-by-username': {
    says: "CloudTrail shows to whom the caller's token was issued. Only the username names AWS as the token's issuer, and the cluster's identity provider decides how usernames begin.",
    with: POSSIBLE,
    isNameUnproven: true,
    alert: { usual: 9 },
    step: "Check that the cluster's only identity provider is AWS's own issuer, without a prefix of its own.",
  },
  'token-of-service-account': {
    says: 'The request used a service account token that somebody requested, for example with kubectl create token.',
    with: NOT_SYSTEM,
    isNameUnproven: false,
    alert: { usual: 5 },
    step: 'Ask the person named what the service account token was for, and where it is kept.',
  },
  'through-agent': {
    says: "A hosted agent acted in the person's session. The person may not have seen the request.",
    with: NAMED,
    isNameUnproven: false,
    alert: { usual: 8 },
    step: 'Ask the person named what they told the agent to do. They may not have seen the requests.',
  },
  'identity-provider-changed': {
    says: 'Somebody other than Identity Center created, changed or deleted its SAML provider in the account before the sign-in. Whoever did that could sign in as anyone.',
    with: NAMED,
    isNameUnproven: true,
    alert: 'grave',
    step: "Find in CloudTrail who changed Identity Center's SAML provider in that account. Whoever did that could sign in as anyone.",
    certainty: 'No proof: whoever changed the identity provider could sign in under this name.',
  },
  'foreign-identity-store': {
    says: 'The person belongs to an identity store that is not one of yours. Its administrators choose the name.',
    with: NAMED,
    isNameUnproven: true,
    alert: 'grave',
    step: 'Ask whose directory it is: its administrators choose the name. Then check which trust policy lets its users assume the role (sts:SetContext).',
  },
  'node-role-used-by-person': {
    says: "Somebody other than an AWS service assumed a node's role.",
    with: POSSIBLE,
    isNameUnproven: false,
    alert: 'grave',
    list: 'nodes',
    name: "another user's",
  },
  'eks-name-used-by-person': {
    says: 'Somebody other than an AWS service uses a username of EKS itself.',
    with: POSSIBLE,
    isNameUnproven: false,
    alert: 'grave',
    list: 'nodes',
    name: "another user's",
  },
  'unusual-node-client': {
    says: "A node's credentials were used by a client that nodes do not use. The log does not show who has the credentials.",
    with: ['partial', 'unattributed', 'pending'],
    isNameUnproven: true,
    alert: 'grave',
    step: "Compare the source IP with the node's own. If it is another one, somebody took the credentials from the instance: revoke the sessions of its role.",
    list: 'nodes',
  },
  'anonymous-access': {
    says: 'A request without any credentials was allowed. Only health, version and API discovery are meant for everyone.',
    with: ['system'],
    isNameUnproven: false,
    alert: 'grave',
    step: 'Remove the access: find the binding to system:anonymous or system:unauthenticated. Then check what was requested, and from where.',
    list: 'anonymous',
  },
  impersonation: {
    says: 'The request impersonates another user.',
    with: ANY,
    isNameUnproven: false,
    alert: 'never',
  },
  'session-name-claims-other-actor': {
    says: 'The session has the name of another user who is known to have had it at that time.',
    with: ['attributed'],
    isNameUnproven: false,
    alert: 'grave',
    name: "another user's",
  },
  'source-identity-claims-other-actor': {
    says: 'The source identity has the name of another user who is known to have had it at that time.',
    with: ['attributed'],
    isNameUnproven: false,
    alert: 'grave',
    name: "another user's",
  },
} as const satisfies Readonly<Record<string, FlagRow>>;

export type Flag = keyof typeof TABLE;
/** The flags that can raise an alert. */
export type AlertingFlag = { [F in Flag]: (typeof TABLE)[F]['alert'] extends 'never' ? never : F }[Flag];

export const FLAG_ROWS: Readonly<Record<Flag, FlagRow>> = TABLE;
/** Every flag, in the order in which answers list them. */
export const FLAGS: readonly Flag[] = keysOf(TABLE);

/** Returns the flags whose row meets the condition, in the order of `FLAGS`. */
export function flagsWhere(isWanted: (row: FlagRow) => boolean): readonly Flag[] {
  return FLAGS.filter((flag) => isWanted(FLAG_ROWS[flag]));
}

/** Returns whether the flag can raise an alert, by default or if it is switched on. */
export function isAlerting(flag: Flag): flag is AlertingFlag {
  return FLAG_ROWS[flag].alert !== 'never';
}

/** The flags for a name that is not the actor's own. Another user's name comes first, because nobody has it by chance. */
export const FORGED_FLAGS: readonly Flag[] = [
  ...flagsWhere(({ name }) => name === "another user's"),
  ...flagsWhere(({ name }) => name === "the caller's choice"),
];

/** Returns whether somebody should investigate an answer with this flag. Other flags are only a doubt. */
export function isWrong(flag: Flag): boolean {
  const { alert, isWrong = false } = FLAG_ROWS[flag];
  return alert === 'grave' || isWrong;
}

/** What docs/record.md adds to `says`. The page has no room for it. */
export const FLAG_DETAIL: Readonly<Partial<Record<Flag, string>>> = {
  'conflicting-copies': 'Each such copy has its own record. `--audit-id` shows all of them.',
  'conflicting-grant-copies':
    'They have the same event ID or `sharedEventID`, and issued the same access key. `eventIds` of the grant has the event IDs of all copies.',
  'trail-was-silent': 'Only a deployed service knows this.',
  'key-not-listed': 'The flag can concern any hop of the chain.',
  'issuer-by-username': 'Another issuer can choose the IDs of its tokens.',
  'through-agent': 'Such agents are AWS services, for example `aws-mcp.amazonaws.com`.',
  'foreign-identity-store': '`--identity-store` and `identityStores` list yours.',
  'unusual-node-client':
    'Nodes use `kubelet`, `kube-proxy` and `coredns`. The client chooses its user agent, so a request without this flag is no proof that the node made it.',
  'anonymous-access': 'The answer names nobody.',
  'session-name-claims-other-actor':
    'The comparison ignores case, and treats `@` as `-`. On a request with the token of a service account, it is the session of whoever requested the token.',
  'source-identity-claims-other-actor': 'Names are compared in the same way.',
};

/** For each flag, its section of docs/alerts.md. */
export const FLAG_RUNBOOK: Readonly<Record<Flag, Runbook>> = {
  'conflicting-copies': {
    means:
      'Two audit events of one cluster have the same audit ID, stage and time to the microsecond, and state different values, for example for the caller, the verb, the path or the response code. The API server writes one event for a stage. So at least one of the two was changed or invented after that. Each has its own record with this flag, and the alert lists the other one.',
    harmless:
      'A tool that exports or forwards the log changes fields: for example it masks usernames, or cuts long paths.',
    attack:
      'Somebody who can write to the log group, or to the files that are read, adds a copy that names another person, or that hides what was done.',
    first: [
      '`eks-whois records --flag conflicting-copies --output jsonl --api "$API_URL"` shows all copies, with caller and origin. Those with the same `auditId` belong together.',
      'Compare each copy with the log stream in CloudWatch Logs: `aws logs filter-log-events --log-group-name <log group> --filter-pattern \'"<audit ID>"\'` shows which streams have it. Only EKS writes to `kube-apiserver-audit-…`, unless somebody else has `logs:PutLogEvents`.',
      'Search CloudTrail for `PutSubscriptionFilter` and for changes of policies that allow `logs:PutLogEvents` on that log group.',
    ],
    fix: 'Deny `logs:PutLogEvents` on `/aws/eks/*` to everyone but EKS. If a tool changes events, give eks-whois its input before that tool.',
    close: 'when you know which tool or person wrote the other copy, and that the log group is closed to them.',
  },
  'conflicting-grant-copies': {
    means:
      'CloudTrail writes a call into the trail of each account that takes part. These copies have one `sharedEventID`, and a copy that is delivered again has the same event ID. AWS writes nothing into one copy that contradicts another. Here two copies of a grant state different callers, or differ in what was requested. So at least one was changed or invented. If the copies lead to different actors, the answer is `ambiguous` among them.',
    harmless: 'A tool that exports or forwards CloudTrail changes fields: for example it masks names or account IDs.',
    attack:
      "Somebody who can write to the trail's bucket, its log group or the event bus adds a copy of a grant that names another person.",
    first: [
      '`eks-whois records --flag conflicting-grant-copies --output jsonl --api "$API_URL"` shows the grants with all their event IDs.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=<event ID>` in each account shows what AWS itself has. Its event history lasts 90 days, and nobody can write to it.',
      '`aws cloudtrail validate-logs --trail-arn <ARN> --start-time "$FIRST"` compares the files in S3 with the digest files of the trail.',
    ],
    fix: "Let only CloudTrail write to the trail's bucket and log group. If a tool changes records, give eks-whois its input before that tool.",
    close: 'when you know which tool or person wrote the other copy, and that the place is closed to them.',
  },
  'access-key-mismatch': {
    means:
      'The access key does not confirm the actor. There are two cases. With method `session-name`, an Identity Center session was matched by its name, which AWS set, and no known grant lists the key. With method `direct`, a user acted under their own identity, and CloudTrail shows the key with somebody else at another time, or with another session of the same person.',
    harmless:
      "Usual with `session-name`: the console, CloudShell and Identity Center's own apps sign with keys that no grant lists. With `direct`, AWS may have issued the same key ID again after a long time.",
    attack:
      'With `session-name`, the name itself cannot be forged, because AWS sets it. With `direct`, somebody writes audit events or CloudTrail records that are not from AWS.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done.',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows whether CloudTrail has uses of the key by now.',
      "Compare the last of `source.ips` with the person's usual addresses.",
    ],
    fix: "Deploy with `uses=true`. It stores what access keys signed, so that the session's start can match it (`session-start`).",
    close: 'at once, unless the address is unusual.',
  },
  'name-chosen-by-caller': {
    means:
      'The event has no access key. Only the session name matches it to the grant, and anyone who can assume the role can choose that name.',
    harmless: 'Usual on old clusters.',
    attack: "Somebody with the same role uses another person's name. The answer would then name that other person.",
    first: [
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done, and from where.',
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST"` shows the grant that the answer rests on.',
      'Ask the person named.',
    ],
    fix: 'Update the cluster, so that its events include the access key. See [trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free).',
    close: 'when the person confirms that it was them.',
  },
  'trail-was-silent': {
    means:
      "Only the session name matches the event to its grant. The service received nothing from CloudTrail of the role's account in a Region for longer than usual, at a time in which the session can have begun. A grant with the same name may be missing, and then the answer names the wrong person.",
    harmless:
      'This is usual after an outage of a trail, of its rule in EventBridge, or of forwarding, and in a Region that is hardly used any more.',
    attack:
      "Somebody stops the trail or the forwarding of an account, assumes a role under another person's session name, and starts it again.",
    first: [
      '`eks-whois fleet --api "$API_URL"` shows the accounts and Regions, when each was heard, and its silences.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue="$SESSION" --region <Region>` shows all grants of the session name. Run it in the role\'s account.',
      'Search CloudTrail for `StopLogging`, `DeleteTrail`, `UpdateTrail`, `DisableRule`, `DeleteRule` and `RemoveTargets` at the beginning of the silence.',
    ],
    fix: 'Restore the trail or the forwarding, then load what was missed: `backfill --lookup` ([operate.md](operate.md#load-missed-events)). Deny these calls to everyone who does not operate the trail.',
    close:
      'when CloudTrail shows no other grant of that name. Answers stay flagged for the hours that no record fills.',
  },
  'key-not-listed': {
    means:
      'No known grant lists the access key. So the session was matched by the second in which it began. Somebody else may have assumed the same role under the same session name in that second. If their grant is missing or late, the answer names the wrong person. In a longer chain the flag can concern any hop: that hop has `joinedBy` `session-start`.',
    harmless:
      "Usual. The console's *switch role*, CloudShell and `aws login` sign with keys that STS never lists. Identity Center's own sessions do not have the flag, because AWS sets their names.",
    attack:
      "Somebody uses a session name that everyone shares (`EKSGetTokenAuth`), and obtains a grant in the same second. No trail records that grant, because it is made at another Region's STS endpoint, or in an account without a trail.",
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows the grant that the answer rests on. Open it by its event ID. Compare its `sourceIPAddress` with the last of `source.ips`, and its `userAgent` with `source.userAgent` of the requests. They should belong to the same person.',
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows whether the answer is final (`provisional: false`, 30 minutes after the event unless configured). Until then the key\'s own grant may still arrive, and then it corrects the answer.',
      '`eks-whois doctor --api "$API_URL"` shows whether there is a trail in each Region and account from which the role can be assumed. If one is missing, search there for a grant of that second (`--region`, `--profile`).',
    ],
    fix: "See [trail-misses-regions](doctor.md#trail-misses-regions), [caller-account-not-connected](doctor.md#caller-account-not-connected) and [shared-session-name](doctor.md#shared-session-name). If each person has their own session name, no other person's grant can match.",
    close:
      'when the addresses agree and no trail is missing. Do not act against the person because of this flag alone.',
  },
  'issuer-by-username': {
    means:
      "The caller signed in with a web identity token. It has the ID of a token that AWS issued to the actor. The username begins with AWS's issuer (`https://<id>.tokens.sts.global.api.aws#`). Kubernetes puts the issuer there unless the cluster's identity provider has a prefix of its own.",
    harmless: "Usual in clusters whose identity provider is AWS's own issuer.",
    attack:
      "Somebody who may configure the cluster's identity provider adds an issuer of their own, with that prefix or with none. Then they sign a token that has the ID of another person's token.",
    first: [
      '`aws eks describe-identity-provider-config --cluster-name <cluster> --identity-provider-config type=oidc,name=<name>` shows `issuerUrl` and `usernamePrefix`. `aws eks list-identity-provider-configs` lists the names.',
      'Search CloudTrail for `AssociateIdentityProviderConfig` of the cluster. It shows who configured the provider, and when.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done.',
    ],
    fix: 'Restrict who may call `eks:AssociateIdentityProviderConfig`.',
    close: "when the cluster's only identity provider is AWS's own issuer, without a prefix of its own.",
  },
  'token-of-service-account': {
    means:
      'The request used a service account token, and an audit event shows who requested that token. The caller stays the service account. The actor is whoever requested the token. Somebody else may have used it.',
    harmless: '`kubectl create token` for a script, a dashboard or a test.',
    attack:
      "The service account has permissions that the person does not have. A token works after the person's session has ended, and they can give it away.",
    first: [
      '`eks-whois records --actor <actor> --output jsonl --api "$API_URL"` shows what else they did. `chain` ends with the `TokenRequest`, and its `eventIds` has the audit ID of the request that issued the token.',
      'Compare the issuing request with the requests that used the token: the last of `source.ips`, and `source.userAgent`.',
      'Ask the actor what the token was for, and where it is kept.',
    ],
    fix: 'Restrict who may `create` `serviceaccounts/token`. Use `--bound-object-kind` and a short `--duration`. A token cannot be revoked: delete the object that it is bound to, or the service account.',
    close:
      'when the actor confirms that it was them, or when the token has expired and what was done with it was harmless.',
  },
  'through-agent': {
    means:
      "One of AWS's hosted agents (for example `aws-mcp.amazonaws.com`) made calls in the person's session, or in another session of the same sign-in. The person is the actor, but may not have seen the request.",
    harmless: 'Usual if people work with agents.',
    attack: 'The agent read text (an issue, a log, a web page) that gave it instructions.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done.',
      'Search CloudTrail for `CallReadWriteTool` at that time. It shows which tool was called, and in whose sign-in.',
      'Ask the person what they told the agent to do.',
    ],
    fix: 'Give agents a role that can only read. Require a confirmation before the agent writes.',
    close: 'when the person wanted what was done.',
  },
  'identity-provider-changed': {
    means:
      "Before this sign-in, somebody other than Identity Center created, changed or deleted Identity Center's SAML provider in the member account (`AWSSSO_…`). Whoever did that can sign in under any name. So the name shown may be false.",
    harmless:
      'Unlikely. An administrator may have cleaned up by hand. Identity Center then restores its provider itself.',
    attack: "A member account's administrator installs metadata of their own, and signs in as anyone they like.",
    first: [
      "`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=UpdateSAMLProvider --region us-east-1` shows who did it, and when. Run it in the role's account, and repeat it for `CreateSAMLProvider` and `DeleteSAMLProvider`.",
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done since. Treat the session as unidentified.',
      "Ask the person named whether they signed in. Identity Center's own log (`sso.amazonaws.com`, in its account) has their sign-ins.",
    ],
    fix: 'Add a service control policy that denies `iam:*SAMLProvider` on `AWSSSO_*` to everyone except Identity Center. Then let Identity Center provision the account again.',
    close:
      "when the change is explained and the provider is Identity Center's again. Later sign-ins keep the flag, because the change stays known.",
  },
  'foreign-identity-store': {
    means:
      'AWS says that the person behind the session is a user of an Identity Center directory that is not in `identityStores`. Its administrators can give its users any name. A name that you know proves nothing here: read it together with the directory shown after it.',
    harmless:
      "The directory is yours, but not in `identityStores` yet: a member account's own instance, or that of a company you bought.",
    attack: 'Somebody has a directory of their own, and may assume a role whose trust policy allows `sts:SetContext`.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done.',
      '`aws sso-admin list-instances`, in your accounts and Regions, shows whether the directory (`d-…`) is one of yours.',
      'Search CloudTrail for the earlier AssumeRole with `ProvidedContexts`. It shows who called it.',
    ],
    fix: "Remove `sts:SetContext` from the role's trust policy, or restrict who may call it. If the directory is yours, add it to `identityStores`.",
    close: 'when you know that the directory is yours, or the role is closed to it.',
  },
  'node-role-used-by-person': {
    means: "Somebody other than an AWS service assumed a node's role, and the cluster accepted them as the node.",
    harmless: "An engineer debugs a node's permissions, against the rules.",
    attack:
      "The role's trust policy lets people assume it. So they bypass their own RBAC: a node may read the secrets of its pods.",
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what they read.',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows who it was, and through which roles.',
      '`aws iam get-role --role-name <node role> --query Role.AssumeRolePolicyDocument` shows who may assume it.',
    ],
    fix: 'Allow only `ec2.amazonaws.com` to assume a node role.',
    close: 'when the person has explained it and the trust policy is closed. Rotate the secrets that were read.',
  },
  'eks-name-used-by-person': {
    means: 'Somebody other than an AWS service uses a username of EKS itself (`eks:…`).',
    harmless: 'A mapping in `aws-auth` gives such a username to one of your roles.',
    attack: 'The same mapping, made on purpose: rules and filters often skip `eks:…`.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows who it was.',
      '`kubectl get configmap aws-auth -n kube-system -o yaml` and `aws eks list-access-entries --cluster-name <cluster>` show which mapping creates that username.',
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done under it.',
    ],
    fix: 'Change the username in that mapping. Restrict who may change mappings.',
    close: 'when the mapping is gone, and whoever made it has explained it.',
  },
  'unusual-node-client': {
    means:
      "The caller has a node's username and the access key of its instance role, but the user agent is not that of kubelet, kube-proxy or CoreDNS. The instance metadata service gives these credentials to any process and any pod that reaches it. So the log shows whose credentials they are, not who used them.",
    harmless:
      "Somebody debugs on the node with kubelet's kubeconfig. Or a script there uses it, for example to label or drain its own node. In EKS Auto Mode, other agents of AWS also act as the node.",
    attack:
      'Somebody reads the credentials in a pod or on the instance, and uses them from elsewhere. A node may read the secrets of its pods and request tokens of their service accounts. An attacker who knows this flag writes `kubelet/…` instead.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows all requests with this key. Compare the source IPs: the node\'s own requests come from one.',
      "`aws ec2 describe-instances --instance-ids <instance>` shows the instance's own addresses. The session name is the instance's ID.",
      '`eks-whois records --resource pods/exec --api "$API_URL"` shows who ran commands in pods. Look for those on that node.',
    ],
    fix: 'Give pods no access to the instance metadata service: IMDSv2 with a hop limit of 1, and EKS Pod Identity or IRSA for their own permissions.',
    close:
      'when you know the tool on the node. Otherwise revoke the sessions of the role, replace the instance, and rotate the secrets that were read.',
  },
  'anonymous-access': {
    means:
      'A request without any credentials (`system:anonymous`) succeeded at something that is not public. These are public: health (`/healthz`, `/livez`, `/readyz`), `/version`, discovery (`/api`, `/apis`, `/openapi`) and the public keys of service account tokens. The caller cannot be identified. The alert has the source IP, which is the last of `source.ips`. Each cluster, source IP and day (UTC) raises one alert, however many requests there were. Many source IPs of one cluster come in one digest. Denied requests raise no alert. Requests passed on to a pod, a service or a node (`proxy`) count with any response code, because that server chose the response.',
    harmless:
      'Unlikely. Somebody opened metrics or a dashboard to everyone on purpose, usually without knowing what else that opens.',
    attack:
      'Somebody bound a role to `system:anonymous` or `system:unauthenticated`, by mistake or to come back later. The API server can be reached from the source of the request.',
    first: [
      '`eks-whois records --flag anonymous-access --api "$API_URL"`, or the alert\'s own command, shows what was read and changed, and from where. With `--ip` in place of `--flag` it shows all other requests from there.',
      '`kubectl get clusterrolebindings,rolebindings -A -o json | jq -r \'.items[] | select(any(.subjects[]?; .name == "system:anonymous" or .name == "system:unauthenticated")) | .metadata.name\'` lists the bindings that can allow it. `authorization.reason` of the record names the binding too. `system:public-info-viewer` is normal.',
      '`eks-whois records --resource clusterrolebindings --resource rolebindings --verb create --verb update --verb patch --api "$API_URL"` shows who made that binding.',
    ],
    fix: 'Delete the binding. Close the public endpoint, or open it to your own networks only (`aws eks update-cluster-config --resources-vpc-config publicAccessCidrs=…`).',
    close: 'when the binding is gone, and every secret that was read is rotated.',
  },
  impersonation: {
    means:
      'The request acts as another user (`kubectl --as`). The actor is the one who did it. This flag raises no alert; it is in the records only.',
    harmless: 'Administrators who test permissions, GitOps controllers, and every request with method `proxy`.',
    attack:
      "The actor gains permissions that they do not have themselves. The cluster's own logs show a name that is not theirs.",
    first: [
      '`eks-whois records --actor <actor> --output jsonl --api "$API_URL"` shows `impersonated.username` of each request.',
      '`kubectl auth can-i impersonate users --as <their username>` shows whether they are allowed to impersonate.',
      'Ask the actor.',
    ],
    fix: 'Add `resourceNames` to the rule that allows `impersonate`.',
    close: 'when it was intended.',
  },
  'session-name-claims-other-actor': {
    means: 'The session has the name of another known user. The actor is somebody else, and is proven.',
    harmless:
      'One person has two users (`alice` and `alice.admin`). Or somebody copied a script with its session name. Or two people have the same name.',
    attack: 'The actor wants people who read only usernames to believe that it was the other person.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows who it was, with the evidence.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done under that session name. The other person\'s own records are under their own name.',
      'Ask the actor, and inform the person whose name was used.',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of IAM
    fix: 'Require `sts:RoleSessionName` to be `${aws:username}`. See [trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free).',
    close: 'when both are the same person, or the actor has explained it and the trust policy is closed.',
  },
  'source-identity-claims-other-actor': {
    means:
      'The source identity has the name of another known user. A session carries its source identity through all later roles.',
    harmless: 'The same causes as for `session-name-claims-other-actor`, or a broker that sets it for people.',
    attack:
      'The same as for `session-name-claims-other-actor`. It also misleads other tools, which trust the source identity as if AWS had set it.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows the actor, and the source identity beside it.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done.',
      '`aws iam get-role --role-name <first role> --query Role.AssumeRolePolicyDocument` shows who may set it (`sts:SetSourceIdentity`).',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of IAM
    fix: 'Where the source identity is first set, require `sts:SourceIdentity` to be `${aws:username}`.',
    close: 'when the broker is known, or the actor has explained it and the policy is closed.',
  },
};
