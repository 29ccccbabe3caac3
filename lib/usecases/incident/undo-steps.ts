import { actionText } from '../../audit/action.ts';
import { WORKLOADS } from '../../audit/created-object.ts';
import { clusterInFull } from '../../identity/cluster.ts';
import { operand, quoted } from '../../shell.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../time.ts';
import type { Activity, GraveKind, RequestLine } from '../activity/activity.ts';
import type { Step } from './report.ts';

/** Limits the steps for one kind of change. */
const MOST_OF_A_KIND = 5;

const SOURCES = {
  binding: 'Kubernetes, "Using RBAC Authorization"',
  awsAuth: 'EKS User Guide, "Grant IAM users access to Kubernetes with a ConfigMap"',
  workload: 'Kubernetes, "Workloads"; kubectl reference, "kubectl delete"',
  token: 'Kubernetes, "Managing Service Accounts", bound service account tokens',
  change: 'Kubernetes, "Workloads"; kubectl reference, "kubectl get"',
  container: 'Kubernetes, "Pod Lifecycle", "Ephemeral Containers"',
  rollout: 'kubectl reference, "kubectl rollout"',
  secret: 'Kubernetes, "Good practices for Kubernetes Secrets"',
} as const;

/** What one person did, and the words in which a step says when it applies: "If it was ana.silva: ". */
export interface DeedsOfPerson {
  readonly activity: Activity | undefined;
  readonly condition: string;
  /** Returns the step for an object that somebody has deleted since. Undefined if it still exists. */
  readonly ifDeleted?: ((line: RequestLine, target: KubectlTarget, condition: string) => Step | undefined) | undefined;
}

/**
 * Returns the steps that undo changes of RBAC and of aws-auth. Such changes give access that outlasts every session.
 */
export function accessSteps({ activity, condition, ifDeleted }: DeedsOfPerson): readonly Step[] {
  const done = doneOf(activity, 'rbac-change').filter(({ verb = '' }) => !verb.startsWith('delete'));
  const isDeleted = deletedObjects(activity);
  const steps = done.flatMap((line): Step[] => {
    const target = targetOf(line);
    if (target === undefined || isDeleted(line)) return [];
    return [
      ifDeleted?.(line, target, condition) ??
        (line.verb === 'create' && isBinding(line)
          ? deletion(line, target, condition)
          : check(line, target, condition)),
    ];
  });
  return limited(distinct(steps), activity, 'rbac-change');
}

/**
 * Returns the steps that remove what the person created in clusters and may still run. Others check what the person
 * changed, and roll it back.
 */
export function workloadSteps({ activity, condition, ifDeleted }: DeedsOfPerson): readonly Step[] {
  const isDeleted = deletedObjects(activity);
  const deeds = doneOf(activity, 'workload-created').flatMap((line) => deedsOfPods(line, condition));
  const created = doneOf(activity, 'workload-created').flatMap((line): Step[] => {
    const target = targetOf(line);
    if (target === undefined || isDeleted(line)) return [];
    const step = ifDeleted?.(line, target, condition);
    if (step !== undefined) return [step];
    return [
      {
        title: `${condition}Remove ${describeTarget(line, target)}, which was created ${at(line)}`,
        command: `kubectl ${target.options}delete ${target.resource} ${operand(target.name)}`,
        effect: 'It stops running. If an owner, such as a Deployment, created it, it comes back: delete the owner.',
        caution: `Save it first, because it is evidence (kubectl get with -o yaml, kubectl logs). If it was ordinary work, this stops that work. ${context(line)}`,
        source: SOURCES.workload,
      },
    ];
  });
  const isCreated = (line: RequestLine) =>
    doneOf(activity, 'workload-created').some((each) => isSameObject(each, line) && !isDeleted(each));
  const changed = doneOf(activity, 'workload-changed').flatMap((line): Step[] => {
    const target = targetOf(line);
    if (target === undefined || isDeleted(line) || isCreated(line)) return [];
    return [ifDeleted?.(line, target, condition) ?? rollback(line, target, condition)];
  });
  const debugged = doneOf(activity, 'exec').flatMap((line): Step[] => {
    const target = targetOf({ ...line, resource: 'pods' });
    if (
      line.resource !== 'pods/ephemeralcontainers' ||
      target === undefined ||
      isDeleted({ ...line, resource: 'pods' })
    )
      return [];
    return [
      {
        title: `${condition}Replace ${describeTarget({ ...line, resource: 'pods' }, target)}: a container was added to it ${at(line)}`,
        command: `kubectl ${target.options}delete pod ${operand(target.name)}`,
        effect:
          'An ephemeral container cannot be removed from its pod. It ends with the pod. A controller creates the pod again without it.',
        caution: `A pod without a controller does not come back. ${context(line)}`,
        source: SOURCES.container,
      },
    ];
  });
  return [
    ...limited(distinct(deeds), activity, 'workload-created'),
    ...limited(distinct(created), activity, 'workload-created'),
    ...limited(distinct(changed), activity, 'workload-changed'),
    ...limited(distinct(debugged), activity, 'exec'),
  ];
}

