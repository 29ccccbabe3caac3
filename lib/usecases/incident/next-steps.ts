import { actorName } from '../../attribution/actor-names.ts';
import type { Flag } from '../../attribution/flags.ts';
import { callerKeyOf, isRole } from '../../attribution/role-of-record.ts';
import { isAccessKeyId, isTemporaryKey } from '../../identity/access-key.ts';
import { assumedRoleRef, isIdentityCenterRole, pathlessRoleArn, roleRef, userName } from '../../identity/arn.ts';
import { clusterInFull, partsOf } from '../../identity/cluster.ts';
import { operand, quoted } from '../../shell.ts';
import { type EpochMillis, epochMillis, formatInstant, SECOND } from '../../time.ts';
import { labelInWords } from '../../words/kind-words.ts';
import type { RequestLine } from '../activity/activity.ts';
import { changeSteps } from './cluster-changes.ts';
import {
  type CallersOfIp,
  namesOfSections,
  type OthersOnRole,
  type ReportedChange,
  type Section,
  type Step,
} from './report.ts';
import { restoreSteps } from './restore-steps.ts';
import { accessSteps, type DeedsOfPerson, expiryText, secretSteps, workloadSteps } from './undo-steps.ts';

/** Limits the steps of one kind, for example for roles or for keys. */
const MOST_OF_A_KIND = 5;

const SOURCES = {
  role: 'IAM User Guide, "Revoke IAM role temporary security credentials"',
  key: 'IAM User Guide, "Manage access keys for IAM users"; STS API Reference, "GetCallerIdentity"',
  identityCenter: 'IAM Identity Center User Guide, "View and end active sessions for your workforce users"',
  cluster: 'EKS User Guide, "Delete access entries"; STS API Reference, "GetCallerIdentity"',
  token: 'Kubernetes, "Managing Service Accounts", bound service account tokens',
  binding: 'Kubernetes, "Using RBAC Authorization"; docs/alerts.md#anonymous-access',
  secret: 'docs/alerts.md#anonymous-access',
  endpoint: 'EKS User Guide, "Configure network access to cluster API server endpoint"',
} as const;

/**
 * Returns the steps that end the sessions of the actor or the candidates, and that undo what was done. The first steps
 * end access to clusters. Then come keys, roles, other access that was opened, tokens, pods, and secrets to rotate.
 * Each step also says what it does not do. For example, revoking sessions in IAM does not end access to a cluster
 * (FACTS, "Ending sessions").
 * @param now the time before which sessions are revoked.
 */
export function nextSteps(
  sections: readonly Section[],
  now: EpochMillis,
  {
    isChecked = true,
    cluster,
    ofCredentials = [],
    others = [],
    sameIps = [],
    changes = [],
    laterChanges = [],
    ifDeleted,
  }: StepsContext = {},
): readonly Step[] {
  const isOne = sections.length === 1 && isChecked;
  const names = namesOfSections(sections);
  const conditions = sections.map((section, at) => ifMeant(isOne, section, names[at] ?? ''));
  const done = sections.map(({ activity }, at) => ({ activity, condition: conditions[at] ?? '', ifDeleted }));
  const steps = [
    ...sections.flatMap(anonymousSteps),
    ...ofCredentials,
    ...sections.flatMap((section) => clusterSteps(section, cluster)),
    ...sections.flatMap((section, at) => keySteps(section, conditions[at] ?? '')),
    ...sections.flatMap((section, at) => identityCenterSteps(section, conditions[at] ?? '')),
    ...sections.flatMap(roleNameSteps),
    ...sections.flatMap((section) => roleSteps(section, now, others)),
    ...sections.flatMap(unknownKeySteps),
    // Access comes before workloads and secrets: whoever still has access can do the same things again.
    ...sections.flatMap((_, at) => changeSteps(changes, names[at] ?? '', conditions[at] ?? '', laterChanges)),
    ...done.flatMap(accessSteps),
    ...sections.flatMap((section) => tokenSteps(section, now)),
    ...done.flatMap(workloadSteps),
    ...done.filter((_, at) => sections[at]?.anonymous === undefined).flatMap(secretSteps),
    ...sameIps
      .map(({ ip, activity }) => ({ activity, condition: `If other callers from ${ip} were the same person: ` }))
      .flatMap(secretSteps),
    ...done.flatMap(restoreSteps),
  ];
  return [...new Map(steps.map((step) => [step.title, step])).values()];
}

