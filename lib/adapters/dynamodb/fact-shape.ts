import { type SessionIssuer, TRAIL_CALLER_KINDS, type TrailCaller } from '../../cloudtrail/caller.ts';
import { GRANT_EVENTS, GRANTED_KINDS, type Grant } from '../../cloudtrail/grant.ts';
import type { KnownUser } from '../../cloudtrail/known-user.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import type { Use } from '../../cloudtrail/use.ts';
import type { RoleRef } from '../../identity/arn.ts';
import { flag, instant, listOf, objectOf, oneOf, text } from './shape.ts';

const issuer = objectOf<SessionIssuer>(
  {},
  { type: text, principalId: text, accountId: text, arn: text, userName: text },
);

const caller = objectOf<TrailCaller>(
  { kind: oneOf(TRAIL_CALLER_KINDS) },
  {
    principalId: text,
    accountId: text,
    arn: text,
    userName: text,
    identityProvider: text,
    accessKeyId: text,
    sessionBegan: instant,
    service: text,
    credentialsIssuedTo: text,
    sourceIdentity: text,
    onBehalfOf: text,
    issuer,
  },
);

const grant = objectOf<Grant>(
  {
    eventName: oneOf(GRANT_EVENTS),
    granted: oneOf(GRANTED_KINDS),
    eventIds: listOf(text),
    copyId: text,
    issuedAt: instant,
    expiresAt: instant,
    byIdentityCenter: flag,
    caller,
  },
  {
    sharedEventId: text,
    otherSharedIds: listOf(text),
    region: text,
    accessKeyId: text,
    roleArn: text,
    roleId: text,
    sessionName: text,
    accountId: text,
    samlProvider: text,
    sourceIdentity: text,
    pod: text,
  },
);

const use = objectOf<Use>(
  { accessKeyId: text, principalId: text },
  { accountId: text, began: instant, role: objectOf<RoleRef>({ accountId: text, roleName: text }, {}) },
);

const user = objectOf<KnownUser>({ name: text }, { seenAt: instant, principalId: text });

/** A fact as the sessions table holds it. Its flaw, if it had one, was told when it came. */
export const factShape = objectOf<Omit<TrailFacts, 'flaw'>>({}, { grant, use, user });
