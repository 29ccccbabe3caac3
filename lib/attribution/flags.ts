import { keysOf } from '../json.ts';
import type { Runbook, Status } from './reasons.ts';

/**
 * Everything that is known of a flag. The documents' tables, the API's words, the help and the page's lists are made from it
 * (`npm run derived`); `raised-flags.ts` has what raises them.
 */
export interface FlagRow {
  /** What it says, in sentences: on the page, in `whois` and in docs/record.md. */
  readonly says: string;
  /** What docs/record.md says besides. */
  readonly detail?: string;
  /** The statuses that an answer with it can have. */
  readonly with: readonly Status[];
  /** Whether the name rests on something that somebody could choose, or on a grant other than the key's own. */
  readonly isNameUnproven: boolean;
  /**
   * `grave` alerts by default, and is an event of medium severity in OCSF; what is `usual`, since whole fleets show it, alerts
   * only where it is switched on, the smaller number before the larger (lib/claims/alert-cause.ts has the first three).
   */
  readonly alert: 'grave' | { readonly usual: number } | 'never';
  /** What whoever is alerted does first, one sentence; absent where what is said of all names will do. */
  readonly step?: string;
  /** Whether it is shown as something wrong, not as a doubt. Grave ones are. */
  readonly isWrong?: true;
  /** Of a name that is not the actor's own: whose it is. */
  readonly name?: "another user's" | "the caller's choice";
  /** The page's list that its sessions are in. */
  readonly list?: 'anonymous' | 'nodes';
  /** How sure an answer with it is, whatever else is known: nobody who is named with it can be believed. */
  readonly certainty?: string;
}

const NAMED = ['attributed', 'partial'] as const;
const MEANT = [...NAMED, 'ambiguous'] as const;
const ANY = [...MEANT, 'unattributed', 'pending', 'system'] as const;

/** In the order in which answers list them. */
const TABLE = {
  'access-key-mismatch': {
    says: "Identity Center's session was found by its name, which AWS set; no grant lists the key that signed.",
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 4 },
    isWrong: true,
  },
  'name-chosen-by-caller': {
    says: 'The session was found by its name, which whoever assumed the role chose.',
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 7 },
    isWrong: true,
    name: "the caller's choice",
  },
  'key-not-listed': {
    says: 'No grant lists the access key: the session was found by the very second in which it began, and another grant of that second may be missing. Compare sourceIPAddress and userAgent of the grant with those of the request before you act on the name.',
    detail: 'The session can be that of any hop.',
    with: NAMED,
    isNameUnproven: true,
    alert: { usual: 6 },
    step: 'Compare address and user agent of the grant with those of the requests; another grant of that second may be missing.',
  },
  'token-of-service-account': {
    says: 'The request was made with a service account token that somebody had issued.',
    detail: 'The command is `kubectl create token`.',
    with: MEANT,
    isNameUnproven: false,
    alert: { usual: 5 },
    step: 'Ask the person named what the service account token was for, and where it is kept.',
  },
  'through-agent': {
    says: "A hosted agent acted in the person's session: the person may not have seen the request.",
    detail: 'Such agents are `aws-mcp.amazonaws.com` and the like.',
    with: NAMED,
    isNameUnproven: false,
    alert: { usual: 8 },
    step: 'Ask the person named what the agent was told to do: they may not have seen the requests.',
  },
  'identity-provider-changed': {
    says: "Identity Center's SAML provider in the account was created, changed or deleted by somebody else before the sign-in: whoever did so could sign in as anybody.",
    with: NAMED,
    isNameUnproven: true,
    alert: 'grave',
    step: "Look in CloudTrail for who changed Identity Center's SAML provider in that account: whoever did could sign in as anybody.",
    certainty: 'No: whoever changed the identity provider could sign in under this name.',
  },
  'foreign-identity-store': {
    says: 'The person is of an identity store that is not yours, whose administrators choose the name.',
    detail: '`--identity-store` and `identityStores` say which are yours.',
    with: NAMED,
    isNameUnproven: true,
    alert: 'grave',
    step: 'Ask whose directory that is: its administrators choose the name. Then who lets its people call the role (sts:SetContext).',
  },
  'node-role-used-by-person': {
    says: "A node's role was assumed by somebody who is no AWS service.",
    with: MEANT,
    isNameUnproven: false,
    alert: 'grave',
    list: 'nodes',
  },
  'eks-name-used-by-person': {
    says: 'A username of EKS itself is used by somebody who is no AWS service.',
    with: MEANT,
    isNameUnproven: false,
    alert: 'grave',
    list: 'nodes',
  },
  'anonymous-access': {
    says: 'Somebody without any credentials was let in, where only health, the version and the list of APIs are for everybody.',
    detail: 'Nobody is named.',
    with: ['system'],
    isNameUnproven: false,
    alert: 'grave',
    step: 'Take the rights away: find the binding to system:anonymous or system:unauthenticated, then read what was asked for and from where.',
    list: 'anonymous',
  },
  impersonation: {
    says: 'The request impersonates another user.',
    with: ANY,
    isNameUnproven: false,
    alert: 'never',
  },
  'session-name-claims-other-actor': {
    says: 'The session bears the name of another known user.',
    detail: 'Names are compared without case and with `-` for `@`.',
    with: ['attributed'],
    isNameUnproven: false,
    alert: 'grave',
    name: "another user's",
  },
  'source-identity-claims-other-actor': {
    says: 'The source identity bears the name of another known user.',
    detail: 'Names are compared in the same way.',
    with: ['attributed'],
    isNameUnproven: false,
    alert: 'grave',
    name: "another user's",
  },
} as const satisfies Readonly<Record<string, FlagRow>>;

