import { basisOfId, type IdBasis, nameInId, personOf } from '../attribution/actor-id.ts';
import { filedName, imitates, namesOfActor } from '../attribution/actor-names.ts';
import { isEventMethod } from '../attribution/attribution.ts';
import { placeOf } from '../attribution/place.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { roleOfRecord } from '../attribution/role-of-record.ts';
import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { type ClusterFields, clusterKeyOf, senderOf } from '../identity/cluster.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { provesNamespace } from './proven-namespace.ts';

export const KNOWN_KINDS = ['actor', 'role', 'cluster', 'namespace'] as const;
export type KnownKind = (typeof KNOWN_KINDS)[number];

/** A name in the directory. Trust: callers choose its texts, so escape them before display. */
export interface KnownName {
  readonly kind: KnownKind;
  /**
   * The text by which the entry is found: the name of an actor, role, cluster or namespace. `-` stands for cluster-wide
   * requests.
   */
  readonly name: string;
  /** The cluster of a namespace. Empty if the records do not name one. */
  readonly cluster?: string | undefined;
  /** The ARN of a namespace's cluster, if known. */
  readonly clusterArn?: string | undefined;
  /** The ARN of an actor, role or cluster, if known. The ARN of a role has no path until a grant states the path. */
  readonly arn?: string | undefined;
  /** The `AROA…` ID of a role, or the ID of an actor (`actor.id`). */
  readonly id?: string | undefined;
  /** What the actor's ID rests on. An actor of whom only a session is known is not listed. */
  readonly idBasis?: ListedBasis | undefined;
  /**
   * The account of an actor, if there is one. For a cluster, or a namespace's cluster, it is the account if the ARN is
   * not known.
   */
  readonly accountId?: string | undefined;
  /**
   * The account that handed over the events of a cluster or of a namespace's cluster. Present if the cluster's own
   * account is not known.
   */
  readonly origin?: { readonly handedOverBy: string } | undefined;
  /** An actor's principal ID. */
  readonly principalId?: string | undefined;
  /**
   * Whether somebody proved that the entry exists. For a namespace, a request succeeded that needs it to exist
   * (`provesNamespace`). For a role, a grant states that it has this ID. Otherwise anybody can have invented the name
   * or the ID.
   */
  readonly proven?: true | undefined;
  /**
   * True if only other accounts report this name of the actor's ID. They handed over the events that state it, and can
   * forge them. Such a name replaces no other name or ARN of the ID.
   */
  readonly isReported?: true | undefined;
}

/** The bases of the IDs that the directory lists. A session is neither a person nor a workload. */
export const LISTED_BASES = ['principal', 'name'] as const satisfies readonly IdBasis[];
type ListedBasis = (typeof LISTED_BASES)[number];

/** The first and the last time at which something was seen, exact to the day. */
interface SeenTimes {
  readonly first: EpochMillis;
  readonly last: EpochMillis;
}

/** When an account saw a name, by the times of the events that it sent. Events of other accounts do not change them. */
export interface SeenBy extends SeenTimes {
  /** Absent if the account is not known. */
  readonly account?: string | undefined;
}

/** The maximum number of accounts in `seenBy`. An actor that so many accounts have seen is new to no further one. */
const MOST_ACCOUNTS = 20;

/** A name of an actor, and when it was seen with the actor's ID. */
export interface NameTimes extends SeenTimes, Pick<KnownName, 'isReported'> {
  readonly name: string;
}

/**
 * A name in the directory, and when it was seen. `first` is the event time of the first record. `last` is the time of
 * some record on the last day that has records.
 */
export interface KnownEntry extends KnownName, SeenTimes {
  /**
   * All names of the actor's ID, the latest first, with the reported ones at the end. Absent if the ID has only one.
   */
  readonly names?: readonly NameTimes[] | undefined;
  /** When each account saw the actor or the role. Absent for clusters and namespaces, which only their own account can name. */
  readonly seenBy?: readonly SeenBy[] | undefined;
  /** All IDs of the person, if the operator joined several. The entry belongs to the first one. */
  readonly samePerson?: readonly string[] | undefined;
}