interface StepsContext {
  /** Whether the log was searched for the request. False if only the names in a text lead to these people. */
  readonly isChecked?: boolean;
  /** The cluster of the incident's requests. It stands in for sections without a request in the time range. */
  readonly cluster?: string | undefined;
  /**
   * The steps that find the instances and pods whose credentials somebody used. The page has no such sections and no
   * room for these texts.
   */
  readonly ofCredentials?: readonly Step[];
  /** The others who used the roles. They lose their sessions too. */
  readonly others?: readonly OthersOnRole[] | undefined;
  /** Other callers from the same source IPs. If they were the same person, that person read further secrets. */
  readonly sameIps?: readonly CallersOfIp[] | undefined;
  /**
   * Returns the step for an object that somebody has deleted since. The page does not know of deletions and has no room
   * for the texts.
   */
  readonly ifDeleted?: DeedsOfPerson['ifDeleted'];
  /** Changes of clusters through the EKS API. Changes by people of the sections get steps that undo them. */
  readonly changes?: readonly ReportedChange[] | undefined;
  /** The changes after `changes`. They can have undone what the people did. */
  readonly laterChanges?: readonly ReportedChange[] | undefined;
}

/** Returns every role that the section's sessions used, from the chain and from the time range. */
function rolesOf({ role, chain, sessions }: Section): readonly string[] {
  const granted = chain.flatMap((link) => (link.eventName === 'TokenRequest' ? [] : (link.roleArn ?? [])));
  const arns = [role, ...granted, ...sessions.map((each) => each.role)];
  return firstOf(arns.filter((arn): arn is string => roleRef(arn) !== undefined));
}

function firstOf(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].slice(0, MOST_OF_A_KIND);
}

/**
 * A principal, and a cluster to which it had access. If no cluster is known, the placeholder `CLUSTER` stands for it.
 */
interface Way {
  readonly principal: string;
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster: string;
  /**
   * Whether nodes use the principal too. This is known only of the very role in the sessions, not of the person's other
   * roles.
   */
  readonly isOfNodes: boolean;
}

/**
 * Returns the roles that clusters saw, each with the clusters in which it was used. Without a role, returns the IAM
 * user.
 * @param known the cluster to name if no request in the time range shows one.
 */
function waysOf({ role, actor, attribution, sessions }: Section, known: string | undefined): readonly Way[] {
  const direct = actor?.kind === 'iam-user' ? actor.arn : undefined;
  const shown = principalOf(role) ?? direct;
  const ofNodes = new Set(
    [{ role, flags: attribution.flags }, ...sessions].flatMap((of) =>
      isNodeRole(of.flags) ? principalOf(of.role) : [],
    ),
  );
  const wayOf = (principal: string, cluster: string) => ({ principal, cluster, isOfNodes: ofNodes.has(principal) });
  const used = sessions.flatMap(({ role: of, clusters }) => {
    const principal = principalOf(of) ?? direct;
    return principal === undefined ? [] : clusters.map((cluster) => wayOf(principal, cluster));
  });
  const ways = used.length > 0 || shown === undefined ? used : [wayOf(shown, known ?? 'CLUSTER')];
  return [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()].slice(0, MOST_OF_A_KIND);
}

function isNodeRole(flags: readonly Flag[] = []): boolean {
  return flags.includes('node-role-used-by-person') || flags.includes('unusual-node-client');
}

/** Returns a role's ARN. A session's ARN becomes the role's ARN, without its path. Undefined if the ARN is neither. */
export function principalOf(arn: string | undefined): string | undefined {
  const session = assumedRoleRef(arn);
  if (arn !== undefined && session !== undefined) return pathlessRoleArn(session);
  return roleRef(arn) === undefined ? undefined : arn;
}

const HITS_ALL =
  'This affects everybody who uses the principal. The API server can use a cached result for some minutes. Open exec, attach ' +
  'and port-forward sessions continue, and service account tokens stay valid.';
const HITS_NODES =
  'Somebody used this node role. Without its access entry, all nodes with this role leave the cluster, and their pods with ' +
  'them. First close the way in which they got the role (sts:AssumeRole in its trust policy, or the instance). Then ' +
  'give the nodes another role before you delete the entry. ';

