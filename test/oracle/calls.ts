import { callTime, iso, SECOND, writtenExpiration, writtenTime } from './clock.ts';
import type { Draw } from './draw.ts';
import { assumedRole, type Session } from './identities.ts';
import {
  ACCOUNTS,
  federatedArn,
  type Json,
  KEYS,
  PLACEHOLDER_KEYS,
  REGIONS,
  type Role,
  roleArn,
  sessionArn,
  type User,
} from './pools.ts';

/** A world that is being made: the records so far, and their sessions. */
export type Draft = {
  readonly draw: Draw;
  readonly records: Json[];
  readonly sessions: Session[];
  /** Sessions with the keys that signed their uses. */
  readonly used: Session[];
  readonly federated: { account: string; name: string; key: string; at: number; expires: number }[];
  /** Users with keys that no grant lists. */
  readonly signedIn: { user: User; key: string }[];
  /** Tokens of AWS's own, with the ARN of whoever had them issued. */
  readonly webTokens: { id: string; arn: string; at: number }[];
  readonly roots: { account: string; key: string; at: number; expires: number }[];
  /** The source identity of the whole world. STS lets no chain change it. */
  readonly sourceIdentity: string | undefined;
};

export type RoleCall = {
  readonly caller: Json;
  readonly role: Role;
  readonly name: string;
  readonly key?: string;
  readonly at?: number;
  readonly eventName?: string;
  readonly request?: Json;
  readonly response?: Json;
  /** Whether the record has `assumedRoleUser`, which names the session. The default is true. Many grants to AWS services lack it. */
  readonly namesSession?: boolean;
  /** The ARN in the request, if it differs from the role's ARN. */
  readonly asArn?: string;
};

