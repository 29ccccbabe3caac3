import { keysOf } from '../json.ts';

export const STATUSES = ['attributed', 'partial', 'ambiguous', 'unattributed', 'pending', 'system'] as const;
export type Status = (typeof STATUSES)[number];

/** What whoever is alerted reads in docs/alerts.md, in its Markdown; each part is as short as it can be. */
export interface Runbook {
  readonly means: string;
  readonly harmless: string;
  readonly attack: string;
  /** At least one of them is a command of eks-whois. */
  readonly first: readonly [string, string, string];
  readonly mend: string;
  /** It goes on after "Close": `when …`. */
  readonly close: string;
}

/**
 * Everything that is known of a reason: why an answer names nobody, or names an actor who is not yet the person or workload.
 * The documents' tables, the API's words and the help are made from it (`npm run derived`).
 */
export interface ReasonRow {
  /** The status of an answer with it. */
  readonly status: 'unattributed' | 'partial';
  /** One sentence: on the page, in `whois` and in docs/record.md. */
  readonly why: string;
  /** What docs/record.md says besides. */
  readonly detail?: string;
  /** What a person can do about it who asked about one session; one sentence, as the next three. */
  readonly next: string;
  /** The same where an event was asked about that the service recorded. */
  readonly nextOfEvent?: string;
  /** The same where files were read instead of asking AWS. */
  readonly nextInFiles?: string;
  /** What whoever is alerted does; absent where what is said of the status will do. */
  readonly step?: string;
  /** How sure a partial answer is; absent where it is as sure as its method. */
  readonly certainty?: string;
  /** `grave` is an incident though nobody is named, and of medium severity in OCSF; `notable` is of low severity. */
  readonly weight?: 'grave' | 'notable';
  /** The command that finds the cause, and says how to mend it: an account, a Region or an event that is not logged, a username. */
  readonly causeCommand?: string;
  /** Whether grants from further back may explain it. */
  readonly mayBeFurtherBack?: true;
  /** What else there is to look at on the page: CloudTrail's records of the key, or the records of the username. */
  readonly look?: 'key' | 'username';
}

const DOCTOR = 'eks-whois doctor';

