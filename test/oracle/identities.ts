import { iso, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import {
  ACCOUNTS,
  AGENT,
  DELEGATE,
  FOREIGN_STORE,
  federatedArn,
  IDENTITY_STORE,
  type Json,
  NAMELESS_ID,
  PEOPLE,
  RESERVED,
  type Role,
  roleArn,
  SERVICES,
  SIGN_INS,
  STRANGER_ID,
  sessionArn,
  USER_IDS,
  USERS,
  type User,
  userArn,
  WEB_PROVIDERS,
} from './pools.ts';

/** The session that a call issued. It signs later calls. */
export type Session = {
  readonly role: Role;
  readonly name: string;
  readonly key: string;
  readonly at: number;
  readonly expires: number;
  /** The source identity in its grant. Its uses repeat it. */
  readonly sourceIdentity?: string;
  readonly webIdProvider?: string;
};

export function iamUser(draw: Draw, user: User = draw.pick(USERS)): Json {
  const whole = { type: 'IAMUser', userName: user.name, arn: userArn(user), accessKeyId: 'AKIAAAAAAAAAAAAA0001' };
  // Older records state only a user's name and ARN.
  if (draw.chance(0.12)) return whole;
  const identity = { ...whole, principalId: user.id, accountId: user.account };
  return { ...identity, ...(draw.chance(0.04) ? behalf(draw) : {}), ...delegation(draw), ...signIn(draw) };
}

export function rootUser(account: string): Json {
  return { type: 'Root', principalId: account, accountId: account, arn: `arn:aws:iam::${account}:root` };
}

/** Returns a person of a SAML provider. If it is Identity Center's, with the ID that it gives the person. */
export function samlUser(draw: Draw, ofIdentityCenter = false): Json {
  const person = draw.pick(PEOPLE);
  const provider = draw.chance(0.7) ? { identityProvider: 'kxq3vbzfakeprovider=' } : {};
  const saml = { type: 'SAMLUser', principalId: `kxq3vbzfakeprovider=:${person}`, ...provider };
  const onBehalfOf = { userId: USER_IDS[person], identityStoreArn: storeOf(draw) };
  if (!draw.chance(0.85)) return { ...saml, onBehalfOf };
  return { ...saml, userName: person, ...(ofIdentityCenter && draw.chance(0.6) ? { onBehalfOf } : {}) };
}

/** Returns an Identity Center user. Since 2025 Identity Center's own events have only the ID. */
export function identityCenterUser(draw: Draw): Json {
  const person = draw.pick(PEOPLE);
  const onBehalfOf = { userId: USER_IDS[person], identityStoreArn: storeOf(draw) };
  const user = { type: 'IdentityCenterUser', accountId: draw.pick(ACCOUNTS), onBehalfOf };
  return draw.chance(0.5) ? { ...user, userName: person } : user;
}

export function webIdentityUser(draw: Draw): Json {
  const subject = draw.pick(['repo:org/app:ref:refs/heads/main', 'system:serviceaccount:ci:runner']);
  const identity = { type: 'WebIdentityUser', principalId: `token.example.com:sts.amazonaws.com:${subject}` };
  const named = draw.chance(0.7) ? { ...identity, userName: subject } : identity;
  return { ...named, identityProvider: draw.pick(WEB_PROVIDERS) };
}

export function federatedUser(draw: Draw, account: string = draw.pick(ACCOUNTS)): Json {
  const issuer = draw.chance(0.3) ? rootUser(account) : issuerOf(draw.pick(USERS), account);
  return {
    type: 'FederatedUser',
    principalId: `${account}:alice`,
    arn: federatedArn(account, 'alice'),
    accountId: account,
    sessionContext: { attributes: {}, sessionIssuer: issuer },
  };
}

/** Returns the issuer of a federated user. Some records do not say who it was. */
function issuerOf(user: (typeof USERS)[number], account: string): Json {
  return user === USERS[0] && account === ACCOUNTS[0] ? { type: 'IAMUser' } : userIssuer(user);
}

export function service(draw: Draw, name: string = draw.pick(SERVICES)): Json {
  const invoked = { invokedBy: name, ...(draw.chance(0.2) ? workload(draw) : {}) };
  return draw.chance(0.75) ? { type: 'AWSService', ...invoked } : invoked;
}

export function otherAccount(draw: Draw): Json {
  const principalId = draw.pick([STRANGER_ID, ...USERS.map(({ id }) => id), 'AROAELSEWHERE0000008:alice']);
  return { type: 'AWSAccount', principalId, accountId: '444455556666' };
}

/**
 * Returns the identity in a record that a session signed. Key and session start may be missing, and the start may be
 * wrong.
 */
export function assumedRole(draw: Draw, session: Session, key: string | undefined = session.key): Json {
  const began = session.at + draw.pick([0, 0, 0, 0, 0, 0, 0.999, 1, -0.001, -2, 2, 2.001, 3, -3]) * SECOND;
  const mfaAuthenticated = draw.chance(0.1) ? draw.pick<unknown>(['true', true]) : 'false';
  // No service can have a session of Identity Center's role: it trusts only the SAML provider.
  const drawnWorkload = draw.chance(0.06) ? workload(draw) : {};
  const attributes = draw.chance(0.92) ? { creationDate: iso(began), mfaAuthenticated } : { mfaAuthenticated };
  return {
    type: 'AssumedRole',
    principalId: `${session.role.id}:${session.name}`,
    // A use may state only the session's ID. Other records then state the role.
    ...(draw.chance(0.93) ? { arn: sessionArn(session.role, session.name) } : {}),
    accountId: session.role.account,
    ...(key === undefined ? {} : { accessKeyId: key }),
    sessionContext: { attributes, ...issuedBy(draw, session.role), ...saidOfSession(draw, session) },
    ...(session.role === RESERVED ? {} : drawnWorkload),
    ...(draw.chance(0.05) ? behalf(draw) : {}),
    ...(draw.chance(0.04) ? { invokedBy: AGENT } : {}),
    ...delegation(draw),
  };
}

function issuedBy(draw: Draw, role: Role): Json {
  return draw.chance(0.93) ? { sessionIssuer: roleIssuer(role) } : {};
}

/** Returns what a use says about its session besides its start. Some of it may belong to another session. */
function saidOfSession(draw: Draw, { sourceIdentity, webIdProvider }: Session): Json {
  const identity = draw.chance(0.15) ? 'somebody-else' : draw.chance(0.6) ? sourceIdentity : undefined;
  const provider = draw.chance(0.05) ? draw.pick(WEB_PROVIDERS) : draw.chance(0.6) ? webIdProvider : undefined;
  return {
    ...(identity === undefined ? {} : { sourceIdentity: identity }),
    ...(provider === undefined
      ? { webIdFederationData: {} }
      : { webIdFederationData: { federatedProvider: provider, attributes: {} } }),
    ...(draw.chance(0.08) ? { ec2RoleDelivery: '2.0' } : {}),
    ...(signIn(draw).sessionContext ?? {}),
  };
}

/** Returns a sign-in. It stays the same for all keys that it gives. */
function signIn(draw: Draw): { sessionContext?: Json } {
  return draw.chance(0.12) ? { sessionContext: { signInSessionArn: draw.pick(SIGN_INS) } } : {};
}

function delegation(draw: Draw): Json {
  return draw.chance(0.03) ? { invokedByDelegate: { accountId: DELEGATE } } : {};
}

/** Returns an identity store, nearly always the organization's own. */
function storeOf(draw: Draw): string {
  return draw.chance(0.2) ? FOREIGN_STORE : IDENTITY_STORE;
}

/** Returns AWS's statement about the person behind a call. */
export function behalf(draw: Draw): Json {
  const userId = draw.pick([...Object.values(USER_IDS), NAMELESS_ID]);
  return { onBehalfOf: { userId, identityStoreArn: storeOf(draw) } };
}

function roleIssuer(role: Role): Json {
  return { type: 'Role', principalId: role.id, arn: roleArn(role), accountId: role.account, userName: role.name };
}

function userIssuer(user: User): Json {
  return { type: 'IAMUser', principalId: user.id, arn: userArn(user), accountId: user.account, userName: user.name };
}

/** Returns AWS's statement about the workload that got a session's credentials. */
export function workload(draw: Draw): Json {
  const name = draw.pick(['report', 'cleanup']);
  const credentialsIssuedTo = `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
  return { inScopeOf: { issuerType: 'AWS::Lambda::Function', credentialsIssuedTo } };
}