export function writeRecord(draft: Draft, fields: Json): Json {
  const { draw } = draft;
  const record = {
    eventVersion: '1.09',
    eventSource: 'sts.amazonaws.com',
    awsRegion: draw.pick(REGIONS),
    sourceIPAddress: `198.51.100.${draft.records.length % 250}`,
    userAgent: `tool-${draft.records.length % 7}/1.0`,
    eventID: `${draw.below(65_536).toString(16).padStart(4, '0')}-${draft.records.length}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    ...fields,
  };
  draft.records.push(record);
  return record;
}

function drawnSourceIdentity({ draw, sourceIdentity }: Draft): string | undefined {
  return sourceIdentity !== undefined && draw.chance(0.4) ? sourceIdentity : undefined;
}

export function writeRoleGrant(draft: Draft, call: RoleCall): Session {
  const { draw } = draft;
  const { role, name } = call;
  const at = call.at ?? callTime(draw);
  const key = call.key ?? draw.pick(KEYS);
  const seconds = draw.pick([900, 3600]);
  const sourceIdentity = drawnSourceIdentity(draft);
  const webIdProvider = call.eventName === 'AssumeRoleWithWebIdentity' ? call.caller.identityProvider : undefined;
  const session: Session = {
    role,
    name,
    key,
    at,
    expires: at + seconds * SECOND,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(typeof webIdProvider === 'string' ? { webIdProvider } : {}),
  };
  writeRecord(draft, {
    eventName: call.eventName ?? 'AssumeRole',
    eventTime: draw.chance(0.015) ? draw.pick(['noon', '']) : writtenTime(draw, at),
    userIdentity: call.caller,
    requestParameters: {
      roleArn: call.asArn ?? roleArn(role),
      roleSessionName: name,
      ...durationOf(draw, seconds),
      ...call.request,
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(draw.chance(0.1) ? { serialNumber: 'arn:aws:iam::111122223333:mfa/phone' } : {}),
    },
    responseElements: {
      credentials: credentials(draw, session),
      ...call.response,
      ...(call.namesSession === false ? {} : { assumedRoleUser: assumedRoleUser(session) }),
    },
    ...(draw.chance(0.3) ? { sharedEventID: `shared-${draw.below(4)}` } : {}),
  });
  draft.sessions.push(session);
  return session;
}

export function writeFederationGrant(draft: Draft, caller: Json, account: string, name: string): void {
  const { draw } = draft;
  const session = { account, name, key: draw.pick(KEYS), at: callTime(draw), expires: 0 };
  const expires = session.at + 900 * SECOND;
  const federatedUser = { arn: federatedArn(account, name), federatedUserId: `${account}:${name}` };
  writeRecord(draft, {
    eventName: 'GetFederationToken',
    eventTime: iso(session.at),
    userIdentity: caller,
    requestParameters: { name, durationSeconds: 900 },
    responseElements: { credentials: credentials(draw, { ...session, expires }), federatedUser },
  });
  draft.federated.push({ ...session, expires });
}

export function writeRootGrant(draft: Draft, caller: Json): void {
  const { draw } = draft;
  const account = draw.pick(ACCOUNTS);
  const at = callTime(draw);
  const root = { account, key: draw.pick(KEYS), at, expires: at + 900 * SECOND };
  writeRecord(draft, {
    eventName: 'AssumeRoot',
    eventTime: iso(at),
    userIdentity: caller,
    requestParameters: { targetPrincipal: account, durationSeconds: 900 },
    responseElements: { credentials: credentials(draw, root) },
  });
  draft.roots.push(root);
}

export function writeSessionToken(draft: Draft, caller: Json): void {
  const { draw } = draft;
  const at = callTime(draw);
  writeRecord(draft, {
    eventName: 'GetSessionToken',
    eventTime: iso(at),
    userIdentity: caller,
    requestParameters: null,
    responseElements: { credentials: credentials(draw, { key: draw.pick(KEYS), expires: at + 3600 * SECOND }) },
  });
}

/** Writes the record in which the requester had a token issued, for another partition or for anybody who trusts AWS. */
export function writeWebIdentityToken(draft: Draft, requester: Json, webIdentityTokenId: string, at: number): void {
  const { draw } = draft;
  const expiration = writtenExpiration(draw, at + 300 * SECOND);
  writeRecord(draft, {
    eventName: 'GetWebIdentityToken',
    eventTime: iso(at),
    userIdentity: requester,
    requestParameters: { audience: ['sts.amazonaws.com'], ...durationOf(draw, 300), signingAlgorithm: 'RS256' },
    responseElements: { ...(draw.chance(0.97) ? { webIdentityTokenId } : {}), expiration },
    ...(draw.chance(0.1) ? { sharedEventID: `shared-${draw.below(4)}` } : {}),
  });
}

/** Writes the record of a delegated token. It states neither role nor session, so only its key can be matched. */
export function writeDelegatedToken(draft: Draft, caller: Json, key: string, at: number): void {
  const { draw } = draft;
  writeRecord(draft, {
    eventName: 'GetDelegatedAccessToken',
    eventTime: iso(at),
    userIdentity: caller,
    requestParameters: null,
    responseElements: { credentials: credentials(draw, { key, expires: at + 3600 * SECOND }) },
  });
}

/**
 * Writes a record that a session signed. Each token that the cluster verifies is one, and so is any other call, denied
 * or not.
 */
export function writeUse(draft: Draft, session: Session, key: string): void {
  const { draw } = draft;
  const call = draw.chance(0.6)
    ? { eventName: 'GetCallerIdentity' }
    : { eventName: 'DescribeCluster', eventSource: 'eks.amazonaws.com' };
  const denied = draw.chance(0.15)
    ? { errorCode: 'AccessDenied', requestParameters: null, responseElements: null }
    : {};
  const eventTime = draw.chance(0.05) ? undefined : iso(session.at + 90 * SECOND);
  writeRecord(draft, { ...call, eventTime, userIdentity: assumedRole(draw, session, key), ...denied });
  draft.used.push({ ...session, key });
}

/** Writes a call that a user signed with a key from a sign-in (`aws login`). */
export function writeUserUse(draft: Draft, user: Json, key: string): void {
  const eventTime = iso(callTime(draft.draw));
  const userIdentity = { ...user, accessKeyId: key };
  writeRecord(draft, { eventName: 'DescribeCluster', eventSource: 'eks.amazonaws.com', eventTime, userIdentity });
}

function durationOf(draw: Draw, seconds: number): Json {
  return draw.pick([{}, { durationSeconds: seconds }, { durationSeconds: String(seconds) }]);
}

function credentials(draw: Draw, { key, expires }: { key: string; expires: number }): Json {
  const accessKeyId = draw.chance(0.03) ? draw.pick(PLACEHOLDER_KEYS) : key;
  return { accessKeyId, sessionToken: 'REDACTED', expiration: writtenExpiration(draw, expires) };
}

function assumedRoleUser({ role, name }: Session): Json {
  return { assumedRoleId: `${role.id}:${name}`, arn: sessionArn(role, name) };
}