export type Flag = keyof typeof TABLE;
/** The flags that can alert. */
export type AlertingFlag = { [F in Flag]: (typeof TABLE)[F]['alert'] extends 'never' ? never : F }[Flag];

export const FLAG_ROWS: Readonly<Record<Flag, FlagRow>> = TABLE;
/** In the order in which answers list them. */
export const FLAGS: readonly Flag[] = keysOf(TABLE);

/** The flags whose row says so, in their order. */
export function flagsWhere(says: (row: FlagRow) => boolean): readonly Flag[] {
  return FLAGS.filter((flag) => says(FLAG_ROWS[flag]));
}

export function isAlerting(flag: Flag): flag is AlertingFlag {
  return FLAG_ROWS[flag].alert !== 'never';
}

/** Flags of a name that is not the actor's own, the gravest first: nobody honest bears another's by chance. */
export const FORGED_FLAGS: readonly Flag[] = [
  ...flagsWhere(({ name }) => name === "another user's"),
  ...flagsWhere(({ name }) => name === "the caller's choice"),
];

/** Whether somebody should look into it, rather than keep a doubt. */
export function isWrong(flag: Flag): boolean {
  const { alert, isWrong = false } = FLAG_ROWS[flag];
  return alert === 'grave' || isWrong;
}

/** docs/alerts.md's section of each flag. */
export const FLAG_RUNBOOK: Readonly<Record<Flag, Runbook>> = {
  'access-key-mismatch': {
    means:
      'an Identity Center session, found by the name that AWS set. The key that signed is in no grant, and in no record of another session.',
    harmless: "usual: the console, CloudShell and Identity Center's own apps sign with keys that no grant lists.",
    attack: "none by the name, which AWS sets. Whoever holds the person's portal session has it anyhow.",
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done.',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: has CloudTrail uses of the key by now?',
      "Compare the last of `source.ips` with the person's usual addresses.",
    ],
    mend: "`uses=true` at deployment stores what keys signed; then the session's start ties it (`session-start`).",
    close: 'at once, unless the address is strange.',
  },
  'name-chosen-by-caller': {
    means: 'the event has no access key; only a name, which anybody on the role may choose, ties it to the grant.',
    harmless: 'usual on old clusters.',
    attack: 'somebody on the same role calls themself so. The answer would be that other person.',
    first: [
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done, and from where.',
      '`eks-whois whois --uid "$CALLER_UID" --username "$NAME" --at "$FIRST"`: the grant that it rests on.',
      'Ask the person named.',
    ],
    mend: 'update the cluster, so that its events have the key; [trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free).',
    close: 'when the person says that it was they.',
  },
  'key-not-listed': {
    means:
      'the person is named by the second in which the session began, since no grant lists its key. Somebody else who took the same role under the same session name in the very same second would look alike, if their grant is missing or late. With a longer chain the flag may speak of any hop: its `joinedBy` is `session-start`.',
    harmless:
      "usual: the console's *switch role*, CloudShell and `aws login` sign with keys that STS never lists. Identity Center's own sessions do not have the flag, since AWS sets their names.",
    attack:
      "a name that all share (`EKSGetTokenAuth`), and a grant made in the right second where nobody looks: another Region's STS endpoint, an account without a trail.",
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: the grant it rests on. Open it by its event id, and compare its `sourceIPAddress` and `userAgent` with the last of `source.ips` and with `source.userAgent` of the requests: they should be the same person\'s.',
      '`eks-whois records --session "$KEY" --api "$API_URL"`: is the answer final (`provisional: false`, 30 minutes after the event unless configured)? Until then the key\'s own grant may still come, and corrects it.',
      '`eks-whois doctor --api "$API_URL"`: is there a trail in each Region and account from which the role can be assumed? Where one is missing, look there for a grant of that second (`--region`, `--profile`).',
    ],
    mend: "[trail-misses-regions](doctor.md#trail-misses-regions), [caller-account-not-connected](doctor.md#caller-account-not-connected), [shared-session-name](doctor.md#shared-session-name): with a name for each person, nobody else's grant can be meant.",
    close: 'when addresses agree and no trail is missing. Do not act against the person on this flag alone.',
  },
  'token-of-service-account': {
    means:
      'the request was made with a service account token, and an audit event shows who had that token issued. The caller stays the service account; the actor is whoever had it issued, not for certain whoever used it.',
    harmless: '`kubectl create token` for a script, a dashboard or a test.',
    attack:
      'rights of a service account that the person has not got; a token keeps working after their session has ended, and can be given away.',
    first: [
      '`eks-whois records --actor <actor> --format jsonl --api "$API_URL"`: what else they did; `chain` ends with the `TokenRequest`, whose `eventIds` has the audit ID of the issuing request.',
      'Compare the last of `source.ips` and `source.userAgent` of the issuing request with those of the requests by the token.',
      'Ask the actor what the token was for, and where it is kept.',
    ],
    mend: 'who may `create` `serviceaccounts/token`; `--bound-object-kind` and a short `--duration`. A token cannot be taken back: delete the object it is bound to, or the service account.',
    close: 'when the actor says that it was they, or the token has expired and what was done with it was harmless.',
  },
  'through-agent': {
    means:
      "one of AWS's hosted agents (`aws-mcp.amazonaws.com` and the like) made calls in the person's session, or in one of the same sign-in. The person is the actor; they may not have seen the request.",
    harmless: 'usual where people work with agents.',
    attack: 'text that the agent read (an issue, a log, a web page) told it what to do.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done.',
      'Look in CloudTrail for `CallReadWriteTool` of that time: which tool was called, and by whose sign-in.',
      'Ask the person what the agent was told to do.',
    ],
    mend: 'a role for agents that reads only; a confirmation before the agent writes.',
    close: 'when the person wanted what was done.',
  },
  'identity-provider-changed': {
    means:
      "Identity Center's SAML provider in the member account (`AWSSSO_…`) was created, changed or deleted before this sign-in, by somebody other than Identity Center. Whoever did so can sign in under any name, so the name shown may be false.",
    harmless: 'hardly: an administrator who tidied up by hand. Identity Center then puts its provider back itself.',
    attack: "a member account's administrator puts metadata of their own in place, and comes in as anybody they like.",
    first: [
      "`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=UpdateSAMLProvider --region us-east-1`, and the same for `CreateSAMLProvider` and `DeleteSAMLProvider`, in the role's account: who it was, and when.",
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done since. Keep it as if nobody were named.',
      "Ask the person named whether they signed in; Identity Center's own log (`sso.amazonaws.com`, in its account) has their sign-ins.",
    ],
    mend: 'a service control policy that denies `iam:*SAMLProvider` on `AWSSSO_*` to all but Identity Center; have Identity Center provision the account anew.',
    close:
      "when the change is explained and the provider is Identity Center's again. Later sign-ins keep the flag: the change stays known.",
  },
  'foreign-identity-store': {
    means:
      'AWS names as the person behind the session a user of an Identity Center directory that is none of `identityStores`. Its administrators give its users any name, so a name in it that you know means nothing: read it with the directory that stands behind it.',
    harmless:
      "a directory of yours that is not in `identityStores` yet: a member account's own instance, or one of a company you bought.",
    attack: 'somebody has a directory of their own, and may call a role that allows `sts:SetContext`.',
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done.',
      '`aws sso-admin list-instances` in your accounts and Regions: whether the directory (`d-…`) is one of yours.',
      'Look in CloudTrail for the AssumeRole with `ProvidedContexts` before: who called it.',
    ],
    mend: "take `sts:SetContext` out of the role's trust policy, or name in it who may call; add the directory to `identityStores` where it is yours.",
    close: 'when the directory is known to be yours, or the role is closed to it.',
  },
  'node-role-used-by-person': {
    means: "somebody who is no AWS service assumed a node's role, and the cluster took them for the node.",
    harmless: "an engineer who debugs a node's rights, against the rules.",
    attack: "a way around RBAC: a node may read the secrets of its pods. The role's trust policy lets people in.",
    first: [
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what they read.',
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: who it was, and by which way.',
      '`aws iam get-role --role-name <node role> --query Role.AssumeRolePolicyDocument`: who may assume it.',
    ],
    mend: 'only `ec2.amazonaws.com` may assume a node role.',
    close: 'when the person has explained it and the trust policy is closed. Change the secrets that were read.',
  },
  'eks-name-used-by-person': {
    means: 'a username of EKS itself (`eks:…`) is used by somebody who is no AWS service.',
    harmless: 'a mapping in `aws-auth` that gives a role of yours such a name.',
    attack: 'the same, on purpose: rules and filters leave `eks:…` alone.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: who it was.',
      '`kubectl get configmap aws-auth -n kube-system -o yaml`, and `aws eks list-access-entries --cluster-name <cluster>`: which mapping makes that name.',
      '`eks-whois records --session "$KEY" --api "$API_URL"`: what was done under it.',
    ],
    mend: 'another username in that mapping; who may change mappings.',
    close: 'when the mapping is gone, and whoever made it has explained it.',
  },
  'anonymous-access': {
    means:
      'somebody without any credentials (`system:anonymous`) succeeded at something that is not for everybody. For everybody are health (`/healthz`, `/livez`, `/readyz`), `/version`, discovery (`/api`, `/apis`, `/openapi`) and the public keys of service account tokens. Nobody can be named: the alert has the source IP, the last of `source.ips`. There is one alert for each cluster, source IP and day (UTC), however many requests there were; many source IPs of one cluster come in one digest. What was denied raises none. What was passed on to a pod, a service or a node (`proxy`) counts whatever was answered, since that server chose the answer.',
    harmless:
      'hardly. Somebody opened metrics or a dashboard to everybody on purpose, mostly without knowing what else that opens.',
    attack:
      'the classic one. A role was bound to `system:anonymous` or `system:unauthenticated`, by mistake or to come back later, and the API server can be reached from where the request came.',
    first: [
      '`eks-whois records --flag anonymous-access --api "$API_URL"`, or the alert\'s own command: what was read and changed, and from where. `--ip` in place of `--flag` shows what else came from there.',
      '`kubectl get clusterrolebindings,rolebindings -A -o json | jq -r \'.items[] | select(any(.subjects[]?; .name == "system:anonymous" or .name == "system:unauthenticated")) | .metadata.name\'`: which binding lets them in. `authorization.reason` of the record names it too. `system:public-info-viewer` belongs there.',
      '`eks-whois records --resource clusterrolebindings --resource rolebindings --verb create --verb update --verb patch --api "$API_URL"`: who made that binding.',
    ],
    mend: 'delete the binding; close the public endpoint, or open it to your own networks only (`aws eks update-cluster-config --resources-vpc-config publicAccessCidrs=…`).',
    close: 'when the binding is gone, and every secret that was read is changed.',
  },
  impersonation: {
    means:
      'the request acts as another user (`kubectl --as`). Raises no alert; it is in the records. The actor is who did it.',
    harmless: 'administrators who try out rights; GitOps controllers; with method `proxy` every request.',
    attack: "rights that the actor has not got themself, and a name in the cluster's own logs that is not theirs.",
    first: [
      '`eks-whois records --actor <actor> --output jsonl --api "$API_URL"`: `impersonated.username` of each.',
      '`kubectl auth can-i impersonate users --as <their username>`: may they do so for good?',
      'Ask the actor.',
    ],
    mend: '`resourceNames` in the rule that allows `impersonate`.',
    close: 'when it was meant.',
  },
  'session-name-claims-other-actor': {
    means: 'the session bears the name of another known user, and the actor is somebody else. The actor is proven.',
    harmless:
      'one person with two users (`alice` and `alice.admin`); a script that somebody copied with its session name; a name that two people have.',
    attack: 'whoever reads usernames only is to believe that it was the other.',
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: who it was, with the evidence.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done under that name. The other person\'s own records are under their name.',
      'Ask the actor, and tell the person whose name it is.',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of IAM
    mend: '[trust-policy-leaves-name-free](doctor.md#trust-policy-leaves-name-free): `sts:RoleSessionName` must be `${aws:username}`.',
    close: 'when the two are one person, or the actor has explained it and the trust policy is closed.',
  },
  'source-identity-claims-other-actor': {
    means: 'the source identity, which a session carries through all roles, bears the name of another known user.',
    harmless: 'as above; a broker that sets it for people.',
    attack: "as above, and it misleads other tools too, which take the source identity for AWS's word.",
    first: [
      '`eks-whois whois --access-key-id "$KEY" --at "$FIRST"`: the actor, and the source identity beside it.',
      '`eks-whois records --session "$SESSION" --api "$API_URL"`: what was done.',
      '`aws iam get-role --role-name <first role> --query Role.AssumeRolePolicyDocument`: who may set it (`sts:SetSourceIdentity`).',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of IAM
    mend: 'a condition that `sts:SourceIdentity` is `${aws:username}`, where it is set first.',
    close: 'when the broker is known, or the actor has explained it and the policy is closed.',
  },
};