/**
 * Returns the steps that find out what the created pods did. Pods act as their service account, so their requests name
 * no person.
 */
function deedsOfPods(line: RequestLine, condition: string): readonly Step[] {
  const target = targetOf(line);
  if (target === undefined) return [];
  return [
    {
      title: `${condition}Find what ${describeTarget(line, target)} did, which was created ${at(line)}`,
      command: `eks-whois related ${operand(line.auditId)}`,
      effect:
        'Shows the requests of its pods in the cluster (podUses), which they made as their service account. Give it the same logs.',
      caution:
        'This changes nothing. The list has no requests outside the cluster, and none with a token that is not bound to the pod. Anybody in a pod can have ' +
        'made its requests.',
      source: SOURCES.token,
    },
  ];
}

/** Returns a step for each cluster, to rotate the secrets that were read. */
export function secretSteps({ activity, condition }: DeedsOfPerson): readonly Step[] {
  const byCluster = Map.groupBy(doneOf(activity, 'secrets-read'), ({ cluster = '' }) => cluster);
  return [...byCluster].map(([cluster, lines]) => {
    const more = hasMore(activity, 'secrets-read') ? ', and more' : '';
    return {
      title: `${condition}Rotate the secrets that were read${inCluster(cluster)}: ${[...new Set(lines.map(secretText))].join(', ')}${more}`,
      effect:
        'Issue new values, and revoke the old ones wherever they are accepted. This includes tokens of service accounts.',
      caution: 'End the access first: otherwise the new values can be read too. Workloads need the new values.',
      source: SOURCES.secret,
    };
  });
}

/** Returns a sentence about when a service account's tokens expire, as far as the requests for them state it. */
export function expiryText(requests: readonly RequestLine[], now: EpochMillis): string {
  const times = requests.flatMap(({ action }) => parseInstant(action?.expiresAt ?? '') ?? []);
  const unknown = requests.length - times.length;
  const last = Math.max(...times);
  const isOne = times.length === 1;
  const which = isOne ? 'The token that was issued' : `The ${times.length} tokens that were issued`;
  const ends = last < now ? 'expired at' : `${isOne ? 'is' : 'are'} valid until`;
  const known =
    times.length === 0
      ? ''
      : `${which} in this time range ${ends} ${formatInstant(epochMillis(last))}${isOne ? '' : ' at the latest'}. `;
  if (unknown === 0) return known;
  return `${known}For ${unknown === 1 ? 'one token' : `${unknown} tokens`}, the log does not say until when it is valid. `;
}

/** Returns the requests of a kind that succeeded, the earliest first. */
export function doneOf(activity: Activity | undefined, kind: GraveKind): readonly RequestLine[] {
  const listed = activity?.grave.find((each) => each.kind === kind)?.listed ?? [];
  return listed.filter(({ code = 0 }) => (code >= 200 && code < 300) || code === 101);
}

/** Returns whether there are more requests of a kind than are listed. */
export function hasMore(activity: Activity | undefined, kind: GraveKind): boolean {
  const found = activity?.grave.find((each) => each.kind === kind);
  return found !== undefined && found.count > found.listed.length;
}

/** Returns a test for whether the same person deleted the object of a request later. */
function deletedObjects(activity: Activity | undefined): (line: RequestLine) => boolean {
  const deleted = doneOf(activity, 'delete');
  return (line) => deleted.some((each) => isSameObject(each, line) && isLater(each, line));
}

/** Returns whether the first of two requests is the later one. */
export function isLater(a: Pick<RequestLine, 'time'>, b: Pick<RequestLine, 'time'>): boolean {
  return (parseInstant(a.time ?? '') ?? 0) > (parseInstant(b.time ?? '') ?? 0);
}

/** Returns whether two requests are for the same object. */
export function isSameObject(a: ObjectOfRequest, b: ObjectOfRequest): boolean {
  return a.cluster === b.cluster && a.namespace === b.namespace && a.resource === b.resource && a.name === b.name;
}

/** The part of a request that names its object. */
export type ObjectOfRequest = Pick<RequestLine, 'cluster' | 'namespace' | 'resource' | 'name'>;

/** An object as kubectl names it. */
export interface KubectlTarget {
  /** `-n shop `, or empty. */
  readonly options: string;
  /** The type of the object as kubectl names it: `clusterrolebinding`. */
  readonly resource: string;
  readonly name: string;
}

/** Matches a namespace that Kubernetes accepts (DNS-1123). A client can request anything else, even `--all`. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const SINGULAR: ReadonlyMap<string, string> = new Map([
  ...WORKLOADS.map(({ resource, kind }) => [resource, kind.toLowerCase()] as const),
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'configmaps'].map(
    (resource) => [resource, resource.slice(0, -1)] as const,
  ),
]);

/**
 * Returns the object as kubectl names it. Undefined for resources without steps and for invalid namespaces. Also
 * undefined without a name, because the server can have chosen it.
 */
