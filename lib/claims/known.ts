import { filedName, namesOfActor } from '../attribution/actor-names.ts';
import { placeOf } from '../attribution/place.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { roleOfRecord } from '../attribution/role-of-record.ts';
import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { provesNamespace } from './proven-namespace.ts';

export const KNOWN_KINDS = ['actor', 'role', 'cluster', 'namespace'] as const;
export type KnownKind = (typeof KNOWN_KINDS)[number];

/** Something that records name. Its texts come from whoever called: show them escaped. */
export interface KnownName {
  readonly kind: KnownKind;
  /** What it is asked for by: an actor's or a role's name, a cluster, a namespace (`-` for what is in none). */
  readonly name: string;
  /** A namespace's cluster; empty where the records name none. */
  readonly cluster?: string | undefined;
  /** An actor's or a role's, as far as it is known: a role's is without its path until a grant of it says the path. */
  readonly arn?: string | undefined;
  /** A role's `AROA…`; an actor's principal id. */
  readonly id?: string | undefined;
  /** Of a namespace: something succeeded in it that needs one that exists (`provesNamespace`). Clients write any name. */
  readonly proven?: true | undefined;
  /** A service's: the instance, function, pod, task or build that it acts for. Each is an actor of its own (`sameActor`). */
  readonly workload?: string | undefined;
}

/** … and when it was seen: event times of the first record, and of one of the last day on which there was any. */
export interface KnownEntry extends KnownName {
  readonly first: EpochMillis;
  readonly last: EpochMillis;
}

/** What a record names. */
export function namesOfRecord(record: AuditRecord): readonly KnownName[] {
  const { cluster, namespace } = placeOf(record);
  const actor = actorOfRecord(record);
  return [
    { kind: 'cluster', name: cluster },
    { kind: 'namespace', name: namespace, cluster, ...(provesNamespace(record) && { proven: true as const }) },
    ...(actor === undefined ? [] : [actor]),
    ...rolesOf(record),
  ];
}

/** Whom it names as its actor; undefined where nobody. */
export function actorOfRecord({ attribution: { actor } }: Pick<AuditRecord, 'attribution'>): KnownName | undefined {
  const name = actor && filedName(actor);
  if (actor === undefined || name === undefined) return undefined;
  const { arn, principalId: id, workload } = actor;
  return { kind: 'actor', name, arn, id, workload };
}

/** Every text by which an actor that is listed is asked for, as `namesOfActor` has it of one whom a record names. */
export function namesOfKnown({ name, arn, id: principalId, workload }: Omit<KnownName, 'kind'>): readonly string[] {
  return namesOfActor({ kind: 'aws-service', name, arn, principalId, workload });
}

/** What tells an actor from all others. */
export function actorKey(actor: KnownName): string {
  return JSON.stringify([actor.name, distinctionOf(actor)]);
}

/** What tells those of one kind and name apart; undefined where nothing does. */
export function distinctionOf({ kind, cluster, arn, id, workload }: KnownName): string | undefined {
  if (kind === 'role') return id ?? arn;
  if (kind !== 'actor') return cluster;
  const who = arn ?? id;
  return workload === undefined ? who : JSON.stringify([who, workload]);
}

/** One as a rule: a role by its id, under each name that the caller and the grants give it. */
function rolesOf(record: AuditRecord): readonly KnownName[] {
  const { roleId: id, arns = [] } = roleOfRecord(record) ?? {};
  const byName = Map.groupBy(arns, (each) => {
    const ref = roleRef(each) ?? assumedRoleRef(each);
    return ref === undefined ? '' : `${ref.accountId} ${ref.roleName}`;
  });
  if (byName.size === 0) return id === undefined ? [] : [{ kind: 'role', name: id, id }];
  return [...byName.values()].map((ofName): KnownName => {
    const arn = ofName.map(roleArnOf).reduce(fuller, undefined);
    return { kind: 'role', name: roleRef(arn)?.roleName ?? id ?? '', arn, id };
  });
}

/** A session's ARN names its role without the path. */
function roleArnOf(arn: string): string {
  const ref = assumedRoleRef(arn);
  return ref === undefined ? arn : pathlessRoleArn(ref, arn);
}

/** Of two ARNs of one thing the one that has a path, else the first. */
function fuller(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b.split('/').length > a.split('/').length) ? b : a;
}

/** The same thing seen at another time: first and last of both; what one knows of it and the other does not. */
export function seenAlso(known: KnownEntry | undefined, more: KnownEntry): KnownEntry {
  if (known === undefined) return more;
  return {
    ...known,
    arn: fuller(known.arn, more.arn),
    ...((known.proven ?? more.proven) && { proven: true as const }),
    first: epochMillis(Math.min(known.first, more.first)),
    last: epochMillis(Math.max(known.last, more.last)),
  };
}
