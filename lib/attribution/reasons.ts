import { keysOf } from '../json.ts';

export const STATUSES = ['attributed', 'partial', 'ambiguous', 'unattributed', 'pending', 'system'] as const;
export type Status = (typeof STATUSES)[number];

/** One section of docs/alerts.md, in Markdown: what to do after an alert. Each part should be short. */
export interface Runbook {
  readonly means: string;
  readonly harmless: string;
  readonly attack: string;
  /** The first steps. At least one of them is a command of eks-whois. */
  readonly first: readonly [string, string, string];
  readonly fix: string;
  /** When to close the alert. It continues a sentence that begins with "Close". */
  readonly close: string;
}

/**
 * One reason, and every text about it. It says why an answer names nobody, or why the actor is not yet the person or
 * workload. From this table come the tables in the documents, the API's texts and the help (`npm run derived`).
 */
export interface ReasonRow {
  /** The status of answers with this reason. */
  readonly status: 'unattributed' | 'partial';
  /** The explanation of the reason. For the page, `whois` and docs/record.md. */
  readonly why: string;
  /** What to do next, for a question about one session. */
  readonly next: string;
  /** What to do next if a service answered, because it does not search CloudTrail further back or elsewhere. */
  readonly nextInService?: string;
  /** What to do next if the answer is from files. */
  readonly nextInFiles?: string;
  /** The first step after an alert. If absent, the alert gives the advice for the status. */
  readonly step?: string;
  /** The sentence about the certainty of a partial answer. If absent, the method's sentence is used. */
  readonly certainty?: string;
  /** `grave`: an incident even though nobody is named, with medium severity in OCSF. `notable`: low severity in OCSF. */
  readonly weight?: 'grave' | 'notable';
  /** The command that finds the cause and shows how to fix it, for example an account, a Region or an event that is not logged. */
  readonly causeCommand?: string;
  /** Whether older grants can explain the session. */
  readonly mayBeFurtherBack?: true;
  /** Where else the page offers to look: CloudTrail's records of the access key, or the records of the username. */
  readonly look?: 'key' | 'username';
}

const DOCTOR = 'eks-whois doctor';
const SEARCH_NOW =
  'eks-whois doctor finds accounts and Regions whose CloudTrail the service does not receive. To search CloudTrail itself, ask again with --profile and --region, and without --api, --table and --service.';

