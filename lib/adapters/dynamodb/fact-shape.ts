import type { Facts } from '../../attribution/facts.ts';
import type { ObjectOwner } from '../../audit/audit-event.ts';
import { type CreatedObject, WORKLOAD_KINDS } from '../../audit/created-object.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import { type SessionIssuer, TRAIL_CALLER_KINDS, type TrailCaller } from '../../cloudtrail/caller.ts';
import { GRANT_EVENTS, GRANTED_KINDS } from '../../cloudtrail/evidence-events.ts';
import type { Grant } from '../../cloudtrail/grant.ts';
import type { KnownRole } from '../../cloudtrail/known-role.ts';
import type { KnownUser } from '../../cloudtrail/known-user.ts';
import type { ProviderChange } from '../../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../../cloudtrail/record.ts';
import type { Use, UseRecord } from '../../cloudtrail/use.ts';
import type { RoleRef } from '../../identity/arn.ts';
import { actingCaller, impersonated } from './caller-shape.ts';
import { auditId, flag, instant, keyId, listOf, objectOf, oneOf, optional, roleId, text, truth } from './shape.ts';

const issuer = objectOf<SessionIssuer>({
  type: optional(text),
  principalId: optional(text),
  accountId: optional(text),
  arn: optional(text),
  userName: optional(text),
});

const statement = {
  sourceIdentity: optional(text),
  federatedProvider: optional(text),
  mfa: optional(truth),
  credentialsIssuedTo: optional(text),
  ec2RoleDelivery: optional(truth),
  onBehalfOf: optional(text),
  identityStore: optional(text),
  delegate: optional(text),
  agent: optional(text),
  assumedRoot: optional(truth),
  signInSession: optional(text),
};

const trailCaller = objectOf<TrailCaller>({
  kind: oneOf(TRAIL_CALLER_KINDS),
  principalId: optional(text),
  accountId: optional(text),
  arn: optional(text),
  userName: optional(text),
  identityProvider: optional(text),
  accessKeyId: optional(keyId),
  sessionBegan: optional(instant),
  service: optional(text),
  issuer: optional(issuer),
  ...statement,
});

const grant = objectOf<Grant>({
  eventName: oneOf(GRANT_EVENTS),
  granted: oneOf(GRANTED_KINDS),
  eventIds: listOf(text),
  copyId: text,
  issuedAt: instant,
  expiresAt: instant,
  byIdentityCenter: flag,
  caller: trailCaller,
  sharedEventId: optional(text),
  otherSharedIds: optional(listOf(text)),
  region: optional(text),
  accessKeyId: optional(keyId),
  roleArn: optional(text),
  roleId: optional(roleId),
  sessionName: optional(text),
  accountId: optional(text),
  samlProvider: optional(text),
  sourceIdentity: optional(text),
  federatedProvider: optional(text),
  withMfa: optional(truth),
  certificateName: optional(text),
  pod: optional(text),
});

const role = objectOf<RoleRef>({ accountId: text, roleName: text });

const useRecord = objectOf<UseRecord>({
  eventName: text,
  eventId: optional(text),
  region: optional(text),
  at: optional(instant),
});

const use = objectOf<Use>({
  accessKeyId: keyId,
  principalId: text,
  accountId: optional(text),
  began: optional(instant),
  role: optional(role),
  record: optional(useRecord),
  ...statement,
});

const user = objectOf<KnownUser>({ name: text, seenAt: optional(instant), principalId: optional(text) });

const token = objectOf<IssuedToken>({
  credentialId: text,
  serviceAccount: text,
  auditId,
  issuedAt: instant,
  caller: actingCaller,
  cluster: optional(text),
  impersonated: optional(impersonated),
  handedOverBy: optional(text),
});

const owner = objectOf<ObjectOwner>({ uid: text, kind: text, name: text });

const created = objectOf<CreatedObject>({
  kind: oneOf(WORKLOAD_KINDS),
  uid: text,
  owners: listOf(owner),
  namespace: text,
  auditId,
  createdAt: instant,
  cluster: optional(text),
  name: optional(text),
  handedOverBy: optional(text),
});

/** A fact as the sessions table holds it. Its flaw, if it had one, was told when it came. */
export const factShape = objectOf<Omit<Facts, 'flaw'>>({
  grant: optional(grant),
  use: optional(use),
  user: optional(user),
  roles: optional(listOf(objectOf<KnownRole>({ roleId, role }))),
  agent: optional(objectOf<AgentOfSignIn>({ signInSession: text, record: optional(useRecord) })),
  providerChange: optional(objectOf<ProviderChange>({ providerArn: text, at: instant })),
  token: optional(token),
  created: optional(created),
});
