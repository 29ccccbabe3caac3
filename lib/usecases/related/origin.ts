import type { RecordHead } from '../../attribution/record.ts';
import type { ObjectOwner } from '../../audit/audit-event.ts';
import {
  type CreatedObject,
  mostCredibleFirst,
  WORKLOAD_KINDS,
  WORKLOADS,
  type WorkloadKind,
} from '../../audit/created-object.ts';
import { type KeptRecord, shortenRecord } from '../../claims/kept-record.ts';
import type { ClusterKey } from '../../identity/cluster.ts';
import type { EpochMillis } from '../../time.ts';
import { canBePersons, latestStages, wasDone } from '../activity/requests.ts';
import type { OriginLink } from './related-answer.ts';
import type { RelatedSource } from './related-source.ts';

/** Limits the links of an origin, for example Pod, ReplicaSet, Deployment, or Pod, Job, CronJob. */
const MOST_LINKS = 5;

interface PodPlace {
  readonly clusterKey: ClusterKey;
  readonly namespace: string;
}

/** The origin of a pod, as far as uids prove it. */
export interface OriginByUid {
  readonly links: readonly OriginLink[];
  /** The next workload to look for, because its create request was not found. */
  readonly open: SoughtWorkload | undefined;
  /** The time at which the pod was created. It can be known even if the record of the create request is not stored. */
  readonly begun: EpochMillis | undefined;
}

/** A workload to look for: the pod by its uid, or an owner that Kubernetes' own controller named. */
interface SoughtWorkload {
  readonly kind: WorkloadKind;
  readonly uid: string;
  readonly name: string | undefined;
}

/**
 * Returns the chain from the pod to its origin, by the uids in the responses to the create requests. Whoever creates an
 * object writes its `ownerReferences`. Kubernetes' own controllers create objects for exactly the owner that they
 * state. So only their statements are followed. For any other object, its creator is the author, whatever owner they
 * state.
 */
export async function originByUid(pod: SoughtWorkload, place: PodPlace, source: RelatedSource): Promise<OriginByUid> {
  const links: OriginLink[] = [];
  let begun: EpochMillis | undefined;
  let sought: SoughtWorkload | undefined = pod;
  while (sought !== undefined && links.length < MOST_LINKS) {
    const object = await createdObject(sought, place, source);
    if (object === undefined) return { links, open: sought, begun };
    begun ??= object.createdAt;
    const created = await recordOf(object, source);
    const owner = created && object.owners.find(({ kind }) => isControllerOf(kind, created.caller.username));
    links.push(linkOf(object, sought.name, created, owner));
    sought = owner === undefined || links.some(({ uid }) => uid === owner.uid) ? undefined : soughtOf(owner);
  }
  return { links, open: undefined, begun };
}

function soughtOf({ kind, uid, name }: ObjectOwner): SoughtWorkload | undefined {
  const known = WORKLOAD_KINDS.find((each) => each === kind);
  return known === undefined ? undefined : { kind: known, uid, name };
}

async function createdObject({ kind, uid }: SoughtWorkload, place: PodPlace, source: RelatedSource) {
  const all = await source.created(uid, place.clusterKey);
  const here = (each: CreatedObject) =>
    each.kind === kind && each.namespace === place.namespace && each.clusterKey === place.clusterKey;
  return all.filter(here).toSorted(mostCredibleFirst)[0];
}

/**
 * Returns the record of the create request. Undefined if it is not stored. Clients can use an audit ID again, so the
 * time and the namespace must be equal too.
 */
async function recordOf(object: CreatedObject, source: RelatedSource): Promise<KeptRecord | undefined> {
  const { auditId, createdAt: at, clusterKey, namespace } = object;
  const records = await source.stagesOf({ auditId, at, clusterKey, namespace });
  return latestStages(records).find((record) => kindOf(record) === object.kind);
}

function linkOf(
  { kind, uid, name, owners, handedOverBy }: CreatedObject,
  known: string | undefined,
  created: KeptRecord | undefined,
  owner: ObjectOwner | undefined,
): OriginLink {
  const ownerNames = owners.map((each) => `${each.kind} ${each.name}`).join(', ');
  const belongs =
    owner === undefined ? unfollowed(ownerNames, created) : `; its owner is the ${owner.kind} ${owner.name}`;
  const reporter = handedOverBy ? ' (reported by another stack)' : '';
  const reason = `The response to its create request has this uid${reporter}${belongs}.`;
  return { kind, name: name ?? known, uid, foundBy: 'uid', created: created && shortenRecord(created), reason };
}

function unfollowed(ownerNames: string, created: KeptRecord | undefined): string {
  if (created === undefined) return '; the record of the create request is no longer stored';
  return ownerNames === '' ? '; it has no owner' : `; only its creator says that its owner is ${ownerNames}`;
}

/** Returns the kind of the request's object, if it is a pod or a workload that creates pods. */
export function kindOf({ request }: RecordHead): WorkloadKind | undefined {
  const { resource, apiGroup = '', subresource } = request ?? {};
  return subresource === undefined
    ? WORKLOADS.find((each) => each.resource === resource && each.apiGroup === apiGroup)?.kind
    : undefined;
}

/**
 * Returns the create requests of objects with these names, for each the latest one before the pod's request. Such a
 * request may be about another object of the same name.
 */
