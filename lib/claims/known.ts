import { filedName, namesOfActor } from '../attribution/actor-names.ts';
import { placeOf } from '../attribution/place.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { roleOfRecord } from '../attribution/role-of-record.ts';
import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { clusterKeyOf } from '../identity/cluster.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { provesNamespace } from './proven-namespace.ts';

export const KNOWN_KINDS = ['actor', 'role', 'cluster', 'namespace'] as const;
export type KnownKind = (typeof KNOWN_KINDS)[number];

/** A name that records mention. Trust: callers chose its texts. Escape them before you show them. */
export interface KnownName {
  readonly kind: KnownKind;
  /** The text that finds it: an actor's or a role's name, a cluster, a namespace (`-` for cluster-wide requests). */
  readonly name: string;
  /** A namespace's cluster; empty if the records have none. */
  readonly cluster?: string | undefined;
  /** The ARN of a namespace's cluster, if known. */
  readonly clusterArn?: string | undefined;
  /** The ARN of an actor, role or cluster, if known. A role's has no path until a grant states the path. */
  readonly arn?: string | undefined;
  /** A role's `AROA…` ID, or an actor's principal ID. */
  readonly id?: string | undefined;
  /** Whether a request succeeded that needs the namespace to exist (`provesNamespace`). Clients can write any name. */
  readonly proven?: true | undefined;
  /** The instance, function, pod, task or build for which a service acts. Each is an actor of its own (`sameActor`). */
  readonly workload?: string | undefined;
}

/**
 * A name with the times at which it was seen: the event time of the first record, and that of a record on the last day
 * with any.
 */
export interface KnownEntry extends KnownName {
  readonly first: EpochMillis;
  readonly last: EpochMillis;
}

/** Returns the names that a record mentions. */
export function namesOfRecord(record: AuditRecord): readonly KnownName[] {
  const { namespace } = placeOf(record);
  const { cluster = '', clusterArn } = record;
  const actor = actorOfRecord(record);
  return [
    { kind: 'cluster', name: cluster, arn: clusterArn },
    {
      kind: 'namespace',
      name: namespace,
      cluster,
      clusterArn,
      ...(provesNamespace(record) && { proven: true as const }),
    },
    ...(actor === undefined ? [] : [actor]),
    ...rolesOf(record),
  ];
}

/** Returns the actor that the record names; undefined if it names nobody. */
export function actorOfRecord({ attribution: { actor } }: Pick<AuditRecord, 'attribution'>): KnownName | undefined {
  const name = actor && filedName(actor);
  if (actor === undefined || name === undefined) return undefined;
  const { arn, principalId: id, workload } = actor;
  return { kind: 'actor', name, arn, id, workload };
}

/** Returns every text that finds a listed actor, like `namesOfActor` for an actor in a record. */
export function namesOfKnown({ name, arn, id: principalId, workload }: Omit<KnownName, 'kind'>): readonly string[] {
  return namesOfActor({ kind: 'aws-service', name, arn, principalId, workload });
}

/** Returns a text that is different for different actors. */
export function actorKey(actor: KnownName): string {
  return JSON.stringify([actor.name, distinctionOf(actor)]);
}

/** Returns the text that separates entries of the same kind and name; undefined if there is none. */
export function distinctionOf(known: KnownName): string | undefined {
  const { kind, arn, id, workload } = known;
  if (kind === 'role') return id ?? arn;
  if (kind === 'cluster') return arn;
  if (kind === 'namespace') return clusterKeyOf(known);
  const who = arn ?? id;
  return workload === undefined ? who : JSON.stringify([who, workload]);
}

/** Returns the roles of a record, usually one: the role's ID, under each name that the caller and the grants give it. */
function rolesOf(record: AuditRecord): readonly KnownName[] {
  const { roleId: id, arns = [] } = roleOfRecord(record) ?? {};
  const byName = Map.groupBy(arns, (each) => {
    const ref = roleRef(each) ?? assumedRoleRef(each);
    return ref === undefined ? '' : pathlessRoleArn(ref);
  });
  if (byName.size === 0) return id === undefined ? [] : [{ kind: 'role', name: id, id }];
  return [...byName.values()].map((ofName): KnownName => {
    const arn = ofName.map(roleArnOf).reduce(fuller, undefined);
    return { kind: 'role', name: roleRef(arn)?.roleName ?? id ?? '', arn, id };
  });
}

/** Returns a role's ARN from a session's ARN, which has no path. */
function roleArnOf(arn: string): string {
  const ref = assumedRoleRef(arn);
  return ref === undefined ? arn : pathlessRoleArn(ref);
}

/** Returns the more complete of two ARNs of one thing: the one with a path, else the first. */
function fuller(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b.split('/').length > a.split('/').length) ? b : a;
}

/** Merges two sightings of the same thing: first and last time of both, and the fields of either. */
export function mergeSightings(known: KnownEntry | undefined, more: KnownEntry): KnownEntry {
  if (known === undefined) return more;
  return {
    ...known,
    arn: fuller(known.arn, more.arn),
    ...((known.proven ?? more.proven) && { proven: true as const }),
    first: epochMillis(Math.min(known.first, more.first)),
    last: epochMillis(Math.max(known.last, more.last)),
  };
}
