import { WORKLOADS, type WorkloadKind } from '../../audit/created-object.ts';

/** An object of a kind by its name. */
export interface NamedWorkload {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** What Kubernetes puts behind a name: letters and digits without vowels and what looks like them (apimachinery, util/rand). */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';

/** How controllers name what they create: `<Deployment>-<hash>-<5 characters>` and so on. */
const FORMS: readonly (readonly [WorkloadKind, RegExp])[] = [
  ['Deployment', new RegExp(`^(.+)-${RANDOM}{1,10}-${RANDOM}{5}$`)],
  ['ReplicaSet', new RegExp(`^(.+-${RANDOM}{1,10})-${RANDOM}{5}$`)],
  ['StatefulSet', /^(.+)-(?:0|[1-9]\d*)$/],
  ['DaemonSet', new RegExp(`^(.+)-${RANDOM}{5}$`)],
  ['Job', new RegExp(`^(.+)-${RANDOM}{5}$`)],
  ['CronJob', new RegExp(`^(.+)-\\d{8,}-${RANDOM}{5}$`)],
];

/** What a pod of this name can have come from, itself included: the name alone proves none of it. */
export function workloadsByPodName(pod: string): readonly NamedWorkload[] {
  const read = FORMS.flatMap(([kind, form]) => {
    const name = form.exec(pod)?.[1];
    return name === undefined ? [] : [{ kind, name }];
  });
  return [{ kind: 'Pod', name: pod }, ...read];
}

/** `deployments.apps`, as questions name it; of the core group the resource alone. */
export function resourceOf(kind: WorkloadKind): string {
  const { resource, apiGroup } = WORKLOADS.find((each) => each.kind === kind) ?? WORKLOADS[0];
  return apiGroup === '' ? resource : `${resource}.${apiGroup}`;
}

/** The controller that creates objects in the name of their owner, by the owner's kind (kube-controller-manager). */
const CONTROLLERS: Readonly<Partial<Record<string, string>>> = {
  ReplicaSet: 'replicaset-controller',
  Deployment: 'deployment-controller',
  StatefulSet: 'statefulset-controller',
  DaemonSet: 'daemon-set-controller',
  Job: 'job-controller',
  CronJob: 'cronjob-controller',
};

/** Whether this caller is the part of Kubernetes that creates what belongs to an owner of this kind: then the owner is true. */
export function isControllerOf(kind: string, username: string | undefined): boolean {
  const controller = CONTROLLERS[kind];
  if (controller === undefined) return false;
  return (
    username === `system:serviceaccount:kube-system:${controller}` || username === 'system:kube-controller-manager'
  );
}
