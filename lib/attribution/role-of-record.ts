import { accountOfArn, assumedRoleRef, isSameRole, pathlessRoleArn, type RoleRef, roleRef } from '../identity/arn.ts';
import { hasWildcard, wildcardMatcher } from '../wildcard.ts';
import type { Actor } from './actor.ts';
import type { Attribution, ChainLink } from './attribution.ts';
import type { AuditRecord } from './record.ts';

/** The known parts of the caller's role: its ID from the uid, its ARN from the caller or from the grant. */
export interface RecordedRole {
  readonly roleId?: string | undefined;
  readonly arns: readonly string[];
  /** Those of the ARNs that a grant of the role's ID states. Whoever forges events can state any other. */
  readonly granted?: readonly string[];
}

/** Returns the caller's role; undefined if none is known. */
export function roleOfRecord({ caller, attribution }: AuditRecord): RecordedRole | undefined {
  const { roleId } = caller;
  const { chain, candidates = [] } = attribution;
  const links = [chain, ...candidates.map((candidate) => candidate.chain)].flatMap((each) => lastGrant(each) ?? []);
  const granted = links.flatMap((link) => (link.roleId === roleId || roleId === undefined ? (link.roleArn ?? []) : []));
  const arns = [...new Set([...(caller.arn === undefined ? [] : [caller.arn]), ...granted])];
  const roles = arns.filter((arn) => refOf(arn) !== undefined);
  return roleId === undefined && roles.length === 0 ? undefined : { roleId, arns: roles, granted };
}

/** Returns the grant of the caller's session. Tokens that the session obtained come after it in the chain. */
export function lastGrant(chain: readonly ChainLink[] | undefined) {
  return chain?.findLast((link) => link.eventName !== 'TokenRequest');
}

/**
 * Returns the session that EC2 obtained for an instance: `AROA…:i-…`, or its access key if the grant does not state the role's ID. If the
 * instance is a node, its requests name no actor, so only this finds them.
 */
export function instanceSession({ actor, chain }: Pick<Attribution, 'actor' | 'chain'>): string | undefined {
  const { roleId, sessionName, accessKeyId } = lastGrant(chain) ?? {};
  if (actor === undefined || !isInstance(actor)) return undefined;
  return roleId !== undefined && sessionName !== undefined ? `${roleId}:${sessionName}` : accessKeyId;
}

/**
 * Returns the AWS accounts of whoever acted: that of the actor, or of each candidate. A user of a directory has the account of the first
 * role. If nobody is known, it is the account of the caller's role or user.
 */
export function accountsOf({ attribution, caller }: AuditRecord): readonly string[] {
  const { actor, chain, candidates = [] } = attribution;
  const people = actor === undefined ? candidates : [{ actor, chain }];
  const accounts = people.flatMap(
    ({ actor: { accountId }, chain = [] }) => accountId ?? accountOfArn(firstGrant(chain)?.roleArn ?? '') ?? [],
  );
  return accounts.length > 0 ? [...new Set(accounts)] : [caller.accountId].filter((account) => account !== undefined);
}

/** Returns whether the actor is an EC2 instance. */
export function isInstance({ kind, name }: Pick<Actor, 'kind' | 'name'>): boolean {
  return kind === 'aws-service' && name === 'ec2.amazonaws.com';
}

function refOf(arn: string): RoleRef | undefined {
  return roleRef(arn) ?? assumedRoleRef(arn);
}

/**
 * Returns whether the caller has this role. The text is its ID, its ARN (with or without path), a session's ARN, or its name. A name
 * and an ARN can have wildcards.
 */
export function isOfRole(record: AuditRecord, text: string): boolean {
  const role = roleOfRecord(record);
  return role !== undefined && isRole(role, text);
}

/** Returns whether the text names the role, in one of the forms of `isOfRole`. */
export function isRole({ roleId, arns }: RecordedRole, text: string): boolean {
  if (roleId === text) return true;
  if (hasWildcard(text)) return arns.some(roleMatcher(text));
  const wanted = refOf(text);
  return arns.some((arn) => {
    const known = refOf(arn);
    if (known === undefined) return false;
    if (wanted === undefined) return known.roleName === text;
    return isSameRole(known, wanted);
  });
}

/** Returns a matcher for ARNs of roles and their sessions, by the name of the role or by its ARN without path. */
function roleMatcher(pattern: string): (arn: string) => boolean {
  const isMatch = wildcardMatcher(pattern);
  return (arn) => {
    const ref = refOf(arn);
    return ref !== undefined && (isMatch(ref.roleName) || isMatch(pathlessRoleArn(ref)));
  };
}

/** Returns the long-term access key with which a chain began: its owner called for the first grant with it. */
export function callerKeyOf(chain: readonly ChainLink[]): string | undefined {
  return firstGrant(chain)?.callerAccessKeyId;
}

function firstGrant([first]: readonly ChainLink[]) {
  return first === undefined || first.eventName === 'TokenRequest' ? undefined : first;
}