/** Returns the names that a record mentions. */
export function namesOfRecord(record: AuditRecord): readonly KnownName[] {
  const { namespace } = placeOf(record);
  const { cluster = '', clusterArn } = record;
  const ofAccount = clusterArn === undefined ? accountFields(record) : {};
  const actor = actorOfRecord(record);
  return [
    { kind: 'cluster', name: cluster, arn: clusterArn, ...ofAccount },
    {
      kind: 'namespace',
      name: namespace,
      cluster,
      clusterArn,
      ...ofAccount,
      ...(provesNamespace(record) && { proven: true as const }),
    },
    ...(actor === undefined ? [] : [{ ...actor, ...(isReported(actor, record) && { isReported: true as const }) }]),
    ...rolesOf(record),
  ];
}

/** Returns the entry of a name that a record mentions, seen at this time. */
export function sightingOf(name: KnownName, record: AuditRecord, at: EpochMillis): KnownEntry {
  const times = { first: at, last: at };
  const isOfCluster = name.kind === 'cluster' || name.kind === 'namespace';
  return { ...name, ...times, ...(!isOfCluster && { seenBy: [{ account: senderOf(record), ...times }] }) };
}

/** Returns the accounts that saw the actor for the first time at `since` or later. */
export function accountsNewTo({ seenBy = [] }: KnownEntry, since: EpochMillis): readonly (string | undefined)[] {
  return seenBy.filter(({ first }) => first >= since).map(({ account }) => account);
}

/** Returns whether the event alone states the name of the actor's ID, and an account handed it over that is not the actor's. */
function isReported({ id, accountId }: KnownActor, { attribution: { method }, origin }: AuditRecord): boolean {
  const handedOverBy = origin?.handedOverBy;
  const isOfOther = handedOverBy !== undefined && handedOverBy !== accountId;
  return isOfOther && method !== undefined && isEventMethod(method) && canBeRenamed(id);
}

/** Returns the cluster's account, or the account that handed the event over. */
function accountFields({ accountId, origin }: AuditRecord): Pick<KnownName, 'accountId' | 'origin'> {
  if (accountId !== undefined) return { accountId };
  const handedOverBy = origin?.handedOverBy;
  return handedOverBy === undefined ? {} : { origin: { handedOverBy } };
}

/** Returns the actor that the record names; undefined if it names nobody. */
export function actorOfRecord({
  attribution: { actor },
}: {
  readonly attribution: Pick<AuditRecord['attribution'], 'actor'>;
}): KnownActor | undefined {
  const name = actor && filedName(actor);
  if (actor === undefined || name === undefined) return undefined;
  const { id, idBasis, arn, accountId, principalId } = actor;
  return idBasis === 'session' ? undefined : { kind: 'actor', name, id, idBasis, arn, accountId, principalId };
}

/** An actor in the directory. Different actors have different IDs. */
export interface KnownActor extends KnownName {
  readonly id: string;
}

/** Returns the record's actor under the present name. Undefined if the name has not changed since the event. */
export function renamedActorOf({ attribution: { actor } }: Pick<AuditRecord, 'attribution'>): KnownActor | undefined {
  if (actor?.nameToday === undefined) return undefined;
  const { name = '', nameToday, knownAs, arn: _ofThen, ...lasting } = actor;
  const isWithName = knownAs?.startsWith(name) === true;
  const today = { ...lasting, name: nameToday, ...(isWithName && { knownAs: nameToday + knownAs.slice(name.length) }) };
  return actorOfRecord({ attribution: { actor: today } });
}

/**
 * Returns every text by which an actor of the directory is found. `namesOfActor` does the same for an actor of a
 * record.
 */
export function namesOfKnown({
  name,
  names = [],
  arn,
  id,
  principalId,
  samePerson,
}: Pick<KnownEntry, 'name' | 'arn' | 'id' | 'principalId' | 'samePerson'> & {
  readonly names?: readonly { readonly name: string }[] | undefined;
}): readonly string[] {
  const known = namesOfActor({ kind: 'iam-user', name, arn, principalId, id, samePerson });
  return [...new Set([...known, ...names.flatMap((each) => (imitates(each.name, id) ? [] : each.name))])];
}

/**
 * Returns whether a text can be that of an actor, although the directory cannot find it. ARNs and workloads are such
 * texts. The directory has one entry for each service, and none for its workloads.
 */
