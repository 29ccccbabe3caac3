import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, utc } from './company.ts';

/** `userIdentity` blocks as CloudTrail writes them: who called STS. */

/** Returns the `AIDA…` ID of a name, the same each time. */
export function userId(name: string): string {
  return `AIDA${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}00000000000000`.slice(0, 21);
}

export function iamUser(name: string, fields: JsonObject = {}): JsonObject {
  return {
    type: 'IAMUser',
    principalId: userId(name),
    arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
    accountId: ACCOUNT,
    accessKeyId: `AKIA${name.toUpperCase()}0000000000000000`.slice(0, 20),
    userName: name,
    ...fields,
  };
}

export function rootUser(): JsonObject {
  return { type: 'Root', principalId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT };
}

/** Returns a federated user. Without an issuer, the record does not say who called GetFederationToken. */
export function federatedUser(name: string, sessionIssuer?: JsonObject): JsonObject {
  return {
    type: 'FederatedUser',
    principalId: `${ACCOUNT}:${name}`,
    arn: `arn:aws:sts::${ACCOUNT}:federated-user/${name}`,
    accountId: ACCOUNT,
    ...(sessionIssuer !== undefined && { sessionContext: { sessionIssuer } }),
  };
}

export function samlUser(name: string, provider = 'company-idp'): JsonObject {
  return { type: 'SAMLUser', principalId: `abcdef=:${name}`, userName: name, identityProvider: provider };
}

export function webIdentityUser(name: string | undefined, provider: string): JsonObject {
  return {
    type: 'WebIdentityUser',
    principalId: `${provider}:sts.amazonaws.com:repo:company/shop`,
    identityProvider: provider,
    ...(name !== undefined && { userName: name }),
  };
}

export function awsService(service: string, fields: JsonObject = {}): JsonObject {
  return { type: 'AWSService', invokedBy: service, ...fields };
}

/** Returns a caller of another account, as the role owner's copy of a cross-account call shows them. */
export function accountOnly(accountId: string, principalId: string): JsonObject {
  return { type: 'AWSAccount', principalId, accountId };
}

export interface RoleSessionOptions {
  readonly roleId: string;
  readonly session: string;
  readonly roleName?: string;
  readonly accountId?: string;
  /** The access key that signed. `null` leaves it out, as for the console. */
  readonly key?: string | null;
  /** The beginning of the session. */
  readonly began?: string | null;
  readonly sourceIdentity?: string;
  readonly fields?: JsonObject;
}

/** Returns a role session that calls STS, or uses its key in another way. */
export function roleSession(options: RoleSessionOptions): JsonObject {
  const { roleId, session, roleName = 'jump', accountId = ACCOUNT, key = null, began = utc('11:00:00') } = options;
  return {
    type: 'AssumedRole',
    principalId: `${roleId}:${session}`,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${session}`,
    accountId,
    ...(key !== null && { accessKeyId: key }),
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: roleId,
        arn: `arn:aws:iam::${accountId}:role/${roleName}`,
        accountId,
        userName: roleName,
      },
      attributes: { ...(began !== null && { creationDate: began }), mfaAuthenticated: 'false' },
      ...(options.sourceIdentity !== undefined && { sourceIdentity: options.sourceIdentity }),
    },
    ...options.fields,
  };
}