/** Returns the options of an AWS CLI command that name the cluster, and its Region if it is known. */
function operandsOf(cluster: string): string {
  const { name, region } = partsOf(cluster) ?? { name: cluster, region: '' };
  return region === '' ? quoted(name) : `${quoted(name)} --region ${quoted(region)}`;
}

function clusterSteps(section: Section, known: string | undefined): readonly Step[] {
  if (section.standing === 'system') return [];
  return waysOf(section, known).map(({ principal, cluster, isOfNodes }) => ({
    title: `Remove access to the cluster ${clusterInFull(cluster)} for ${principal}${isOfNodes ? ' (a node role)' : ''}`,
    command: `aws eks delete-access-entry --cluster-name ${operandsOf(cluster)} --principal-arn ${quoted(principal)}`,
    effect:
      'This principal can no longer access the cluster. If aws-auth names it, remove it there too (kubectl -n kube-system edit ' +
      'configmap aws-auth).',
    caution: `${isOfNodes ? HITS_NODES : ''}${HITS_ALL}`,
    source: SOURCES.cluster,
  }));
}

/**
 * Returns the condition that a step begins with, or an empty text. Somebody may only be a candidate, share an audit ID,
 * or have used the same role. Such people should not lose their access keys without a check.
 */
export function ifMeant(isOne: boolean, { standing }: Section, name: string): string {
  return standing === 'candidate' || !isOne ? `If it was ${name}: ` : '';
}

function keySteps(section: Section, condition: string): readonly Step[] {
  const { actor, sessions, attribution, chain } = section;
  if (actor?.kind !== 'iam-user') return [];
  const user = userName(actor.arn) ?? actor.name ?? 'USER';
  const used = sessions.flatMap(({ accessKeyId }) => accessKeyId ?? []);
  const own = attribution.method === 'direct' ? used : [];
  const called = [callerKeyOf(chain), ...sessions.map((each) => each.callerAccessKeyId)].flatMap((key) => key ?? []);
  const keys = firstOf([...called, ...own, ...used].filter((key) => isAccessKeyId(key) && !isTemporaryKey(key)));
  const named = keys.length === 0 ? ['ACCESS_KEY_ID'] : keys;
  return named.map((key) => ({
    title: `${condition}Deactivate the access key${key === 'ACCESS_KEY_ID' ? 's' : ` ${key}`} of the IAM user ${user}`,
    command: `aws iam update-access-key --user-name ${quoted(user)} --access-key-id ${quoted(key)} --status Inactive`,
    effect: `The key can no longer sign any request, including GetCallerIdentity. To list all keys of the user, run aws iam list-access-keys --user-name ${quoted(user)}.`,
    caution:
      'Sessions that were obtained with the key stay valid until they expire: revoke them too. Console access is separate ' +
      '(aws iam delete-login-profile). This affects everything else that uses the key. aws iam get-access-key-last-used shows ' +
      'the latest use.',
    source: SOURCES.key,
  }));
}

function identityCenterSteps({ actor }: Section, condition: string): readonly Step[] {
  if (actor?.kind !== 'identity-center-user') return [];
  return [
    {
      title: `${condition}Disable ${actorName(actor)} in IAM Identity Center, and end the sessions there`,
      effect:
        'In IAM Identity Center, open Users and the person. Choose Disable user access, then Active sessions, End sessions. No new role session can start.',
      caution:
        'Existing role sessions stay valid until they expire, up to 12 hours. Only AWS can change roles below ' +
        '/aws-reserved/sso.amazonaws.com/. To deny them, use a service control policy or the inline policy of the permission ' +
        'set, with the condition identitystore:userId.',
      source: SOURCES.identityCenter,
    },
  ];
}

/** The name of the policy that IAM's console attaches. */
const POLICY_NAME = 'AWSRevokeOlderSessions';

function roleSteps(section: Section, now: EpochMillis, others: readonly OthersOnRole[]): readonly Step[] {
  if (section.standing === 'system') return [];
  return rolesOf(section)
    .filter((arn) => !isIdentityCenterRole(arn))
    .flatMap((arn) => revocation(arn, now, othersOf(arn, others)));
}

