import { iso, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import {
  ACCOUNTS,
  federatedArn,
  type Json,
  PEOPLE,
  type Role,
  roleArn,
  SERVICES,
  STRANGER_ID,
  sessionArn,
  USERS,
  type User,
  userArn,
} from './pools.ts';

/** What a call gave its caller: what later calls are signed with. */
export type Session = {
  readonly role: Role;
  readonly name: string;
  readonly key: string;
  readonly at: number;
  readonly expires: number;
};

export function iamUser(draw: Draw, user: User = draw.pick(USERS)): Json {
  const whole = { type: 'IAMUser', userName: user.name, arn: userArn(user), accessKeyId: 'AKIAAAAAAAAAAAAA0001' };
  // Older records know a user by name and ARN alone.
  return draw.chance(0.12) ? whole : { ...whole, principalId: user.id, accountId: user.account };
}

export function rootUser(account: string): Json {
  return { type: 'Root', principalId: account, accountId: account, arn: `arn:aws:iam::${account}:root` };
}

export function samlUser(draw: Draw): Json {
  const person = draw.pick(PEOPLE);
  const provider = draw.chance(0.7) ? { identityProvider: 'kxq3vbzfakeprovider=' } : {};
  const saml = { type: 'SAMLUser', principalId: `kxq3vbzfakeprovider=:${person}`, ...provider };
  return draw.chance(0.85) ? { ...saml, userName: person } : { ...saml, onBehalfOf: { userId: '94482488-3041-7026' } };
}

export function identityCenterUser(draw: Draw): Json {
  const person = {
    type: 'IdentityCenterUser',
    accountId: draw.pick(ACCOUNTS),
    onBehalfOf: { userId: '94482488-3041-7026' },
  };
  return draw.chance(0.5) ? { ...person, userName: draw.pick(PEOPLE) } : person;
}

export function webIdentityUser(draw: Draw): Json {
  const subject = draw.pick(['repo:org/app:ref:refs/heads/main', 'system:serviceaccount:ci:runner']);
  const identity = { type: 'WebIdentityUser', principalId: `token.example.com:sts.amazonaws.com:${subject}` };
  const named = draw.chance(0.7) ? { ...identity, userName: subject } : identity;
  return { ...named, identityProvider: 'arn:aws:iam::111122223333:oidc-provider/token.example.com' };
}

export function federatedUser(draw: Draw): Json {
  const account = draw.pick(ACCOUNTS);
  const issuer = draw.chance(0.3) ? rootUser(account) : userIssuer(draw.pick(USERS));
  return {
    type: 'FederatedUser',
    principalId: `${account}:alice`,
    arn: federatedArn(account, 'alice'),
    accountId: account,
    sessionContext: { attributes: {}, sessionIssuer: issuer },
  };
}

export function service(draw: Draw, name: string = draw.pick(SERVICES)): Json {
  const invoked = { invokedBy: name, ...(draw.chance(0.2) ? { inScopeOf: scope(draw) } : {}) };
  return draw.chance(0.75) ? { type: 'AWSService', ...invoked } : invoked;
}

export function otherAccount(draw: Draw): Json {
  const principalId = draw.pick([STRANGER_ID, ...USERS.map(({ id }) => id), 'AROAELSEWHERE0000008:alice']);
  return { type: 'AWSAccount', principalId, accountId: '444455556666' };
}

/** The identity of a record that a session signed, its key and beginning told or not, the beginning right or not. */
export function assumedRole(draw: Draw, session: Session, key: string | undefined = session.key): Json {
  const began = session.at + draw.pick([0, 0, 0, 0, 0, 0, 1, -2, 2, 2.001, 3, -3]) * SECOND;
  const attributes = draw.chance(0.92) ? { creationDate: iso(began), mfaAuthenticated: 'false' } : {};
  return {
    type: 'AssumedRole',
    principalId: `${session.role.id}:${session.name}`,
    arn: sessionArn(session.role, session.name),
    accountId: session.role.account,
    ...(key === undefined ? {} : { accessKeyId: key }),
    sessionContext: { attributes, sessionIssuer: roleIssuer(session.role) },
    ...(draw.chance(0.06) ? { inScopeOf: scope(draw) } : {}),
  };
}

function roleIssuer(role: Role): Json {
  return { type: 'Role', principalId: role.id, arn: roleArn(role), accountId: role.account, userName: role.name };
}

function userIssuer(user: User): Json {
  return { type: 'IAMUser', principalId: user.id, arn: userArn(user), accountId: user.account, userName: user.name };
}

function scope(draw: Draw): Json {
  const name = draw.pick(['report', 'cleanup']);
  return {
    issuerType: 'AWS::Lambda::Function',
    credentialsIssuedTo: `arn:aws:lambda:us-east-1:111122223333:function:${name}`,
  };
}
