import { type Draft, writeRecord, writeRoleGrant, writeUse, writeUserUse, writeWebIdentityToken } from './calls.ts';
import { callTime, iso, SECOND } from './clock.ts';
import { ordinaryRole } from './hops.ts';
import { assumedRole, behalf, iamUser, identityCenterUser, samlUser, webIdentityUser } from './identities.ts';
import {
  AGENT,
  AWS_SSO,
  canonicalArn,
  inChina,
  type Json,
  LOOKALIKE_ISSUER,
  NAMES,
  OKTA,
  OPS,
  PEOPLE,
  RESERVED,
  roleArn,
  SIGN_INS,
  sessionArn,
  TOKEN_ISSUER,
  UNLISTED_KEYS,
  USERS,
  WEB_PROVIDERS,
  WEB_TOKENS,
} from './pools.ts';

export function identityCenterSignsIn(draft: Draft): void {
  const { draw } = draft;
  const provider = draw.pick([AWS_SSO, AWS_SSO, undefined, OKTA]);
  // A role may be named like Identity Center's without being one.
  const asArn = draw.chance(0.15) ? { asArn: canonicalArn(RESERVED) } : {};
  const signIn = {
    caller: samlUser(draw, provider !== OKTA && asArn.asArn === undefined),
    role: RESERVED,
    name: draw.pick([...PEOPLE, ...NAMES]),
    eventName: 'AssumeRoleWithSAML',
    request: provider === undefined ? {} : { principalArn: provider },
  };
  const session = writeRoleGrant(draft, { ...signIn, ...asArn });
  if (draw.chance(0.25)) writeRoleGrant(draft, { ...signIn, at: session.at + 7200 * SECOND });
  if (draw.chance(0.6)) writeUse(draft, session, draw.pick(UNLISTED_KEYS));
}

export function otherProviderSignsIn(draft: Draft): void {
  const { draw } = draft;
  const request = draw.chance(0.6) ? { principalArn: OKTA } : {};
  const role = ordinaryRole(draw);
  writeRoleGrant(draft, {
    caller: samlUser(draw),
    role,
    name: draw.pick(NAMES),
    eventName: 'AssumeRoleWithSAML',
    request,
    response: draw.pick<Json>([{}, { subjectType: 'persistent' }, { subjectType: 'transient' }]),
  });
}

export function webIdentitySignsIn(draft: Draft): void {
  const { draw } = draft;
  const eventName = 'AssumeRoleWithWebIdentity';
  const caller = webIdentityUser(draw);
  const subject = String(caller.principalId).replace('token.example.com:sts.amazonaws.com:', '');
  const response: Json = draw.chance(0.6) ? { subjectFromWebIdentityToken: subject } : {};
  const call = { caller, role: ordinaryRole(draw), name: draw.pick(NAMES), eventName, response };
  const session = writeRoleGrant(draft, call);
  const webIdProvider = draw.pick([session.webIdProvider ?? '', ...WEB_PROVIDERS]);
  if (draw.chance(0.6)) writeUse(draft, { ...session, webIdProvider }, draw.pick(UNLISTED_KEYS));
}

/** Writes a token that a session or a user had issued, and the role of another partition that was assumed with it. */
export function tokenCrossesPartitions(draft: Draft): void {
  const { draw } = draft;
  const session = draw.chance(0.7) ? draw.pick([...draft.sessions, undefined]) : undefined;
  const requester = session ? assumedRole(draw, session) : iamUser(draw);
  const at = session ? session.at + draw.pick([0, 60, 600]) * SECOND : callTime(draw);
  const token = draw.pick(WEB_TOKENS);
  if (draw.chance(0.8)) writeWebIdentityToken(draft, requester, token, at);
  const own = session ? draw.pick([roleArn(session.role), sessionArn(session.role, session.name)]) : requester.arn;
  draft.webTokens.push({ id: token, arn: String(own), at });
  const others = [inChina(String(own)), roleArn(OPS)];
  const stated = () => (draw.chance(0.8) ? own : draw.pick(others));
  const subject = draw.chance(0.15) ? 'carol@example.com' : stated();
  const identityProvider = draw.pick([TOKEN_ISSUER, TOKEN_ISSUER, TOKEN_ISSUER, WEB_PROVIDERS[0], LOOKALIKE_ISSUER]);
  const principalId = `${identityProvider}:sts.amazonaws.com:${subject}`;
  const caller = { type: 'WebIdentityUser', principalId, ...(draw.chance(0.8) ? { userName: subject } : {}) };
  writeRoleGrant(draft, {
    caller: { ...caller, identityProvider },
    role: ordinaryRole(draw),
    name: draw.pick(NAMES),
    at: at + draw.pick([0, 10, 60, 60, 900, 901]) * SECOND,
    eventName: 'AssumeRoleWithWebIdentity',
    request: draw.chance(0.95) ? { webIdentityTokenId: token } : {},
  });
  const crossPartitionData = { sourcePrincipalArn: stated(), sourceRegion: 'us-gov-west-1' };
  const taken = draft.records.at(-1);
  if (taken && draw.chance(0.5)) taken.additionalEventData = { crossPartitionData };
}