/** Returns the steps for a role if only its ID is known. */
function roleNameSteps({ role, standing }: Section): readonly Step[] {
  if (standing === 'system' || role === undefined || !/^AROA[A-Z0-9]{8,}$/.test(role)) return [];
  return [
    {
      title: `Find the role ${role}`,
      command: `aws iam list-roles --query ${quoted(`Roles[?RoleId=='${role}'].Arn`)} --output text`,
      effect:
        'Shows which role it is, in the account of the session. Then you can delete its access entry and revoke its sessions.',
      caution: 'This changes nothing. A deleted role is not found.',
      source: SOURCES.role,
    },
  ];
}

/** The maximum number of names in a caution. */
const MOST_NAMES = 5;

/** Returns a sentence about who else used the role, as far as the audit log shows it. */
function othersOf(arn: string, others: readonly OthersOnRole[]): string {
  const isSame = ({ role }: OthersOnRole) => role === arn || isRole({ roleId: undefined, arns: [arn] }, role);
  const callers = others.filter(isSame).flatMap((each) => each.callers);
  if (callers.length === 0) return '';
  const names = [
    ...new Set(
      callers.map((each) => each.actors.map(labelInWords).join(' or ') || each.session || each.accessKeyId || '?'),
    ),
  ];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `In this time range, these used the role in clusters: ${names.slice(0, MOST_NAMES).join(', ')}${more}. `;
}

function revocation(arn: string, now: EpochMillis, usedBy: string): readonly Step[] {
  const ref = roleRef(arn);
  if (ref === undefined) return [];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: {
          DateLessThan: { 'aws:TokenIssueTime': formatInstant(epochMillis(Math.floor(now / SECOND) * SECOND)) },
        },
      },
    ],
  });
  return [
    {
      title: `Revoke the sessions of the role ${ref.roleName} in account ${ref.accountId}`,
      command: `aws iam put-role-policy --role-name ${quoted(ref.roleName)} --policy-name ${POLICY_NAME} --policy-document ${quoted(policy)}`,
      effect: 'Within minutes, AWS denies all requests by sessions of the role that were issued before that time.',
      caution:
        `${usedBy}This affects everybody who uses the role: they must assume it again, and so can anyone who is still allowed to. It does ` +
        'not end access to a cluster: no policy denies GetCallerIdentity. While the session lasts, EKS tokens (15 minutes each) can be made from it.',
      source: SOURCES.role,
    },
  ];
}

/** Returns the steps for the token of the request, and for tokens that were issued in the time range. */
function tokenSteps({ chain, activity, standing }: Section, now: EpochMillis): readonly Step[] {
  if (standing === 'system') return [];
  const used = chain.flatMap((link) => (link.eventName === 'TokenRequest' ? link.serviceAccount : []));
  const requests = activity?.grave.find(({ kind }) => kind === 'token-request')?.listed ?? [];
  const issuedFor = (account: string) => requests.filter((line) => serviceAccountOf(line).includes(account));
  return firstOf([...used, ...requests.flatMap(serviceAccountOf)]).map((account) =>
    tokenStep(account, expiryText(issuedFor(account), now)),
  );
}

/**
 * Returns the steps that find the owner of an access key that no known grant issued. Until the owner is known, nobody
 * can revoke the key.
 */
function unknownKeySteps({ actor, session, accessKeyId = session, standing, node }: Section): readonly Step[] {
  if (
    node !== undefined ||
    actor !== undefined ||
    standing !== 'session' ||
    accessKeyId === undefined ||
    !isAccessKeyId(accessKeyId)
  )
    return [];
  const isTemporary = isTemporaryKey(accessKeyId);
  return [
    {
      title: `Find the owner of the access key ${accessKeyId}`,
      command: isTemporary
        ? `aws sts get-access-key-info --access-key-id ${quoted(accessKeyId)}`
        : `aws iam get-access-key-last-used --access-key-id ${quoted(accessKeyId)}`,
      effect: isTemporary
        ? 'Shows the account of the key. Its CloudTrail has the record that issued the key: search its event history for the key, then revoke the sessions of that role.'
        : 'Shows the IAM user of the key, in the account of your credentials. Then deactivate the key.',
      caution:
        'This changes nothing. The key keeps its access to the cluster until the principal loses it, or the session expires.',
      source: SOURCES.key,
    },
  ];
}

/** Matches a name that Kubernetes accepts (DNS-1123). A client can request anything else, even the text `--all`. */
const KUBERNETES_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Returns the service account of a request that issued a token. Empty if the request was refused or found nothing. */
function serviceAccountOf({ namespace = '', name = '', code }: RequestLine): readonly string[] {
  const isDone = code !== undefined && code >= 200 && code < 300;
  return isDone && [namespace, name].every((each) => KUBERNETES_NAME.test(each)) ? [`${namespace}:${name}`] : [];
}