export function originByName(
  pod: string | undefined,
  byUid: OriginByUid,
  earlier: readonly KeptRecord[],
): readonly OriginLink[] {
  const { open } = byUid;
  return namesToLookFor(pod, byUid).flatMap(({ kind, name }) => {
    const created = earlier.find(
      (record) => kindOf(record) === kind && record.request?.name === name && isCreateOf(record) && wasDone(record),
    );
    if (created === undefined) return [];
    const uid = open?.kind === kind && open.name === name ? open.uid : undefined;
    return [
      { kind, name, uid, foundBy: 'name' as const, created: shortenRecord(created), reason: reasonByName(kind, uid) },
    ];
  });
}

/**
 * Returns the workloads to search for by name. If an owner's create request was not found, these are that owner and
 * its own possible owner. If the pod's own create request was not found, they are what the pod's name suggests.
 */
export function namesToLookFor(pod: string | undefined, { links, open }: OriginByUid): readonly NamedWorkload[] {
  if (open === undefined) return [];
  if (links.length === 0) return pod === undefined ? [] : workloadsByPodName(pod);
  return open.name === undefined ? [] : ownersByName(open.kind, open.name);
}

/**
 * Returns the workload and its possible owner. A ReplicaSet is named after its Deployment, and a Job after its CronJob.
 */
function ownersByName(kind: WorkloadKind, name: string): readonly NamedWorkload[] {
  const above = { ReplicaSet: 'Deployment', Job: 'CronJob' } as const;
  const owner = kind === 'ReplicaSet' || kind === 'Job' ? above[kind] : undefined;
  const [, begin] = /^(.+)-[a-z0-9]+$/.exec(name) ?? [];
  return [{ kind, name }, ...(owner === undefined || begin === undefined ? [] : [{ kind: owner, name: begin }])];
}

function reasonByName(kind: WorkloadKind, uid: string | undefined): string {
  const why = uid === undefined ? 'the names fit' : 'it has the name of the stated owner';
  return `Its create request was matched by name only: ${why}, but it may be another ${kind} with this name.`;
}

/**
 * Returns whether the request created its object. A server-side apply is a patch that can create an object (`isCreate`
 * of lib/audit).
 */
export function isCreateOf({ request, response }: RecordHead): boolean {
  return request?.verb === 'create' || response?.code === 201;
}

/**
 * Returns the changes that people made to the origin before the pod was created. They can have changed what runs in the
 * pod.
 */
export function changesOf(
  origin: readonly OriginLink[],
  sought: readonly NamedWorkload[],
  earlier: readonly KeptRecord[],
): readonly KeptRecord[] {
  const isOfOrigin = (record: KeptRecord) =>
    [...origin, ...sought.filter(({ kind }) => kind !== 'Pod')].some(
      ({ kind, name }) => name !== undefined && kindOf(record) === kind && record.request?.name === name,
    );
  return earlier.filter(
    (record) =>
      ['patch', 'update'].includes(record.request?.verb ?? '') &&
      !isCreateOf(record) &&
      isOfOrigin(record) &&
      wasDone(record) &&
      canBePersons(record),
  );
}

/** An object by its kind and name. */
export interface NamedWorkload {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/**
 * The characters that Kubernetes appends to a name: letters and digits without vowels, and without 0, 1 and 3, which
 * look like vowels (apimachinery, util/rand).
 */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';

/**
 * The forms of names that controllers generate, each with the kind of workload that its first part names. An example is
 * `<Deployment>-<hash>-<5 characters>`.
 */
const FORMS: readonly (readonly [WorkloadKind, RegExp])[] = [
  ['Deployment', new RegExp(`^(.+)-${RANDOM}{1,10}-${RANDOM}{5}$`)],
  ['ReplicaSet', new RegExp(`^(.+-${RANDOM}{1,10})-${RANDOM}{5}$`)],
  ['StatefulSet', /^(.+)-(?:0|[1-9]\d*)$/],
  ['DaemonSet', new RegExp(`^(.+)-${RANDOM}{5}$`)],
  ['Job', new RegExp(`^(.+)-${RANDOM}{5}$`)],
  ['CronJob', new RegExp(`^(.+)-\\d{8,}-${RANDOM}{5}$`)],
];

/**
 * Returns the pod and the workloads that can have created a pod of this name. The name alone does not prove that they
 * did.
 */
export function workloadsByPodName(pod: string): readonly NamedWorkload[] {
  const read = FORMS.flatMap(([kind, form]) => {
    const name = form.exec(pod)?.[1];
    return name === undefined ? [] : [{ kind, name }];
  });
  return [{ kind: 'Pod', name: pod }, ...read];
}

/**
 * Returns the resource as questions name it, for example `deployments.apps`. A resource of the core group has no
 * suffix.
 */
export function resourceOf(kind: WorkloadKind): string {
  const { resource, apiGroup } = WORKLOADS.find((each) => each.kind === kind) ?? WORKLOADS[0];
  return apiGroup === '' ? resource : `${resource}.${apiGroup}`;
}

/** The username of the controller that creates objects for an owner, by the owner's kind (kube-controller-manager). */
const CONTROLLERS: Readonly<Partial<Record<string, string>>> = {
  ReplicaSet: 'replicaset-controller',
  Deployment: 'deployment-controller',
  StatefulSet: 'statefulset-controller',
  DaemonSet: 'daemon-set-controller',
  Job: 'job-controller',
  CronJob: 'cronjob-controller',
};

/**
 * Returns whether the caller is the Kubernetes controller that creates objects for owners of this kind. In that case,
 * the owner that the object states is true.
 */
export function isControllerOf(kind: string, username: string | undefined): boolean {
  const controller = CONTROLLERS[kind];
  if (controller === undefined) return false;
  return (
    username === `system:serviceaccount:kube-system:${controller}` || username === 'system:kube-controller-manager'
  );
}
