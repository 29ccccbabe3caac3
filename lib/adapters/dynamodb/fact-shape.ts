import type { Facts } from '../../attribution/facts.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import { type SessionIssuer, TRAIL_CALLER_KINDS, type TrailCaller } from '../../cloudtrail/caller.ts';
import { GRANT_EVENTS, GRANTED_KINDS, type Grant } from '../../cloudtrail/grant.ts';
import type { KnownRole } from '../../cloudtrail/known-role.ts';
import type { KnownUser } from '../../cloudtrail/known-user.ts';
import type { ProviderChange } from '../../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../../cloudtrail/record.ts';
import type { Use } from '../../cloudtrail/use.ts';
import type { RoleRef } from '../../identity/arn.ts';
import { actingCaller, impersonated } from './caller-shape.ts';
import { auditId, flag, instant, keyId, listOf, objectOf, oneOf, roleId, text, truth } from './shape.ts';

const issuer = objectOf<SessionIssuer>(
  {},
  { type: text, principalId: text, accountId: text, arn: text, userName: text },
);

const statement = {
  sourceIdentity: text,
  federatedProvider: text,
  mfa: truth,
  credentialsIssuedTo: text,
  ec2RoleDelivery: truth,
  onBehalfOf: text,
  identityStore: text,
  delegate: text,
  agent: text,
  assumedRoot: truth,
  signInSession: text,
};

const trailCaller = objectOf<TrailCaller>(
  { kind: oneOf(TRAIL_CALLER_KINDS) },
  {
    principalId: text,
    accountId: text,
    arn: text,
    userName: text,
    identityProvider: text,
    accessKeyId: keyId,
    sessionBegan: instant,
    service: text,
    issuer,
    ...statement,
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
    caller: trailCaller,
  },
  {
    sharedEventId: text,
    otherSharedIds: listOf(text),
    region: text,
    accessKeyId: keyId,
    roleArn: text,
    roleId,
    sessionName: text,
    accountId: text,
    samlProvider: text,
    sourceIdentity: text,
    federatedProvider: text,
    withMfa: truth,
    certificateName: text,
    pod: text,
  },
);

const role = objectOf<RoleRef>({ accountId: text, roleName: text }, {});

const use = objectOf<Use>(
  { accessKeyId: keyId, principalId: text },
  { accountId: text, began: instant, role, ...statement },
);

const user = objectOf<KnownUser>({ name: text }, { seenAt: instant, principalId: text });

const token = objectOf<IssuedToken>(
  { credentialId: text, serviceAccount: text, auditId, issuedAt: instant, caller: actingCaller },
  { cluster: text, impersonated, handedOver: truth },
);

/** A fact as the sessions table holds it. Its flaw, if it had one, was told when it came. */
export const factShape = objectOf<Omit<Facts, 'flaw'>>(
  {},
  {
    grant,
    use,
    user,
    roles: listOf(objectOf<KnownRole>({ roleId, role }, {})),
    agent: objectOf<AgentOfSignIn>({ signInSession: text }, {}),
    providerChange: objectOf<ProviderChange>({ providerArn: text, at: instant }, {}),
    token,
  },
);