function tokenStep(serviceAccount: string, expiry: string): Step {
  const [namespace = '', ...name] = serviceAccount.split(':');
  const account = name.join(':');
  return {
    title: `End the tokens of the service account ${namespace}/${account}`,
    command: `kubectl -n ${quoted(namespace)} delete serviceaccount -- ${quoted(account)}`,
    effect:
      `${expiry}All its tokens are refused, even if you create a service account with this name again: it has another uid. A token that ` +
      'is bound to a pod or a secret ends when that is deleted.',
    caution: 'Pods that run as the service account lose their access until it exists again and they are restarted.',
    source: SOURCES.token,
  };
}

/** Lists the bindings of a cluster that let anonymous callers in. */
const FIND_BINDINGS =
  "kubectl get clusterrolebindings,rolebindings -A -o json | jq -r '.items[] | select(any(.subjects[]?; .name == " +
  '"system:anonymous" or .name == "system:unauthenticated")) | [.kind, .metadata.namespace, .metadata.name] | map(values) | join(" ")\'';

/**
 * Returns the steps that shut anonymous callers out. There is no session and no key to end, because nobody was
 * authenticated.
 */
function anonymousSteps({ anonymous, activity }: Section): readonly Step[] {
  if (anonymous === undefined) return [];
  const { cluster: of = 'CLUSTER', reason } = anonymous;
  const cluster = clusterInFull(of);
  const lines = (activity?.grave ?? []).flatMap(({ listed }) => listed);
  const named = firstOf([reason, ...lines.map((line) => line.reason)].flatMap(bindingDeletion));
  const deletions = named.length === 0 ? ['kubectl delete clusterrolebinding BINDING'] : named;
  return [
    {
      title: `Find the bindings that let anonymous callers into the cluster ${cluster}`,
      command: FIND_BINDINGS,
      effect:
        'Lists each binding to system:anonymous or system:unauthenticated. authorization.reason of a request names the ' +
        'binding that allowed it. To see who made it: eks-whois records --resource clusterrolebindings --resource rolebindings.',
      caution:
        'This changes nothing. system:public-info-viewer is expected there. kubectl uses your current context: check it.',
      source: SOURCES.binding,
    },
    ...deletions.map((command) => ({
      title: `Delete the binding in the cluster ${cluster}: ${command.replace('kubectl delete ', '')}`,
      command,
      effect: 'Anonymous callers lose what this binding allows.',
      caution:
        'The other subjects of the binding lose it too. Save the binding first (kubectl get, with -o yaml): it is evidence. ' +
        'Another binding may still let anonymous callers in.',
      source: SOURCES.binding,
    })),
    ...secretSteps({ activity, condition: '' }).map((step) => ({ ...step, source: SOURCES.secret })),
    {
      title: `Close the public endpoint of the cluster ${cluster}`,
      command: `aws eks update-cluster-config --name ${operandsOf(of)} --resources-vpc-config endpointPublicAccess=false,endpointPrivateAccess=true`,
      effect: 'The API server then accepts requests only from the VPC and from networks connected to it.',
      caution:
        'Everybody outside these networks loses access, including you and your pipelines. To open it to your own networks only, set ' +
        'publicAccessCidrs instead. This does not delete the binding.',
      source: SOURCES.endpoint,
    },
  ];
}

/**
 * Matches the reason for which RBAC allowed an anonymous request (FACTS). The name of a role binding ends in its
 * namespace.
 */
const BINDING =
  /allowed by (ClusterRole|Role)Binding "([^"\\]+)" of \w+ "[^"\\]*" to (?:Group "system:unauthenticated"|User "system:anonymous")/;

function bindingDeletion(reason: string | undefined): readonly string[] {
  const [, kind, full = ''] = BINDING.exec(reason ?? '') ?? [];
  if (kind === undefined) return [];
  if (kind === 'ClusterRole') return [`kubectl delete clusterrolebinding ${operand(full)}`];
  const [name = '', namespace = ''] = full.split('/');
  return KUBERNETES_NAME.test(namespace) ? [`kubectl delete rolebinding -n ${quoted(namespace)} ${operand(name)}`] : [];
}