/** All reasons, in the contract's order. */
const TABLE = {
  'malformed-identity': {
    status: 'unattributed',
    why: "The uid starts like a uid of the AWS authenticator, but the rest does not have that authenticator's format.",
    next: "Check that the uid was copied completely. If the audit log has it like this, check the cluster's authenticator.",
    step: 'Find out which authenticator wrote this uid. AWS issues no such uid.',
    look: 'username',
  },
  'no-event-time': {
    status: 'unattributed',
    why: 'The event has no readable requestReceivedTimestamp, so no grant can be matched to it.',
    next: "Ask again with --at and the time from another source, such as the log event's own timestamp.",
    step: 'Look at the audit event itself: its time cannot be read, so no grant can match.',
    look: 'username',
  },
  'access-key-contradicts-session': {
    status: 'unattributed',
    why: 'CloudTrail shows this access key with another session than the one stated.',
    next: 'Treat it as suspicious. Compare the audit event with the records of the key, and check where the event came from.',
    step: 'Treat it as an incident: the access key belongs to another session than the caller states.',
    weight: 'grave',
    look: 'key',
  },
  'outside-session-validity': {
    status: 'unattributed',
    why: 'The session is known, but it was not valid at the time in question.',
    next: 'Check --at and its time zone (UTC if it has none). A reused key or name may belong to an older session.',
    step: 'Compare the event time with the session. A wrong clock or a cached token can explain the difference.',
  },
  'access-key-not-seen': {
    status: 'unattributed',
    why: 'We saw this role being assumed under this name, but never with this key. The name alone is no proof.',
    next: 'Search the account and Region where the role was assumed (--profile and --region, or the files of its trail), and further back (--lookback).',
    nextInService: `The service knows no grant of this key. ${SEARCH_NOW}`,
    nextInFiles:
      'Add the files of the trail in the account and Region where the role was assumed, including those of the hours before.',
    step: 'Search CloudTrail in every Region for a grant that issued this key. The known grants of this role issued other keys.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'session-name-unknown': {
    status: 'unattributed',
    why: 'The event has no access key and no session name, and its username does not contain the session name of a known grant.',
    next: "Add the cluster's username mapping with --username-template, or the access key with --access-key-id.",
    nextInService:
      "Add the cluster's username mapping to the service (parameter usernameTemplates). eks-whois doctor reads it from aws-auth and access entries.",
    step: 'Add {{SessionName}} to the username that the cluster gives this role, or update the cluster so that it logs access keys.',
    causeCommand: `kubectl get configmap aws-auth -n kube-system -o yaml | ${DOCTOR} --aws-auth -`,
  },
  'no-matching-grant': {
    status: 'unattributed',
    why: 'No grant of this session is known.',
    next: 'Search further back (--lookback), and in other Regions and accounts (--region and --profile, or the files of their trails). CloudTrail may be 15 minutes behind.',
    nextInService: `The service knows no grant of this session. CloudTrail may be 15 minutes behind. ${SEARCH_NOW}`,
    nextInFiles:
      'Add the files of the trails in other Regions and accounts, including those of the hours before. CloudTrail may be 15 minutes behind.',
    step: 'Run `eks-whois doctor`: it finds Regions and accounts without a trail, and trails that log no read events.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'node-credentials-used': {
    status: 'unattributed',
    why: "A node's credentials were used by a client that nodes do not use. The log does not show who has the credentials.",
    next: "Compare the source IP with the node's own. If it is another one, somebody took the credentials from the instance: revoke the sessions of its role.",
    step: "Compare the source IP with the node's own. If it is another one, somebody took the credentials from the instance: revoke the sessions of its role.",
    weight: 'grave',
  },
  'acts-by-delegation': {
    status: 'partial',
    why: "Somebody in the account shown as delegate acts with the actor's identity, by a temporary delegation that the actor approved.",
    next: 'Look up in IAM which product provider the actor allowed in (temporary delegation requests). Ask that provider who acted.',
    step: 'Look up in IAM which product provider the person allowed in. Ask that provider who acted with their identity.',
    certainty: 'Only partly certain: their identity was used. It is not known who used it.',
    weight: 'notable',
  },
  'caller-account-not-logged': {
    status: 'partial',
    why: 'The role was assumed from another account, and the trail of that account is not known here.',
    next: 'Search that account too: add its --profile, or its CloudTrail files.',
    nextInService: 'Let that account forward its CloudTrail to the service (docs/accounts.md).',
    nextInFiles: 'Add the CloudTrail files of that account.',
    causeCommand: DOCTOR,
  },
  'upstream-grant-not-found': {
    status: 'partial',
    why: 'The chain leads back to a session or a web identity token of a role, and the record that issued it is not known.',
    next: 'Search further back (--lookback), and in the account and Region of that role (--profile and --region, or the files of its trail).',
    nextInService: `The service knows no such record. ${SEARCH_NOW}`,
    nextInFiles:
      'Add the files of the trail in the account and Region of that role, including those of the hours before.',
    causeCommand: DOCTOR,
    mayBeFurtherBack: true,
  },
  'grant-not-found': {
    status: 'partial',
    why: 'The caller is a federated user, and the GetFederationToken call behind it is not known.',
    next: 'Search further back (--lookback): such sessions last up to 36 hours.',
    nextInService: `The service knows no such call. ${SEARCH_NOW}`,
    nextInFiles: 'Add the files of the hours before: such sessions last up to 36 hours.',
    certainty: 'Only partly certain: the account is known, but whoever requested the session chose its name.',
    mayBeFurtherBack: true,
  },
  'chain-too-long': {
    status: 'partial',
    why: 'The role chain has more than ten grants.',
    next: 'Follow the chain further from the first role session shown.',
  },
  'chain-loop': {
    status: 'partial',
    why: 'The grants form a loop.',
    next: 'Look up the records by their event IDs. One of them may be forged.',
  },
  'acts-for-impersonated-user': {
    status: 'partial',
    why: "The cluster's own identity acted for the impersonated user. Only the client states who that user is.",
    next: 'Check the log of the component that impersonates: it knows who signed in to it.',
    step: 'Check the log of the component that impersonates: it knows who signed in to it.',
    certainty: 'Only partly certain: this is who made the request. It is not known for whom.',
    causeCommand: DOCTOR,
  },
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type Reason = keyof typeof TABLE;
type ReasonOf<S extends ReasonRow['status']> = {
  [R in Reason]: (typeof TABLE)[R]['status'] extends S ? R : never;
}[Reason];
/** A reason why there is no actor. */
export type UnattributedReason = ReasonOf<'unattributed'>;
/** A reason why the actor is not yet the person or workload. */
export type PartialReason = ReasonOf<'partial'>;

export const REASON_ROWS: Readonly<Record<Reason, ReasonRow>> = TABLE;
/** Every reason, in the contract's order. */
export const REASONS: readonly Reason[] = keysOf(TABLE);

/** Returns whether the reason belongs to `partial` answers. If not, it belongs to answers without an actor. */
export function isPartialReason(reason: Reason | undefined): reason is PartialReason {
  return reason !== undefined && REASON_ROWS[reason].status === 'partial';
}

/**
 * What `doctor` advises for sessions with each reason. `{list}` stands for a command that lists the sessions, `{lines}`
 * for one that lists them as JSON lines, and `{ask}` for one that asks about a single session.
 */
export const REASON_MEND: Readonly<Record<UnattributedReason, string>> = {
  'malformed-identity': 'Check the uid: {lines}',
  'no-event-time': 'Find out what wrote audit events without requestReceivedTimestamp: {list}',
  'access-key-contradicts-session':
    'The event states another session than the one that its access key belongs to. {list} lists them; {ask}',
  'outside-session-validity': 'Compare the clocks. If they agree, an old token was used. {list} lists them; {ask}',
  'access-key-not-seen': 'Somebody may have used a forged session name. {list} lists them; {ask}',
  'session-name-unknown':
    'Let the username include the session name (docs/doctor.md: username-loses-session), and configure its template as usernameTemplates.',
  'no-matching-grant':
    "Connect the trail of the role's account in all Regions (see the findings on trails), or ask that account; {ask}",
  'node-credentials-used': 'Close the way to the instance metadata service. {list} lists them; {ask}',
};

/** What docs/record.md adds to `why`. The page has no room for it. */
export const REASON_DETAIL: Readonly<Partial<Record<Reason, string>>> = {
  'node-credentials-used': 'Or a token was used that such a client requested.',
  'acts-by-delegation': 'The account is in `actor.delegate`.',
  'upstream-grant-not-found':
    'If the session was obtained with a web identity token of AWS, the chain ends at the role that requested the token. If a caller of the cluster presented such a token, only the username names the role, which proves nothing (flag `issuer-by-username`).',
};

/** For each reason, its section of docs/alerts.md. */
export const REASON_RUNBOOK: Readonly<Record<Reason, Runbook>> = {
  'malformed-identity': {
    means: "The uid has the AWS authenticator's prefix, but the rest does not have that authenticator's format.",
    harmless: 'No cause is known on EKS: the authenticator writes only what STS answered.',
    attack:
      "Somebody makes another authenticator's identity look like AWS's. Or the API server did not write these events.",
    first: [
      '`eks-whois sessions --status unattributed --output jsonl --api "$API_URL"` shows the exact uid.',
      '`aws logs filter-log-events --log-group-name /aws/eks/<cluster>/cluster --log-stream-name-prefix authenticator --filter-pattern \'"access granted"\'` shows whether the AWS authenticator let it in. Its log must be enabled.',
      '`aws eks list-identity-provider-configs --cluster-name <cluster>` shows which other authenticator there is.',
    ],
    fix: 'Set a prefix for the usernames of the OIDC provider. Let only AWS write to the log group.',
    close: 'when you know which authenticator wrote it.',
  },
  'no-event-time': {
    means: "The event's `requestReceivedTimestamp` is missing or unreadable, so no grant can be matched to it.",
    harmless: 'Audit events of 2019 (`v1beta1`), or events that another program rewrote.',
    attack: 'None is known: the API server writes the time.',
    first: [
      '`eks-whois records --status unattributed --output jsonl --api "$API_URL"` shows the event, without a time.',
      'Find the log event in CloudWatch Logs by its audit ID. Its `timestamp` is the time.',
      'Set `FIRST` to that time, and run `eks-whois whois --uid "$CALLER_UID" --username "$NAME" --access-key-id "$KEY" --at "$FIRST"`.',
    ],
    fix: "Send the log group's original events to the service.",
    close: 'when the third step names somebody.',
  },
  'access-key-contradicts-session': {
    means: 'CloudTrail shows this access key with another session than the one that the event states.',
    harmless:
      'Unlikely. `backfill` may have read audit events or CloudTrail files that were written by hand or mixed from two sources.',
    attack: 'Somebody writes audit events or CloudTrail records that are not from AWS. Or somebody forged a token.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows whose key it is, according to CloudTrail. If it names nobody, the key has uses but no grant. Then run `aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue="$KEY"` in each Region. It shows whose session used the key.',
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done with it.',
      "Compare the service's data with the audit event in CloudWatch Logs, and with the CloudTrail record in S3. Verify that record with `aws cloudtrail validate-logs`.",
    ],
    fix: "Let only AWS write to the log group, the trail's bucket and the event bus.",
    close: 'when the two sources agree, and you know where the wrong one came from.',
  },
  'outside-session-validity': {
    means: 'The session is known, but it was not valid when the event happened.',
    harmless: 'A wrong clock, a key ID or name that was reused, or a token that the API server still had cached.',
    attack: 'Somebody replays an old token. It is an attack only if the cluster accepted the token.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --lookback 2160` shows the session\'s times. Compare them with the event\'s time. If there is no key, use `--uid "$CALLER_UID" --username "$NAME"` instead. Do not add `--at`, because nobody is found at that time.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done, and how often.',
      "Compare `requestReceivedTimestamp` with the log event's own timestamp in CloudWatch Logs.",
    ],
    fix: 'You do not control these clocks. If it happens again, contact AWS Support with the audit ID.',
    close: 'when the difference is explained.',
  },
  'access-key-not-seen': {
    means: 'Grants of this role under this session name are known, but none of them issued the key that signed.',
    harmless:
      'The grant is in a Region or account whose trail the service does not have. Other grants of the same name (`EKSGetTokenAuth`) arrive from elsewhere.',
    attack:
      "Somebody assumed the role under a name that is in use, at another Region's STS endpoint, where no trail records it.",
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --access-key-id "$KEY" --at "$FIRST"` searches all Regions now.',
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done with it.',
      '`eks-whois doctor --api "$API_URL"` shows which Regions and accounts have no trail.',
    ],
    fix: 'See [trail-misses-regions](doctor.md#trail-misses-regions), [caller-account-not-connected](doctor.md#caller-account-not-connected) and [shared-session-name](doctor.md#shared-session-name).',
    close: 'when the first step names somebody who confirms that it was them. Otherwise it is an incident.',
  },
  'session-name-unknown': {
    means:
      'The event has no access key and no session name. Its username does not contain the session name of a known grant.',
    harmless: 'An old cluster: its audit events have no `extra`, and a mapping gives the role a fixed username.',
    attack: 'Somebody uses exactly this gap. Nothing in the event distinguishes them from others with the same role.',
    first: [
      '`eks-whois records --status unattributed --api "$API_URL"` shows what was done. Without a session name you cannot filter by session; filter by namespace instead.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole --start-time <12 h before>` shows who assumed the role then. Run it in each Region.',
      '`eks-whois doctor --offline --aws-auth aws-auth.yaml` shows which mappings lose the session.',
    ],
    fix: 'See [username-loses-session](doctor.md#username-loses-session), and add the template to the service (`usernameTemplates`). Update the cluster, so that its events include the access key.',
    close: 'when one of those who assumed the role confirms that it was them, or when only one person assumed it.',
  },
  'no-matching-grant': {
    means: 'No grant of this session is known.',
    harmless:
      'The trail does not log read events, or does not cover this Region. The role was assumed in an account that is not connected. CloudTrail was late. Or the session is older than the time for which grants are kept.',
    attack: 'A role is used from an account or Region where nothing is logged.',
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST" --lookback 36` asks CloudTrail again. Add `--profile` of the role\'s account.',
      '`eks-whois doctor --api "$API_URL"` shows why grants are missing.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what the session did. That tells you how urgent it is.',
    ],
    fix: 'See [trail-missing](doctor.md#trail-missing), [trail-write-only](doctor.md#trail-write-only), [trail-misses-regions](doctor.md#trail-misses-regions) and [rule-wrong-state](doctor.md#rule-wrong-state). Then load what was missed: `eks-whois backfill --table eks-whois-prod --lookup --from … --to …`.',
    close: 'when the session is named, or when the cause is fixed and what the session did was harmless.',
  },
  'node-credentials-used': {
    means:
      "A node's credentials were used by a client that nodes do not use, or a token was used that such a client requested. The alert has the cause [unusual-node-client](#unusual-node-client).",
    harmless: "Somebody debugs on the node with kubelet's kubeconfig, or a script there uses it.",
    attack: 'Somebody read the credentials in a pod or on the instance, and uses them from elsewhere.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows all requests with this key. Compare the source IPs.',
      "`aws ec2 describe-instances --instance-ids <instance>` shows the instance's own addresses.",
      '`eks-whois related <audit-id> --api "$API_URL"` of a request for a token shows what was done with this token.',
    ],
    fix: 'See [unusual-node-client](#unusual-node-client).',
    close: 'when you know the tool on the node.',
  },
  'acts-by-delegation': {
    means:
      "A product provider acts with the actor's identity, by a temporary delegation that the actor approved in IAM. The person shown approved it. Only the provider knows who acted. `actor.delegate.accountId` is the provider's account.",
    harmless: 'The provider sets up or repairs its product, and somebody on your side allowed it.',
    attack: "Somebody approved a request without reading it, or the provider's staff or keys are compromised.",
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows the actor, and the account that acts with their identity.',
      '`eks-whois records --session "$KEY" --api "$API_URL"` shows what was done. Compare the last of `source.ips` with the actor\'s own.',
      'Ask the actor which request they approved. IAM lists temporary delegation requests, with what they allow and for how long.',
    ],
    fix: 'Restrict who may approve delegation requests. Set a permissions boundary that keeps providers out of clusters.',
    close: 'when the provider has explained what it did, and the actor wanted that.',
  },
  'caller-account-not-logged': {
    means:
      "The role was assumed from another account, and the trail of that account is not known here. The role owner's copy of the record has an account and a principal ID, but no name.",
    harmless: 'A supplier, or an account of yours that is not connected.',
    attack: "A trust policy that allows more than it should, or a supplier's stolen key.",
    first: [
      '`eks-whois sessions --status partial --api "$API_URL"` shows which account it is.',
      '`aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument` shows whether that account should have access.',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST" --profile <that account>` asks that account. Or ask its owner: the CloudTrail record has the same `sharedEventID` in both accounts.',
    ],
    fix: 'See [caller-account-not-connected](doctor.md#caller-account-not-connected). For a supplier, require an external ID and a source identity in the trust policy.',
    close: 'when the account is connected, or its owner has named the person.',
  },
  'upstream-grant-not-found': {
    means:
      'The chain leads back to a session or a web identity token of a role, and the record that issued it is not known. If a caller of the cluster presented such a token, only the username names the role.',
    harmless:
      "The trail of the first role's Region or account is not known here. Or the role was assumed longer ago than grants are kept.",
    attack: 'The first role was assumed where nothing is logged.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST" --lookback 36` shows the chain, and where it begins.',
      'Run it again with `--profile` of the account of the first role shown.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done.',
    ],
    fix: 'See [trail-misses-regions](doctor.md#trail-misses-regions) and [caller-account-not-connected](doctor.md#caller-account-not-connected). A condition on `sts:SourceIdentity` carries a name through all roles ([trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free)).',
    close: 'when the chain begins at a person or workload.',
  },
  'grant-not-found': {
    means:
      'The caller is a federated user, and the GetFederationToken call behind it is not known. Whoever made that call chose the name.',
    harmless: 'A session of up to 36 hours that began before the service was deployed, or in another Region.',
    attack: 'Such a session stays valid after the stolen key that requested it is disabled.',
    first: [
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST" --lookback 36` asks CloudTrail again.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=GetFederationToken` lists such calls. Run it in each Region.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done. Here `SESSION` is `<account>:<name>`.',
    ],
    fix: 'See [trail-misses-regions](doctor.md#trail-misses-regions). Remove `sts:GetFederationToken` from users who do not need it.',
    close: 'when you know who made the call.',
  },
  'chain-too-long': {
    means: 'More than ten grants lead to the session. The answer shows only the end of the chain.',
    harmless: 'Unlikely: a loop of scripts that assume one role after another.',
    attack:
      'Somebody keeps access with roles that assume each other in turn. A chained session lasts an hour, and can start the next one.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows these last grants.',
      '`eks-whois whois --access-key-id <key of the first grant shown> --at <its time>` continues from there.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"` shows what was done.',
    ],
    fix: 'Change trust policies that let roles assume each other in a loop.',
    close: 'when you have found the first person.',
  },
  'chain-loop': {
    means: 'The grants form a loop, and lead to nobody.',
    harmless: 'None is known.',
    attack: 'Forged CloudTrail records.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"` shows the event IDs. Without `--api`, they come from CloudTrail itself.',
      '`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=<event ID>` shows whether CloudTrail has the record. Run it for each.',
      '`aws cloudtrail validate-logs --trail-arn <trail> --start-time <before>` shows whether files were changed.',
    ],
    fix: "Let only AWS write to the trail's bucket and the event bus.",
    close: 'when each record is proven or discarded.',
  },
  'acts-for-impersonated-user': {
    means:
      "The cluster's own identity, for example a service account, acted for an impersonated user. Only that identity knows who the user is.",
    harmless: 'GitOps controllers and access proxies (Teleport, Rancher, Pinniped, Tailscale), all day.',
    attack: "Whoever holds that service account's token can act as anyone whom its RBAC rules allow it to impersonate.",
    first: [
      '`eks-whois records --status partial --output jsonl --api "$API_URL"` shows `caller.username` and `impersonated.username`.',
      'Check the log of that component at that time: it knows who signed in to it.',
      '`kubectl get clusterroles -o json | jq -r \'.items[] | select(any(.rules[]?; any(.verbs[]?; . == "impersonate"))) | .metadata.name\'` lists the cluster roles that allow it.',
    ],
    fix: 'Add `resourceNames` to the rule that allows `impersonate`. If it is an access proxy that you trust to state the user, configure it (`--trusted-proxy`, parameter `trustedProxies`). Then the person is the actor, with method `proxy`. But anyone who controls the proxy, or can get a token of its service account, can then write any name into the records.',
    close: "when the component's log names the person.",
  },
};
