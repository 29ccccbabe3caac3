import { type IamUser, type Role, roleArn, userArn } from './company.ts';
import { second } from './time.ts';
import type { JsonObject } from './trail.ts';

/** The signers of AWS calls, as CloudTrail's `userIdentity` states them. */

/** The credentials that a grant issued. */
export interface Session {
  readonly role: Role;
  readonly name: string;
  readonly accessKeyId: string;
  /** When the grant was made: `HH:MM:SS`. Every record signed by the session repeats it as `creationDate`. */
  readonly since: string;
  readonly sourceIdentity?: string;
}

export type Caller =
  /** `temporaryKey`: an IAM user's key from GetSessionToken or the console (ASIA…), with the time it was made. */
  | {
      readonly kind: 'iam-user';
      readonly user: IamUser;
      readonly temporaryKey?: { readonly id: string; readonly since: string };
    }
  | { readonly kind: 'session'; readonly session: Session; readonly ip: string }
  /** `onBehalfOf`: the resource for which the service assumes the role, if CloudTrail states it (`inScopeOf`). */
  | { readonly kind: 'service'; readonly service: string; readonly onBehalfOf?: JsonObject }
  /** A principal of an account whose trail is not the company's. */
  | { readonly kind: 'foreign'; readonly accountId: string; readonly principalId: string; readonly ip: string };

export function sessionArn({ role, name }: Session): string {
  return `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name}`;
}

export function sessionPrincipal({ role, name }: Session): string {
  return `${role.id}:${name}`;
}

/**
 * Returns the account whose trail has the caller's own copy of a call. Undefined for a service and for a caller outside
 * the company.
 */
export function callerAccount(caller: Caller): string | undefined {
  if (caller.kind === 'iam-user') return caller.user.accountId;
  return caller.kind === 'session' ? caller.session.role.accountId : undefined;
}

export function callerSource(caller: Caller): string {
  if (caller.kind === 'iam-user') return caller.user.ip;
  return caller.kind === 'service' ? caller.service : caller.ip;
}

export function userIdentity(caller: Caller): JsonObject {
  switch (caller.kind) {
    case 'iam-user':
      return iamUserIdentity(caller.user, caller.temporaryKey);
    case 'session':
      return assumedRoleIdentity(caller.session);
    case 'service':
      return {
        type: 'AWSService',
        invokedBy: caller.service,
        ...(caller.onBehalfOf ? { inScopeOf: caller.onBehalfOf } : {}),
      };
    case 'foreign':
      return { type: 'AWSAccount', principalId: caller.principalId, accountId: caller.accountId };
  }
}

/** Returns everything that the role owner's copy of a cross-account call states about its caller. */
export function userIdentityAbroad(caller: Caller): JsonObject {
  const full = userIdentity(caller);
  return { type: 'AWSAccount', principalId: full.principalId ?? '', accountId: full.accountId ?? '' };
}

function iamUserIdentity(user: IamUser, temporaryKey: { id: string; since: string } | undefined): JsonObject {
  const withMfa = temporaryKey && {
    sessionContext: { attributes: { creationDate: second(temporaryKey.since), mfaAuthenticated: 'true' } },
  };
  return {
    type: 'IAMUser',
    principalId: user.id,
    arn: userArn(user),
    accountId: user.accountId,
    accessKeyId: temporaryKey?.id ?? user.accessKeyId,
    userName: user.name,
    ...withMfa,
  };
}

function assumedRoleIdentity(session: Session): JsonObject {
  const { role, accessKeyId, since, sourceIdentity } = session;
  return {
    type: 'AssumedRole',
    principalId: sessionPrincipal(session),
    arn: sessionArn(session),
    accountId: role.accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: role.id,
        arn: roleArn(role),
        accountId: role.accountId,
        userName: role.name,
      },
      attributes: { creationDate: second(since), mfaAuthenticated: 'false' },
      ...(sourceIdentity ? { sourceIdentity } : {}),
    },
  };
}
