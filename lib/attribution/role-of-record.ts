import { accountOfArn, assumedRoleRef, isSameRole, pathlessRoleArn, type RoleRef, roleRef } from '../identity/arn.ts';
import { hasWildcard, wildcardMatcher } from '../wildcard.ts';
import type { Actor } from './actor.ts';
import type { Attribution, ChainLink } from './attribution.ts';
import type { AuditRecord } from './record.ts';

/** What is known about the caller's role: its ID from the uid, its ARN from the caller or the grant. */
export interface RecordedRole {
  readonly roleId?: string | undefined;
  readonly arns: readonly string[];
  /**
   * Those of the ARNs that a grant with the role's ID states. Other ARNs can be forged, because anybody who forges
   * events can state any.
   */
  readonly granted?: readonly string[];
}

/** Returns the caller's role. Undefined if nothing is known about it. */
export function roleOfRecord({ caller, attribution }: AuditRecord): RecordedRole | undefined {
  const { roleId } = caller;
  const { chain, candidates = [] } = attribution;
  const links = [chain, ...candidates.map((candidate) => candidate.chain)].flatMap((each) => lastGrant(each) ?? []);
  const granted = links.flatMap((link) => (link.roleId === roleId || roleId === undefined ? (link.roleArn ?? []) : []));
  const arns = [...new Set([...(caller.arn === undefined ? [] : [caller.arn]), ...granted])];
  const roles = arns.filter((arn) => refOf(arn) !== undefined);
  return roleId === undefined && roles.length === 0 ? undefined : { roleId, arns: roles, granted };
}

/** Returns the grant of the caller's session. In the chain, tokens that this session requested come after it. */
export function lastGrant(chain: readonly ChainLink[] | undefined) {
  return chain?.findLast((link) => link.eventName !== 'TokenRequest');
}

/**
 * Returns the session that EC2 obtained for an instance: `AROA…:i-…`, or the access key if the grant does not state the
 * role's ID. If the instance is a node, its requests name no actor, so they are found only by this session.
 */
export function instanceSession({ actor, chain }: Pick<Attribution, 'actor' | 'chain'>): string | undefined {
  const { roleId, sessionName, accessKeyId } = lastGrant(chain) ?? {};
  if (actor === undefined || !isInstance(actor)) return undefined;
  return roleId !== undefined && sessionName !== undefined ? `${roleId}:${sessionName}` : accessKeyId;
}

/**
 * Returns the AWS accounts of the actor or the candidates. For a user of a directory, this is the account of the first
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
 * Returns whether the caller has this role. `text` can be the role's ID, its ARN (with or without path), the ARN of one
 * of its sessions, or its name. A name and an ARN can have wildcards.
 */
export function isOfRole(record: AuditRecord, text: string): boolean {
  const role = roleOfRecord(record);
  return role !== undefined && isRole(role, text);
}

/** Returns whether the text names this role, in one of the forms that `isOfRole` accepts. */
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

/** Returns a matcher for the ARNs of a role and its sessions. The pattern is the role's name, or its ARN without path. */
function roleMatcher(pattern: string): (arn: string) => boolean {
  const isMatch = wildcardMatcher(pattern);
  return (arn) => {
    const ref = refOf(arn);
    return ref !== undefined && (isMatch(ref.roleName) || isMatch(pathlessRoleArn(ref)));
  };
}

/** Returns the long-term access key with which a chain began. Its owner signed the call for the first grant with it. */
export function callerKeyOf(chain: readonly ChainLink[]): string | undefined {
  return firstGrant(chain)?.callerAccessKeyId;
}

function firstGrant([first]: readonly ChainLink[]) {
  return first === undefined || first.eventName === 'TokenRequest' ? undefined : first;
}