function targetOf({ namespace, resource = '', name }: RequestLine): KubectlTarget | undefined {
  const singular = SINGULAR.get(resource);
  if (singular === undefined || name === undefined) return undefined;
  if (namespace !== undefined && !NAMESPACE.test(namespace)) return undefined;
  return { options: namespace === undefined ? '' : `-n ${quoted(namespace)} `, resource: singular, name };
}

function isBinding({ resource }: RequestLine): boolean {
  return resource === 'rolebindings' || resource === 'clusterrolebindings';
}

function deletion(line: RequestLine, target: KubectlTarget, condition: string): Step {
  const gives = actionText(line.action);
  return {
    title: `${condition}Delete ${describeTarget(line, target)}, which was created ${at(line)}${gives === '' ? '' : `: ${gives}`}`,
    command: `kubectl ${target.options}delete ${target.resource} ${operand(target.name)}`,
    effect: 'Its subjects lose what this binding gives them, at once and in every session.',
    caution: `Save it first, because it is evidence (kubectl get with -o yaml). Other bindings can give the same. ${context(line)}`,
    source: SOURCES.binding,
  };
}

function check(line: RequestLine, target: KubectlTarget, condition: string): Step {
  const isAwsAuth = target.resource === 'configmap';
  const gives = actionText(line.action);
  return {
    title: `${condition}Check ${describeTarget(line, target)}, which was ${line.verb === 'create' ? 'created' : 'changed'} ${at(line)}${gives === '' ? '' : `: ${gives}`}`,
    command: `kubectl ${target.options}get ${target.resource} -o yaml ${operand(target.name)}`,
    effect: isAwsAuth
      ? 'Shows whom it lets in. Remove what was added: it gives access to the cluster to IAM principals.'
      : 'Shows what it allows. Undo what was added: the log does not show what was there before.',
    caution: `This changes nothing. ${context(line)}`,
    source: isAwsAuth ? SOURCES.awsAuth : SOURCES.binding,
  };
}

/** The workloads that keep their revisions. */
const ROLLED_OUT: ReadonlySet<string> = new Set(['deployment', 'daemonset', 'statefulset']);

function rollback(line: RequestLine, target: KubectlTarget, condition: string): Step {
  const object = `${target.resource} ${operand(target.name)}`;
  const step = { title: `${condition}Check ${describeTarget(line, target)}, which was changed ${at(line)}` };
  if (!ROLLED_OUT.has(target.resource))
    return {
      ...step,
      command: `kubectl ${target.options}get ${target.resource} -o yaml ${operand(target.name)}`,
      effect:
        'Shows its images, commands and mounts. The log does not show what was there before: compare it with its source.',
      caution: `This changes nothing. ${context(line)}`,
      source: SOURCES.change,
    };
  return {
    ...step,
    command: `kubectl ${target.options}rollout history ${object}`,
    effect: `Shows its revisions; --revision=N shows the images of one. To roll back, run kubectl ${target.options}rollout undo --to-revision=N ${object}.`,
    caution: `This changes nothing. If somebody has already rolled it back, rollout undo without --to-revision brings the change back. ${context(line)}`,
    source: SOURCES.rollout,
  };
}

/** Returns the object in words: `the clusterrolebinding ops in the cluster prod`. */
export function describeTarget({ cluster = '', namespace }: RequestLine, { resource, name }: KubectlTarget): string {
  return `the ${resource} ${namespace === undefined ? '' : `${namespace}/`}${name}${inCluster(cluster)}`;
}

/** Returns the cluster as the end of a phrase: ` in the cluster prod`. Empty if it is not known. */
export function inCluster(cluster: string): string {
  return cluster === '' ? '' : ` in the cluster ${clusterInFull(cluster)}`;
}

/** Returns the time of the request in words. */
export function at({ time }: Pick<RequestLine, 'time'>): string {
  return time === undefined ? 'at an unknown time' : `at ${time}`;
}

/** Returns a caution that kubectl's current context must be that of the cluster. */
export function context({ cluster = '' }: RequestLine): string {
  return `kubectl uses your current context: check that it is ${cluster === '' ? 'this cluster' : clusterInFull(cluster)}.`;
}

function secretText({ namespace, name }: RequestLine): string {
  if (name !== undefined) return [namespace, name].filter(Boolean).join('/');
  return namespace === undefined ? 'all of the cluster' : `all of the namespace ${namespace}`;
}

function distinct(steps: readonly Step[]): readonly Step[] {
  return [...new Map(steps.map((step) => [step.command ?? step.title, step])).values()];
}

/** Returns the first steps, up to the limit. If there are more, the caution of the last one says so. */
function limited(steps: readonly Step[], activity: Activity | undefined, kind: GraveKind): readonly Step[] {
  const shown = steps.slice(0, MOST_OF_A_KIND);
  const left = steps.length - shown.length;
  if (left === 0 && !hasMore(activity, kind)) return shown;
  const more = `There are more than these steps: ${left > 0 ? `${left} of the requests above have none` : 'not all requests are listed above'}. `;
  return shown.map((step, index) =>
    index === shown.length - 1 ? { ...step, caution: `${more}${step.caution}` } : step,
  );
}
