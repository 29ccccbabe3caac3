import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, type RoleSessionOptions, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';
import type { ExpectedAnswer, ToldEvent } from './scenario.ts';

/** The name that `aws eks get-token --role-arn` gives every session. All who use the role share it (FACTS). */
export const SHARED = 'EKSGetTokenAuth';

export const ALICES_KEY = 'ASIAALICESHAREDKEY01';
export const MALLORYS_KEY = 'ASIAMALLORYSHARED001';

export const ALICE = { kind: 'iam-user', name: 'alice' } as const;
export const MALLORY = { kind: 'iam-user', name: 'mallory' } as const;

export const alices = (options: GrantOptions = {}): JsonObject =>
  grant({ id: 'grant-alice', by: iamUser('alice'), session: SHARED, key: ALICES_KEY, ...options });

export const mallorys = (options: GrantOptions = {}): JsonObject =>
  grant({ id: 'grant-mallory', by: iamUser('mallory'), session: SHARED, key: MALLORYS_KEY, ...options });

/** Returns the record that a cluster's check of a token causes in CloudTrail: a use of the token's key. */
export function useOf(options: Partial<RoleSessionOptions> & { readonly key: string }, fields: JsonObject = {}) {
  const session = { roleId: ROLE_ID, roleName: ROLE_NAME, session: SHARED, began: utc('12:00:00'), ...options };
  return callBy(roleSession(session), { eventID: `use-${options.key}`, ...fields });
}

/** Returns what a use states about the session that signed it, besides the principal. */
function contextOf(record: JsonObject): JsonObject {
  const identity = record.userIdentity as JsonObject;
  return identity.sessionContext as JsonObject;
}

/** Returns the record with these parts in the `sessionContext` of its caller. */
export function withContext(record: JsonObject, context: JsonObject, attributes: JsonObject = {}): JsonObject {
  const identity = record.userIdentity as JsonObject;
  const before = contextOf(record);
  const merged = { ...before, ...context, attributes: { ...(before.attributes as JsonObject), ...attributes } };
  return { ...record, userIdentity: { ...identity, sessionContext: merged } };
}

/** Returns the record with these parts in the `userIdentity` of its caller. */
export function withIdentity(record: JsonObject, parts: JsonObject): JsonObject {
  return { ...record, userIdentity: { ...(record.userIdentity as JsonObject), ...parts } };
}

/** Returns an event of the shared session, signed by this key. With `null`, the event states no key. */
export function sharedEvent(key: string | null, expected: ExpectedAnswer, fields: JsonObject = {}): ToldEvent {
  return { event: eventBy(roleUser({ session: SHARED, key }), fields), expected };
}

/** Identity Center's role in the member account, and its provider. */
const SSO_ROLE = {
  roleId: 'AROASSOADMIN000000001',
  roleName: 'AWSReservedSSO_Admin_0123456789abcdef',
  path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
} as const;
export const SSO_PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`;
export const SSO_KEY = 'ASIASSOSIGNIN0000001';

/** Returns the grant of a sign-in through Identity Center. AWS sets the session's name. */
export function signIn(person: string, options: GrantOptions = {}): JsonObject {
  return grant({
    ...SSO_ROLE,
    id: `sign-in-${person}`,
    by: samlUser(person, SSO_PROVIDER),
    eventName: 'AssumeRoleWithSAML',
    session: person,
    key: SSO_KEY,
    request: { principalArn: SSO_PROVIDER },
    ...options,
  });
}

/** Returns an event of a person's session of Identity Center's role. */
export function ssoEvent(
  person: string,
  key: string | null,
  expected: ExpectedAnswer,
  fields: JsonObject = {},
): ToldEvent {
  const { roleId, roleName } = SSO_ROLE;
  return { event: eventBy(roleUser({ roleId, roleName, session: person, key }), fields), expected };
}

/** Returns a use of this key in a person's session of Identity Center's role. */
export function ssoUse(person: string, key: string, parts: JsonObject = {}, began = utc('12:00:00')): JsonObject {
  const { roleId, roleName } = SSO_ROLE;
  return withIdentity(useOf({ roleId, roleName, session: person, key, began }), parts);
}

/** The role through which people assume the cluster's role. */
export const JUMP = { roleId: 'AROAJUMPROLE000000001', roleName: 'jump', session: SHARED } as const;

/** Returns the grant of the cluster's session, requested by a session of the jump role. */
export function viaJump(by: Partial<RoleSessionOptions>, options: GrantOptions = {}): JsonObject {
  return grant({
    id: 'grant-via-jump',
    session: 'deploy-2026-03',
    key: 'ASIAVIAJUMPSESSION01',
    at: utc('12:05:00'),
    by: roleSession({ ...JUMP, began: utc('12:00:00'), ...by }),
    ...options,
  });
}

export function viaJumpEvent(expected: ExpectedAnswer): ToldEvent {
  return { event: eventBy(roleUser({ session: 'deploy-2026-03', key: 'ASIAVIAJUMPSESSION01' })), expected };
}