export function isOutsideDirectory(text: string): boolean {
  return /^(?:arn:|i-[0-9a-f])| \(/.test(text);
}

/** Returns the cluster of an entry: the cluster itself, or that of a namespace. Undefined for other entries. */
export function clusterOfKnown({
  kind,
  name,
  cluster,
  clusterArn,
  arn,
  accountId,
  origin,
}: NamedCluster): ClusterFields {
  const ofNamespace = { cluster, clusterArn, accountId, origin };
  return kind === 'cluster' ? { cluster: name, clusterArn: arn, accountId, origin } : ofNamespace;
}

type NamedCluster = Pick<KnownName, 'kind' | 'name' | 'cluster' | 'clusterArn' | 'arn' | 'accountId' | 'origin'>;

/** Returns the text that distinguishes entries with the same kind and name. Undefined if there is none. */
export function distinctionOf(known: KnownName): string | undefined {
  const { kind, arn, id, accountId, origin } = known;
  if (kind === 'role') return id ?? arn;
  if (kind === 'cluster')
    return arn ?? ((accountId ?? origin) === undefined ? undefined : clusterKeyOf(clusterOfKnown(known)));
  return kind === 'namespace' ? clusterKeyOf(known) : id;
}

/** Returns whether the name of an actor with this ID can change. All other IDs contain the name. */
export function canBeRenamed(id: string): boolean {
  return nameInId(id) === undefined;
}

/**
 * Returns an actor's entry with the latest name and the times of all names.
 * @param entry the entry of one name, with all `names`.
 */
export function wholeEntry(entry: KnownEntry): KnownEntry {
  const { names } = entry;
  const [latest] = names ?? [];
  if (names === undefined || latest === undefined) return entry;
  const { first } = names.reduce((a, b) => (b.first < a.first ? b : a));
  return { ...entry, name: latest.name, first, last: latest.last };
}

/**
 * Returns the entry of a person whose IDs the operator joined. It has the first ID, and the names and times of all IDs.
 * ARN, account and principal ID are those of the first ID, and absent if the first ID has no entry.
 */
export function entryOfPerson(one: KnownEntry, others: readonly KnownEntry[]): KnownEntry {
  const { id = '', samePerson } = one;
  if (samePerson === undefined) return one;
  const person = personOf({ id, samePerson });
  const entries = [one, ...others];
  const own = entries.find((each) => each.id === person);
  const names = mergeNames(entries.flatMap((each) => each.names ?? each));
  const seenBy = mergeSeenBy(entries.flatMap((each) => each.seenBy ?? []));
  const { name, first, last } = wholeEntry({ ...one, names });
  const idBasis = own?.idBasis ?? LISTED_BASES.find((basis) => basis === basisOfId(person));
  const { arn, accountId, principalId } = own ?? {};
  const ofId = { kind: 'actor', name, id: person, idBasis, arn, accountId, principalId } as const;
  return { ...ofId, ...(names.length > 1 && { names }), samePerson, first, last, seenBy };
}

/** Returns whether one of the actor's names begins with `prefix`. */
export function isNamedFrom({ name, names = [] }: KnownEntry, prefix: string): boolean {
  return [name, ...names.map((each) => each.name)].some((each) => each.startsWith(prefix));
}

/**
 * Returns whether a list of names that begin with `prefix` shows the actor at this name. Each actor is shown once, at
 * the latest of the matching names.
 */
export function isListedAt({ name, names }: KnownEntry, prefix: string): boolean {
  return names === undefined || names.find((each) => each.name.startsWith(prefix))?.name === name;
}

/**
 * Returns the roles of a record, usually one. Each has the role's ID and one of the names that the caller and the
 * grants state for it.
 */
function rolesOf(record: AuditRecord): readonly KnownName[] {
  const { roleId: id, arns = [], granted = [] } = roleOfRecord(record) ?? {};
  const proven = id === undefined ? [] : arns.filter((each) => granted.includes(each));
  // A grant's statements have precedence over what the event states about its caller.
  const byName = Map.groupBy(proven.length > 0 ? proven : arns, (each) => {
    const ref = roleRef(each) ?? assumedRoleRef(each);
    return ref === undefined ? '' : pathlessRoleArn(ref);
  });
  if (byName.size === 0) return id === undefined ? [] : [{ kind: 'role', name: id, id }];
  return [...byName.values()].map((ofName): KnownName => {
    const arn = ofName.map(roleArnOf).reduce(fuller, undefined);
    return {
      kind: 'role',
      name: roleRef(arn)?.roleName ?? id ?? '',
      arn,
      id,
      ...(proven.length > 0 && { proven: true as const }),
    };
  });
}

/** Returns a role's ARN from a session's ARN, which has no path. */
function roleArnOf(arn: string): string {
  const ref = assumedRoleRef(arn);
  return ref === undefined ? arn : pathlessRoleArn(ref);
}

/** Returns the more complete of two ARNs of one thing. If neither has a path, returns the first. */
function fuller(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b.split('/').length > a.split('/').length) ? b : a;
}

