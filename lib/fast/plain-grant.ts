import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { accessKeyId } from '../identity/access-key.ts';
import type { RoleId } from '../identity/arn.ts';
import { epochMillis } from '../time.ts';

/** What the grants of a role have in common. */
export interface GrantedRole {
  readonly roleArn: string;
  readonly roleId: RoleId;
  readonly region: string;
}

export interface GrantParts extends GrantedRole {
  readonly eventId: string;
  readonly key: string;
  readonly sessionName: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly caller: TrailCaller;
  readonly withMfa: boolean;
}

/** As `parseGrant` makes it of an AssumeRole record that says nothing else. */
export function plainGrant({ eventId, region, issuedAt, expiresAt, key, ...rest }: GrantParts): Grant {
  return {
    eventName: 'AssumeRole',
    granted: 'role',
    eventIds: [eventId],
    copyId: eventId,
    sharedEventId: undefined,
    region,
    issuedAt: epochMillis(issuedAt),
    expiresAt: epochMillis(expiresAt),
    accessKeyId: accessKeyId(key),
    roleArn: rest.roleArn,
    roleId: rest.roleId,
    sessionName: rest.sessionName,
    accountId: undefined,
    samlProvider: undefined,
    sourceIdentity: undefined,
    federatedProvider: undefined,
    withMfa: rest.withMfa ? true : undefined,
    certificateName: undefined,
    pod: undefined,
    byIdentityCenter: false,
    caller: rest.caller,
  };
}
