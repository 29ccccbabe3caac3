import { isSameRole, nameOfUserArn, roleOfIamArn } from './arns.ts';
import { issuer } from './ids.ts';
import { compare, type Grant, type Identity, isIdentityCenterGrant, isService, type KnownWorld } from './records.ts';

/** This module has rules 3.4 and 3.17: the copies of one call, and which of them count. */
type Statement = ReadonlyMap<string, unknown>;

/** Returns what is known, with those copies of each call that count. */
export function withCountedCopies(known: KnownWorld): KnownWorld {
  return { ...known, grants: groupCopies(known.grants).flatMap((copies) => countedCopies(copies, known.notice)) };
}

function groupCopies(grants: readonly Grant[]): Grant[][] {
  return grants.reduce<Grant[][]>((groups, grant) => {
    const mine = groups.filter((group) => group.some((other) => isSameCall(grant, other)));
    const others = groups.filter((group) => !mine.includes(group));
    return [...others, [...mine.flat(), grant]];
  }, []);
}

function isSameCall(a: Grant, b: Grant): boolean {
  const sameEvent = a.eventId !== undefined && a.eventId === b.eventId;
  const sameShared = a.sharedEventId !== undefined && a.sharedEventId === b.sharedEventId;
  const sameSession =
    a.issuedToken === b.issuedToken &&
    a.ownerId === b.ownerId &&
    (a.roleArn === b.roleArn || isSameRole(roleOfIamArn(a.roleArn), roleOfIamArn(b.roleArn))) &&
    a.sessionName === b.sessionName;
  const sameTime = a.accessKeyId !== undefined || a.issuedAt === b.issuedAt;
  return (sameEvent || sameShared) && a.accessKeyId === b.accessKeyId && sameSession && sameTime;
}

/** Drops each copy that states nothing beyond what another copy states. Returns the others, each with the event IDs and times of all copies. */
function countedCopies(copies: readonly Grant[], notice: (word: string) => void): Grant[] {
  const times = [...new Set(copies.flatMap((copy) => copy.times))];
  const eventIds = [...new Set(copies.flatMap((copy) => copy.eventIds))].sort();
  if (times.length > 1) notice('copies of several seconds');
  const each = [...copies]
    .sort((a, b) => compare(a.eventId, b.eventId))
    .map((copy) => ({ copy, says: statementOf(copy) }));
  const counted = each.filter(({ says }, at) =>
    each.every(
      (other, place) => place === at || !isWithin(says, other.says) || (at < place && isWithin(other.says, says)),
    ),
  );
  if (counted.length > 1) notice('a call whose copies differ');
  const issuedAt = Math.min(...times);
  const expiresAt = Math.max(...copies.map((copy) => copy.expiresAt));
  return chosen(counted).map(({ copy, says }) => {
    const isContradicted = counted.length >= MOST || counted.some((other) => contradicts(says, other.says));
    return { ...copy, eventIds, times, issuedAt, expiresAt, ...(isContradicted ? { isContradicted } : {}) };
  });
}

/** How many copies of one call count at most. */
const MOST = 20;

/** Returns the copies that count if there are too many: one of each caller in turn. */
function chosen<T extends { readonly copy: Grant }>(counted: readonly T[]): readonly T[] {
  if (counted.length <= MOST) return counted;
  const callers = counted.map(({ copy: { caller } }) => caller.principalId ?? caller.arn ?? caller.userName);
  const turn = (at: number) => callers.slice(0, at).filter((caller) => caller === callers[at]).length;
  const order = counted.map((_, at) => at).sort((a, b) => turn(a) - turn(b) || a - b);
  return counted.filter((_, at) => order.indexOf(at) < MOST);
}

function isWithin(mine: Statement, theirs: Statement): boolean {
  return [...mine].every(([field, value]) => theirs.get(field) === value);
}

function contradicts(mine: Statement, theirs: Statement): boolean {
  return [...mine].some(([field, value]) => theirs.has(field) && theirs.get(field) !== value);
}

/** Returns what a copy states of its caller and of what was requested, field by field. */
function statementOf(grant: Grant): Statement {
  const { issuer: issuedBy = {}, ...caller } = grant.caller;
  const fields: [string, unknown][] = [
    ...Object.entries(whole(caller)),
    ...Object.entries(issuedBy).map(([field, value]): [string, unknown] => [`issuer's ${field}`, value]),
    ['event', grant.eventName],
    ['provider', grant.providerArn],
    ['name format', grant.nameIdFormat],
    ['given source identity', grant.sourceIdentity],
    ['web provider', issuer(grant.webIdProvider)],
    ['taken token', grant.takenToken],
    ['source principal', grant.sourcePrincipal],
    ['second factor', grant.serialNumber === undefined ? undefined : true],
    ['pod', grant.pod],
    ['common name', grant.commonName],
    ['root of', grant.rootOf],
    ['of Identity Center', isIdentityCenterGrant(grant)],
  ];
  return new Map(fields.filter(([, value]) => value !== undefined));
}

/** Returns the caller with a type only if that says more than an account, and with the name that is in a user's ARN. */
function whole(caller: Identity): Identity {
  const { type, ec2RoleDelivery, ...rest } = caller;
  const kind = isService(caller) ? 'AWSService' : type === 'AWSAccount' ? undefined : type;
  const userName = caller.userName ?? (kind === 'IAMUser' ? nameOfUserArn(caller.arn) : undefined);
  return {
    ...rest,
    ...(kind === undefined ? {} : { type: kind }),
    ...(userName === undefined ? {} : { userName }),
    ...(ec2RoleDelivery === undefined ? {} : { ec2RoleDelivery: 'any' }),
  };
}