/** Writes AWS's statement about the person behind a session, besides the one that the session's chain names. */
export function personBehindSpeaks(draft: Draft): void {
  const { draw } = draft;
  const named = { eventName: 'CreateToken', eventSource: 'sso.amazonaws.com', eventTime: iso(callTime(draw)) };
  writeRecord(draft, { ...named, userIdentity: identityCenterUser(draw) });
  const signIn = { eventName: 'AssumeRoleWithSAML', request: { principalArn: AWS_SSO } };
  const session = draw.chance(0.5)
    ? writeRoleGrant(draft, { caller: iamUser(draw), role: ordinaryRole(draw), name: draw.pick(NAMES) })
    : writeRoleGrant(draft, { caller: samlUser(draw, true), role: RESERVED, name: draw.pick(PEOPLE), ...signIn });
  const key = draw.pick([session.key, draw.pick(UNLISTED_KEYS)]);
  writeUse(draft, session, key);
  const use = draft.records.at(-1);
  if (use) use.userIdentity = { ...assumedRole(draw, session, key), ...behalf(draw) };
}

/**
 * Writes a call of AWS's hosted agent with a key of its own, in a sign-in that other records of the person name too.
 */
export function agentWorks(draft: Draft): void {
  const { draw } = draft;
  const session = draw.pick([...draft.sessions, undefined]);
  const caller = session ? assumedRole(draw, session, draw.pick(UNLISTED_KEYS)) : iamUser(draw, draw.pick(USERS));
  const signIn = { ...(caller.sessionContext ?? {}), signInSessionArn: draw.pick(SIGN_INS) };
  writeRecord(draft, {
    eventName: 'CallReadWriteTool',
    eventSource: AGENT,
    eventType: 'AwsMcpEvent',
    eventTime: iso(callTime(draw)),
    userIdentity: { ...caller, sessionContext: signIn, ...(draw.chance(0.7) ? { invokedBy: AGENT } : {}) },
  });
  if (session) draft.used.push({ ...session, key: String(caller.accessKeyId) });
}

/** Writes the sign-in of an IAM user: an ASIA key that no grant lists. */
export function userSignsIn(draft: Draft): void {
  const { draw } = draft;
  const user = draw.pick(USERS);
  const caller = iamUser(draw, user);
  const key = draw.pick(UNLISTED_KEYS);
  writeUserUse(draft, draw.chance(0.3) ? { ...caller, invokedBy: AGENT } : caller, key);
  draft.signedIn.push({ user, key });
}

/**
 * Writes a change to the provider. Whoever can change it can sign in as anybody. Identity Center itself changes it too.
 */
export function providerChanges(draft: Draft): void {
  const { draw } = draft;
  const eventName = draw.pick(['CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'GetSAMLProvider']);
  const sAMLProviderArn = draw.chance(0.85) ? AWS_SSO : OKTA;
  const denied = draw.chance(0.15) ? { errorCode: 'AccessDenied', responseElements: null } : {};
  const itself = { type: 'AWSService', invokedBy: 'sso.amazonaws.com' };
  writeRecord(draft, {
    eventName,
    eventSource: 'iam.amazonaws.com',
    eventTime: iso(callTime(draw) + 0.5 * SECOND),
    userIdentity: draw.chance(0.2) ? itself : iamUser(draw),
    ...(eventName === 'CreateSAMLProvider'
      ? { requestParameters: { name: 'AWSSSO' }, responseElements: { sAMLProviderArn } }
      : { requestParameters: { sAMLProviderArn }, responseElements: null }),
    ...denied,
  });
}
