import type { ObjectOwner } from '../../audit/audit-event.ts';
import {
  type CreatedObject,
  mostCredibleFirst,
  WORKLOAD_KINDS,
  WORKLOADS,
  type WorkloadKind,
} from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { EpochMillis } from '../../time.ts';
import { canBePersons, latestStages, wasDone } from '../activity/requests.ts';
import type { OriginLink } from './related-answer.ts';
import { type RelatedSource, shortenRecord } from './related-source.ts';

/** Pod, ReplicaSet, Deployment; or Pod, Job, CronJob. */
const MOST_LINKS = 5;

interface PodPlace {
  readonly cluster: string | undefined;
  readonly namespace: string;
}

/** How far the origin is known by uids. */
export interface OriginByUid {
  readonly links: readonly OriginLink[];
  /** Where the last link's create was not kept, what it is. */
  readonly open: Sought | undefined;
  /** When the pod was created, also where the record of that is not kept. */
  readonly begun: EpochMillis | undefined;
}

/** A workload that is looked for: the pod by its uid, or an owner that the server's own controller named. */
interface Sought {
  readonly kind: WorkloadKind;
  readonly uid: string;
  readonly name: string | undefined;
}

/**
 * From the pod to what it came from, by the uids in the answers to the creates. `ownerReferences` are the word of whoever
 * created an object: they are followed only where Kubernetes' own controller did, which creates for that very owner; else
 * whoever created it is its author, whomever he says that it belongs to.
 */
export async function originByUid(pod: Sought, place: PodPlace, source: RelatedSource): Promise<OriginByUid> {
  const links: OriginLink[] = [];
  let begun: EpochMillis | undefined;
  let sought: Sought | undefined = pod;
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

function soughtOf({ kind, uid, name }: ObjectOwner): Sought | undefined {
  const known = WORKLOAD_KINDS.find((each) => each === kind);
  return known === undefined ? undefined : { kind: known, uid, name };
}

async function createdObject({ kind, uid }: Sought, place: PodPlace, source: RelatedSource) {
  const all = await source.created(uid);
  const here = (each: CreatedObject) =>
    each.kind === kind && each.namespace === place.namespace && each.cluster === place.cluster;
  return all.filter(here).toSorted(mostCredibleFirst)[0];
}

/** The audit id alone is the client's, who may reuse it: the event is looked for by its time and namespace. */
async function recordOf(object: CreatedObject, source: RelatedSource): Promise<KeptRecord | undefined> {
  const { auditId, createdAt: at, cluster, namespace } = object;
  const records = await source.stagesOf({ auditId, at, cluster, namespace });
  return latestStages(records).find((record) => kindOf(record) === object.kind);
}

function linkOf(
  { kind, uid, name, owners, handedOverBy }: CreatedObject,
  known: string | undefined,
  created: KeptRecord | undefined,
  owner: ObjectOwner | undefined,
): OriginLink {
  const said = owners.map((each) => `${each.kind} ${each.name}`).join(', ');
  const belongs = owner === undefined ? unfollowed(said, created) : `; its owner is the ${owner.kind} ${owner.name}`;
  const reporter = handedOverBy ? ' (reported by another stack)' : '';
  const reason = `The response to its create request has this uid${reporter}${belongs}.`;
  return { kind, name: name ?? known, uid, foundBy: 'uid', created: created && shortenRecord(created), reason };
}

function unfollowed(said: string, created: KeptRecord | undefined): string {
  if (created === undefined) return '; the record of the create request is no longer stored';
  return said === '' ? '; it has no owner' : `; only its creator says that its owner is ${said}`;
}

/** The kind of what a record's request is about, where it is one that pods come from. */
export function kindOf({ request }: KeptRecord): WorkloadKind | undefined {
  const { resource, apiGroup = '', subresource } = request ?? {};
  return subresource === undefined
    ? WORKLOADS.find((each) => each.resource === resource && each.apiGroup === apiGroup)?.kind
    : undefined;
}

/** Creates of objects of these names, the latest before the pod's request each: they may be of another object of that name. */
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

/** Of an owner whose create was not seen its name is known; of a pod whose own was not, what its name can mean. */
export function namesToLookFor(pod: string | undefined, { links, open }: OriginByUid): readonly NamedWorkload[] {
  if (open === undefined) return [];
  if (links.length === 0) return pod === undefined ? [] : workloadsByPodName(pod);
  return open.name === undefined ? [] : ownersByName(open.kind, open.name);
}

/** A ReplicaSet is named after its Deployment, a Job after its CronJob. */
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

/** Applied by the server, a patch creates too (`isCreate` of lib/audit). */
export function isCreateOf({ request, response }: KeptRecord): boolean {
  return request?.verb === 'create' || response?.code === 201;
}

/** Who changed what the pod came from, before it was created: what runs in it may be of that change. */
export function changesOf(origin: readonly OriginLink[], earlier: readonly KeptRecord[]): readonly KeptRecord[] {
  const isOfOrigin = (record: KeptRecord) =>
    origin.some(({ kind, name }) => name !== undefined && kindOf(record) === kind && record.request?.name === name);
  return earlier.filter(
    (record) =>
      ['patch', 'update'].includes(record.request?.verb ?? '') &&
      !isCreateOf(record) &&
      isOfOrigin(record) &&
      wasDone(record) &&
      canBePersons(record),
  );
}

/** An object of a kind by its name. */
interface NamedWorkload {
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
