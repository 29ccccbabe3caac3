import type { Json } from './pools.ts';
import { oracle } from './rules.ts';
import type { OracleRecord, World } from './types.ts';

/** Small pieces for cases that are written by hand from the contract's sentences. Times are seconds after ten. */
const ADMIN_ID = 'AROAADMIN00000000001';
const ACCOUNT = '111122223333';
const UID = `aws-iam-authenticator:${ACCOUNT}:${ADMIN_ID}`;
export const ADMIN_ARN = `arn:aws:iam::${ACCOUNT}:role/team/admin`;
export const K1 = 'ASIAAAAAAAAAAAAA0001';
export const K2 = 'ASIAAAAAAAAAAAAA0002';
export const UNLISTED = 'ASIAUNLISTED00000007';

export function at(seconds: number): string {
  return new Date(Date.UTC(2024, 4, 1, 10) + seconds * 1000).toISOString();
}

export function user(name: string): Json {
  const principal = { principalId: `AIDA${name.toUpperCase()}0000`, accountId: ACCOUNT };
  return { type: 'IAMUser', userName: name, ...principal, arn: `arn:aws:iam::${ACCOUNT}:user/${name}` };
}

export function session(name: string, key: string, began: number, stated: Json = {}): Json {
  const { sessionContext, ...word } = stated;
  const { attributes, ...context } = (sessionContext ?? {}) as Json;
  return {
    type: 'AssumedRole',
    principalId: `${ADMIN_ID}:${name}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/${name}`,
    accountId: ACCOUNT,
    accessKeyId: key,
    sessionContext: { attributes: { creationDate: at(began), ...((attributes ?? {}) as Json) }, ...context },
    ...word,
  };
}

type Granting = { name?: string; key?: string; time?: number; request?: Json; eventName?: string; named?: boolean };

let written = 0;

/** Returns a grant of the role `admin` for a quarter of an hour. */
export function grant(caller: Json, given: Granting = {}): Json {
  const { name = 'EKSGetTokenAuth', key = K1, time = 0, request = {}, eventName = 'AssumeRole', named = true } = given;
  const assumedRoleUser = {
    assumedRoleId: `${ADMIN_ID}:${name}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/${name}`,
  };
  written += 1;
  return {
    eventSource: 'sts.amazonaws.com',
    eventName,
    eventID: `grant-${written}`,
    eventTime: at(time),
    userIdentity: caller,
    requestParameters: { roleArn: ADMIN_ARN, roleSessionName: name, ...request },
    responseElements: {
      credentials: { accessKeyId: key, expiration: at(time + 900) },
      ...(named ? { assumedRoleUser } : {}),
    },
  };
}

/** Returns a call that a session or somebody else signed. */
export function use(signer: Json, time = 5): Json {
  written += 1;
  const call = { eventSource: 'sts.amazonaws.com', eventName: 'GetCallerIdentity' };
  return { ...call, eventID: `use-${written}`, eventTime: at(time), userIdentity: signer };
}

export function event(extra: Json = {}, given: Json = {}): Json {
  const { user: who, ...rest } = given;
  return {
    auditID: 'a1',
    stage: 'ResponseComplete',
    requestReceivedTimestamp: at(10),
    user: { uid: UID, username: 'admin', extra, ...((who ?? {}) as Json) },
    ...rest,
  };
}

type Configuration = Partial<Pick<World, 'usernameTemplates' | 'trustedProxies' | 'identityStores'>>;

export function answers(audit: unknown[], cloudtrail: unknown[] = [], configured: Configuration = {}): OracleRecord[] {
  return oracle({ audit, cloudtrail, usernameTemplates: [], trustedProxies: [], identityStores: [], ...configured });
}

/** Returns the answer for the last of some events. */
export function answer(
  audit: unknown | unknown[],
  cloudtrail: unknown[] = [],
  configured: Configuration = {},
): OracleRecord {
  const last = answers([audit].flat(), cloudtrail, configured).at(-1);
  if (!last) throw new Error('no audit event');
  return last;
}

/** Returns the most important parts of an answer in one line. */
export function summaryOf({ attribution }: OracleRecord): string {
  const { status, method, reason, actor, flags, candidates } = attribution;
  const who = actor && `${actor.kind} ${actor.name ?? actor.sessionName ?? actor.principalId ?? ''}`;
  const among = candidates
    ?.map((one) => one.actor.name ?? one.actor.kind)
    .sort()
    .join('|');
  return [status, method, reason, who, among, ...flags].filter((part) => part !== undefined).join(', ');
}