/**
 * Merges two sightings of one thing under one name. The result has the first and the last time, and the fields of both.
 */
export function mergeSightings(known: KnownEntry | undefined, more: KnownEntry): KnownEntry {
  if (known === undefined) return more;
  const names = mergeNames(known.names, more.names);
  const seenBy = mergeSeenBy(known.seenBy, more.seenBy);
  const trust = trustIn(known) - trustIn(more);
  const { isReported, ...lasting } = known;
  return {
    ...lasting,
    ...(isReported && more.isReported && { isReported }),
    arn: trust === 0 ? fuller(known.arn, more.arn) : trust > 0 ? known.arn : more.arn,
    ...((known.proven ?? more.proven) && { proven: true as const }),
    ...(names.length > 0 && { names }),
    ...(seenBy.length > 0 && { seenBy }),
    ...believedSpan(known, more),
  };
}

/**
 * Returns the rank of a name and its ARN by trust. It is highest if a grant states them, and lowest if only other
 * accounts report them.
 */
function trustIn({ proven, isReported }: KnownName): number {
  return proven ? 1 : isReported ? -1 : 0;
}

/** Returns when each account saw an actor or a role, from several sources, in the order of the accounts that were known first. */
export function mergeSeenBy(known: readonly SeenBy[] = [], more: readonly SeenBy[] = []): readonly SeenBy[] {
  const byAccount = new Map<string | undefined, SeenBy>();
  for (const each of [...known, ...more]) {
    const { account } = each;
    const before = byAccount.get(account);
    if (before !== undefined || byAccount.size < MOST_ACCOUNTS)
      byAccount.set(account, { account, ...spanOf(before ?? each, each) });
  }
  return [...byAccount.values()];
}

/**
 * Returns the names of one ID from several sources, each once, the latest first, but reported ones last. What only other accounts report
 * does not change the times of another name.
 */
export function mergeNames(known: readonly NameTimes[] = [], more: readonly NameTimes[] = []): readonly NameTimes[] {
  const byName = new Map<string, NameTimes>();
  for (const each of [...known, ...more]) {
    const { name } = each;
    const before = byName.get(name) ?? each;
    const isReported = before.isReported && each.isReported;
    byName.set(name, { name, ...believedSpan(before, each), ...(isReported && { isReported }) });
  }
  const rank = ({ isReported }: NameTimes) => (isReported ? 1 : 0);
  return [...byName.values()]
    .sort((a, b) => rank(a) - rank(b) || b.last - a.last || (a.name < b.name ? 1 : -1))
    .slice(0, MOST_NAMES);
}

/** Limits the names of one ID. Somebody who may rename users can give a user any number of names. */
const MOST_NAMES = 20;

type BelievedTimes = SeenTimes & Pick<KnownName, 'isReported'>;

/** Returns the times of both. If only other accounts report one of them, returns the times of the other one. */
function believedSpan(a: BelievedTimes, b: BelievedTimes): SeenTimes {
  if (a.isReported === b.isReported) return spanOf(a, b);
  const { first, last } = a.isReported ? b : a;
  return { first, last };
}

function spanOf(a: SeenTimes, b: SeenTimes): SeenTimes {
  return { first: epochMillis(Math.min(a.first, b.first)), last: epochMillis(Math.max(a.last, b.last)) };
}