/** In the contract's order. */
const TABLE = {
  'malformed-identity': {
    status: 'unattributed',
    why: "The uid has the AWS authenticator's prefix but nothing that it writes behind it.",
    next: "Check that the uid was copied whole; if the audit log really has it, look into the cluster's authenticator.",
    step: 'Find out which authenticator wrote this uid: it is none that AWS issues.',
    look: 'username',
  },
  'no-event-time': {
    status: 'unattributed',
    why: 'The event has no readable requestReceivedTimestamp, so no grant can be tied to it.',
    next: "Ask again with --at and the time from another source, such as the log event's own timestamp.",
    step: 'Look at the audit event itself: its time cannot be read, so no grant can be meant.',
    look: 'username',
  },
  'access-key-contradicts-session': {
    status: 'unattributed',
    why: 'CloudTrail shows this access key with another session than the one stated.',
    next: 'Treat it as suspicious: compare the audit event with the records of the key, and check how the event came here.',
    step: 'Treat it as an incident: the access key belongs to another session than the caller states.',
    weight: 'grave',
    look: 'key',
  },
  'outside-session-validity': {
    status: 'unattributed',
    why: 'The session is known, but it was not valid at the time asked for.',
    next: 'Check --at and its time zone (without one it is UTC); a recycled key or name may belong to an older session.',
    step: 'Compare the event time with the session; a clock that is wrong, or a token that was kept, explains it.',
  },
  'access-key-not-seen': {
    status: 'unattributed',
    why: 'Grants of this role and name are known, but none issued this access key; the name alone proves nothing.',
    next: 'Look in the account and Region where the role was assumed (--profile and --region, or the files of its trail), and further back (--lookback).',
    nextInFiles:
      'Add the files of the trail in the account and Region where the role was assumed, of the hours before too.',
    step: 'Look in CloudTrail, in every Region, for a grant that issued this key; the role was assumed by others only.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'session-name-unknown': {
    status: 'unattributed',
    why: 'The event states neither an access key nor a session name, and its username shows none that a grant bears.',
    next: "Give the cluster's username mapping with --username-template, or the key with --access-key-id.",
    nextOfEvent:
      "Give the cluster's username mapping to the service (its parameter usernameTemplates); eks-whois doctor reads it from aws-auth and access entries.",
    step: 'Give the cluster a username that shows {{SessionName}}, or update it so that it logs access keys.',
    causeCommand: `kubectl get configmap aws-auth -n kube-system -o yaml | ${DOCTOR} --aws-auth -`,
  },
  'no-matching-grant': {
    status: 'unattributed',
    why: 'No grant of this session is known.',
    next: 'Look further back (--lookback), in other Regions and accounts (--region and --profile, or the files of their trails); CloudTrail may be 15 minutes behind.',
    nextInFiles:
      "Add the files of other Regions' and accounts' trails, and of the hours before; CloudTrail may be 15 minutes behind.",
    step: 'Run `eks-whois doctor`: a Region or an account without a trail, or one that logs no reads.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'acts-by-delegation': {
    status: 'partial',
    why: "Somebody of the account shown as delegate acts with the actor's identity, by a temporary delegation that the actor approved.",
    detail: 'The account is in `actor.delegate`.',
    next: 'Look up in IAM which product provider the actor let in (temporary delegation requests), and ask that provider who acted.',
    step: 'Look up in IAM which product provider the person let in, and ask that provider who acted with their identity.',
    certainty: 'Only whose identity was used: who acted with it is not known.',
    weight: 'notable',
  },
  'caller-account-not-logged': {
    status: 'partial',
    why: 'The role was assumed from another account, whose own trail is not known here.',
    next: 'Ask that account too: add its --profile, or its CloudTrail files.',
    nextInFiles: 'Add the CloudTrail files of that account.',
    causeCommand: DOCTOR,
  },
  'upstream-grant-not-found': {
    status: 'partial',
    why: 'The chain is proven up to a role session whose own grant is not known.',
    next: 'Look further back (--lookback) and in the account and Region of that role (--profile and --region, or the files of its trail).',
    nextInFiles: 'Add the files of the trail in the account and Region of that role, of the hours before too.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'grant-not-found': {
    status: 'partial',
    why: 'It is a federated user whose GetFederationToken call is not known.',
    next: 'Look further back (--lookback): such sessions last up to 36 hours.',
    nextInFiles: 'Add the files of the hours before: such sessions last up to 36 hours.',
    certainty: 'Only the account: whoever asked for the session chose its name.',
    mayBeFurtherBack: true,
  },
  'chain-too-long': {
    status: 'partial',
    why: 'The role chain has more than ten grants.',
    next: 'Follow the chain from the first role session shown.',
  },
  'chain-loop': {
    status: 'partial',
    why: 'The grants lead in a circle.',
    next: 'Look at the records by their event ids; a record may be forged.',
  },
  'acts-for-impersonated-user': {
    status: 'partial',
    why: "The cluster's own identity acted for the impersonated user; the client names that user.",
    next: 'Look into the log of the component that impersonates: it knows whom it let in.',
    certainty: 'Only who made the request: for whom is not known.',
    causeCommand: DOCTOR,
  },
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type Reason = keyof typeof TABLE;
type ReasonOf<S extends ReasonRow['status']> = {
  [R in Reason]: (typeof TABLE)[R]['status'] extends S ? R : never;
}[Reason];
/** Why there is no actor. */
export type UnattributedReason = ReasonOf<'unattributed'>;
/** Why an actor is not yet the person or workload. */
export type PartialReason = ReasonOf<'partial'>;

export const REASON_ROWS: Readonly<Record<Reason, ReasonRow>> = TABLE;
export const REASONS: readonly Reason[] = keysOf(TABLE);

/** Whether it is why an actor is not yet the person or workload, not why there is none. */
export function isPartialReason(reason: Reason | undefined): reason is PartialReason {
  return reason !== undefined && REASON_ROWS[reason].status === 'partial';
}

/** What `doctor` says to do about sessions of a reason; `{list}` lists them, `{lines}` as JSON lines, `{ask}` asks about one. */
export const REASON_MEND: Readonly<Record<UnattributedReason, string>> = {
  'malformed-identity': 'Look at the uid: {lines}',
  'no-event-time': 'Find out what wrote audit events without requestReceivedTimestamp: {list}',
  'access-key-contradicts-session': 'The event states another session than its key is of. {list} lists them; {ask}',
  'outside-session-validity': 'Compare the clocks; else an old token was used. {list} lists them; {ask}',
  'access-key-not-seen': 'Somebody may have used a forged session name. {list} lists them; {ask}',
  'session-name-unknown':
    'Let the username hold the session (see username-loses-session), and configure its template as usernameTemplates.',
  'no-matching-grant':
    "Connect the trail of the role's account, in all Regions (see the findings on trails), or ask that account; {ask}",
};

/** docs/alerts.md's section of each reason. */
export const REASON_RUNBOOK: Readonly<Record<Reason, Runbook>> = {
  'malformed-identity': {
    means: "the uid has the AWS authenticator's prefix, and nothing that it writes behind it.",
    harmless: 'none known on EKS: the authenticator writes only what STS answered.',
    attack:
      "an identity of another authenticator that is to look like AWS's, or audit events that are not the API server's.",
    first: [
      '`eks-whois sessions --status unattributed --output jsonl --api "$API_URL"`: the uid as it is.',
      '`aws logs filter-log-events --log-group-name /aws/eks/<cluster>/cluster --log-stream-name-prefix authenticator --filter-pattern \'"access granted"\'`: did the AWS authenticator let it in? Its log must be on.',
      '`aws eks list-identity-provider-configs --cluster-name <cluster>`: which other authenticator is there?',
    ],
    mend: 'a prefix for the usernames of the OIDC provider; nobody but AWS writes to the log group.',
    close: 'when you know which authenticator wrote it.',
  },
  'no-event-time': {
    means: "the event's `requestReceivedTimestamp` is missing or unreadable, so no grant can be tied to it.",
    harmless: 'audit events of 2019 (`v1beta1`), or ones that another program rewrote.',
    attack: 'none known; the API server writes the time.',
    first: [
      '`eks-whois records --status unattributed --output jsonl --api "$API_URL"`: the event, without a time.',
      'Find the log event in CloudWatch Logs by its audit ID: its `timestamp` is the time.',
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --access-key-id "$KEY" --at "$FIRST"`, with that time for `FIRST`.',
    ],
    mend: "give the service the log group's own events.",
    close: 'when the third step names somebody.',
  },
  'access-key-contradicts-session': {
    means: 'CloudTrail shows this access key with another session than the one that the event states.',
    harmless:
      'hardly. Audit events or CloudTrail files that were made by hand, or mixed from two places, in `backfill`.',
    attack:
      "somebody writes audit events or CloudTrail records that are not AWS's, or a token was made to say what it is not.",
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: whose key it is by CloudTrail. If it names nobody, the key has uses and no grant: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue="$KEY"`, in each Region, shows whose session used it.',
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done with it.',
      'Hold the audit event in CloudWatch Logs, and the CloudTrail record in S3 with `aws cloudtrail validate-logs`, against what the service has.',
    ],
    mend: "let nobody but AWS write to the log group, the trail's bucket and the event bus.",
    close: 'when the two sources agree, and you know where the wrong one came from.',
  },
  'outside-session-validity': {
    means: 'the session is known, and was not valid when the event happened.',
    harmless:
      'a clock that is wrong; a key id or name that occurs again; a token that the API server had still cached.',
    attack: 'an old token played again, if the cluster took it.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --lookback 2160`: the session\'s times, to be held against the event\'s. Without a key: `--uid "$CALLER_UID" --username "$NAME"` in its place. No `--at`, since at that time nobody is found.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done, and how often.',
      "Compare `requestReceivedTimestamp` with the log event's own timestamp in CloudWatch Logs.",
    ],
    mend: 'nothing of yours sets these clocks; if it happens again, ask AWS Support with the audit ID.',
    close: 'when the difference is explained.',
  },
  'access-key-not-seen': {
    means: 'grants of this role under this session name are known, and none of them issued the key that signed.',
    harmless:
      'the grant of this one lies in a Region or account whose trail the service does not have, while others of the same name (`EKSGetTokenAuth`) come by another way.',
    attack: "somebody took a role under a name that is in use, where nobody looks: another Region's STS endpoint.",
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --access-key-id "$KEY" --at "$FIRST"`: all Regions, now.',
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done with it.',
      '`eks-whois doctor --api "$API_URL"`: which Regions and accounts have no trail.',
    ],
    mend: '[trail-misses-regions](doctor.md#trail-misses-regions), [caller-account-not-connected](doctor.md#caller-account-not-connected), [shared-session-name](doctor.md#shared-session-name).',
    close: 'when the first step names somebody who says that it was they. Otherwise it is an incident.',
  },
  'session-name-unknown': {
    means: 'the event has neither an access key nor a session name, and its username shows none that a grant bears.',
    harmless: 'an old cluster, whose audit events have no `extra`, and a mapping with a fixed username.',
    attack: 'somebody uses just that gap. Nothing in the event tells them from anybody else on the role.',
    first: [
      '`eks-whois records --status unattributed --api "$API_URL"`: what was done. Without a session name there is no asking by session; the namespace is the other way.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole --start-time <12 h before>`: who had the role then. Each Region apart.',
      '`eks-whois doctor --offline --aws-auth aws-auth.yaml`: which mappings lose the session.',
    ],
    mend: '[username-loses-session](doctor.md#username-loses-session), and give the template to the service (`usernameTemplates`); update the cluster, so that its events have the key.',
    close: 'when one of those who had the role says that it was they, or only one had it.',
  },
  'no-matching-grant': {
    means: 'no grant of this session is known.',
    harmless:
      'a trail that logs no reads or not this Region; a role assumed in an account that is not connected; CloudTrail was late; the records of the grant had expired, for a session that is older than they are kept.',
    attack: 'a role from an account or Region where nothing is logged.',
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST" --lookback 36`: add `--profile` of the role\'s account.',
      '`eks-whois doctor --api "$API_URL"`: why grants are missing.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what the session did, to know how urgent it is.',
    ],
    mend: '[trail-missing](doctor.md#trail-missing), [trail-write-only](doctor.md#trail-write-only), [trail-misses-regions](doctor.md#trail-misses-regions), [rule-wrong-state](doctor.md#rule-wrong-state), then load what was missed: `eks-whois backfill --table eks-whois-prod --lookup --from … --to …`.',
    close: 'when it is named, or when the cause is mended and what the session did was harmless.',
  },
  'acts-by-delegation': {
    means:
      "a product provider acts with the actor's identity, by a temporary delegation that the actor approved in IAM. The person shown approved it; who acted, only the provider knows. `actor.delegate.accountId` is the provider's account.",
    harmless: 'the provider sets up or mends its product, and somebody of yours let it.',
    attack: 'a request that was approved without being read; a provider whose own staff or keys went astray.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: the actor, and the account that acts as them.',
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done. Compare the last of `source.ips` with the actor\'s own.',
      'Ask the actor which request they approved: IAM lists temporary delegation requests, with what they allow and how long.',
    ],
    mend: 'who may approve delegation requests, and a permission boundary that keeps providers out of clusters.',
    close: 'when the provider has named what it did, and the actor wanted that.',
  },
  'caller-account-not-logged': {
    means:
      "the role was assumed from another account, whose own trail is not known here. The role owner's copy has an account and a principal id, and no name.",
    harmless: 'a supplier, or an account of yours that is not connected.',
    attack: "a trust policy that lets in more than it should; a supplier's stolen key.",
    first: [
      '`eks-whois sessions --status partial --api "$API_URL"`: which account it is.',
      '`aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument`: should it be let in?',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST" --profile <that account>`, or ask its owner: the CloudTrail record\'s `sharedEventID` is the same in both accounts.',
    ],
    mend: '[caller-account-not-connected](doctor.md#caller-account-not-connected); for a supplier, an external id and a source identity in the trust policy.',
    close: 'when the account is connected, or its owner has named the person.',
  },
  'upstream-grant-not-found': {
    means: 'the chain is proven back to a role session, whose own grant is not known.',
    harmless:
      'the first role was assumed in a Region or account without a trail here, or longer ago than grants are kept.',
    attack: 'the first step was taken where nobody looks.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST" --lookback 36`: the chain, and where it begins.',
      'The same with `--profile` of the account of the first role shown.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done.',
    ],
    mend: '[trail-misses-regions](doctor.md#trail-misses-regions), [caller-account-not-connected](doctor.md#caller-account-not-connected); a condition on `sts:SourceIdentity` carries a name through all roles ([trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free)).',
    close: 'when the chain begins at a person or workload.',
  },
  'grant-not-found': {
    means: 'a federated user, whose GetFederationToken call is not known. Its name was chosen by whoever called.',
    harmless: 'a token of up to 36 hours from before the service, or from another Region.',
    attack: 'such a session outlives the stolen key that asked for it.',
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST" --lookback 36`.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=GetFederationToken`, in each Region.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: here the session is `<account>:<name>`.',
    ],
    mend: 'as for [trail-misses-regions](doctor.md#trail-misses-regions); take `sts:GetFederationToken` from users who need it not.',
    close: 'when the issuer is known.',
  },
  'chain-too-long': {
    means: 'more than ten grants lead to the session. What is shown is the end of the chain.',
    harmless: 'hardly: a loop of scripts that assume role after role.',
    attack: 'roles that assume each other in turn, to stay: a chained session lasts an hour, and can begin the next.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: the ten grants.',
      '`eks-whois whois --access-key-id <key of the first grant shown> --at <its time>`: go on from there.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done.',
    ],
    mend: 'trust policies that let roles assume each other in a circle.',
    close: 'when the first person is found.',
  },
  'chain-loop': {
    means: 'the grants lead in a circle, and to nobody.',
    harmless: 'none known.',
    attack: 'forged CloudTrail records.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: the event ids. Without `--api` they are CloudTrail\'s own.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=<event id>` for each: is it there?',
      '`aws cloudtrail validate-logs --trail-arn <trail> --start-time <before>`: were files changed?',
    ],
    mend: "let nobody but AWS write to the trail's bucket and the event bus.",
    close: 'when each record is proven or thrown out.',
  },
  'acts-for-impersonated-user': {
    means:
      "the cluster's own identity, a service account say, acted for an impersonated user. Who that is, only it knows.",
    harmless: 'GitOps controllers and access proxies (Teleport, Rancher, Pinniped, Tailscale), all day.',
    attack: "whoever holds that service account's token may act as anybody whom its RBAC lets it impersonate.",
    first: [
      '`eks-whois records --status partial --output jsonl --api "$API_URL"`: `caller.username`, `impersonated.username`.',
      'The log of that component at that time: it knows whom it let in.',
      '`kubectl get clusterroles -o json | jq -r \'.items[] | select(any(.rules[]?; any(.verbs[]?; . == "impersonate"))) | .metadata.name\'`: who may impersonate whom.',
    ],
    mend: '`resourceNames` in the rule that allows `impersonate`. Where it is an access proxy that you trust to say who came, name it (`--trusted-proxy`, parameter `trustedProxies`): then the person is the actor, method `proxy`. Whoever controls the proxy, or may have a token of its service account issued, can then put any name into the records.',
    close: "when the component's log names the person.",
  },
};
