import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from './company.ts';
import { iamUser } from './trail-callers.ts';

export interface GrantOptions {
  /** The `userIdentity` of the caller. */
  readonly by?: JsonObject;
  readonly eventName?: string;
  readonly at?: string;
  readonly until?: string;
  readonly accountId?: string;
  readonly roleName?: string;
  /** The role's path, with both slashes. */
  readonly path?: string;
  readonly roleId?: string;
  readonly session?: string;
  /** The access key that was issued. `null` if the record does not list it. */
  readonly key?: string | null;
  readonly id?: string;
  /** Whether `assumedRoleUser` is present. It often is not if a service calls. */
  readonly namesRoleUser?: boolean;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
  readonly fields?: JsonObject;
}

/** Returns a grant. By default it is AssumeRole at 12:00 for one hour, for alice's session of project-admin. */
export function grant(options: GrantOptions = {}): JsonObject {
  const { by = iamUser('alice'), accountId = ACCOUNT, roleName = ROLE_NAME, path = '/' } = options;
  const { roleId = ROLE_ID, session = 'alice-session', key = KEY, namesRoleUser = true } = options;
  const assumedRoleUser = {
    assumedRoleId: `${roleId}:${session}`,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${session}`,
  };
  return stsRecord(options.eventName ?? 'AssumeRole', options, {
    userIdentity: by,
    requestParameters: {
      roleArn: `arn:aws:iam::${accountId}:role${path}${roleName}`,
      roleSessionName: session,
      ...options.request,
    },
    responseElements: {
      credentials: credentials(key, options.until ?? utc('13:00:00')),
      ...(namesRoleUser && { assumedRoleUser }),
      ...options.response,
    },
  });
}

/** Returns a grant by GetFederationToken, which issues the session of a federated user. */
export function federationGrant(name: string, options: GrantOptions = {}): JsonObject {
  const { by = iamUser('alice'), accountId = ACCOUNT, key = KEY } = options;
  return stsRecord('GetFederationToken', options, {
    userIdentity: by,
    requestParameters: { name },
    responseElements: {
      credentials: credentials(key, options.until ?? utc('13:00:00')),
      federatedUser: {
        federatedUserId: `${accountId}:${name}`,
        arn: `arn:aws:sts::${accountId}:federated-user/${name}`,
      },
    },
  });
}

/** Returns a grant by GetSessionToken, which issues a session of the user who calls it. */
export function sessionTokenGrant(options: GrantOptions = {}): JsonObject {
  return stsRecord('GetSessionToken', options, {
    userIdentity: options.by ?? iamUser('alice'),
    requestParameters: null,
    responseElements: { credentials: credentials(options.key ?? KEY, options.until ?? utc('13:00:00')) },
  });
}

/** Returns a grant by AssumeRoot, which issues a session of another account's root user. */
export function rootGrant(target: string, options: GrantOptions = {}): JsonObject {
  return stsRecord('AssumeRoot', options, {
    userIdentity: options.by ?? iamUser('alice'),
    requestParameters: { targetPrincipal: target },
    responseElements: { credentials: credentials(options.key ?? KEY, options.until ?? utc('13:00:00')) },
  });
}

/** Returns a GetWebIdentityToken record, at 12:00 for five minutes, in which the principal had a token issued. */
export function webIdentityToken(tokenId: string, options: GrantOptions = {}): JsonObject {
  return stsRecord('GetWebIdentityToken', options, {
    userIdentity: options.by ?? iamUser('alice'),
    requestParameters: { audience: ['https://sts.amazonaws.com'], durationSeconds: 300, signingAlgorithm: 'RS256' },
    responseElements: { webIdentityTokenId: tokenId, expiration: options.until ?? utc('12:05:00') },
  });
}

/** Returns any other record. It is a use if a temporary key signed it. The rules ignore its `at`. */
export function callBy(by: JsonObject, fields: JsonObject = {}): JsonObject {
  return stsRecord('GetCallerIdentity', {}, { userIdentity: by, ...fields });
}

/** Returns a call of the EKS API by alice, to the cluster `prod`. */
export function eksCall(eventName: string, requestParameters: JsonObject, fields: JsonObject = {}): JsonObject {
  return stsRecord(
    eventName,
    { id: 'e7a00000-0000-4000-8000-000000000001' },
    {
      eventSource: 'eks.amazonaws.com',
      userIdentity: iamUser('alice', { principalId: 'AIDAALICE000000000000', accessKeyId: 'AKIAALICE00000000001' }),
      sourceIPAddress: '198.51.100.7',
      userAgent: 'aws-cli/2.32.0',
      requestParameters: { name: 'prod', ...requestParameters },
      ...fields,
    },
  );
}

function credentials(key: string | null, expiration: string): JsonObject {
  return { ...(key !== null && { accessKeyId: key }), expiration, sessionToken: '<token>' };
}

let made = 0;

function stsRecord(eventName: string, options: GrantOptions, parts: JsonObject): JsonObject {
  made += 1;
  const record = {
    eventVersion: '1.08',
    eventTime: options.at ?? utc('12:00:00'),
    eventSource: 'sts.amazonaws.com',
    eventName,
    awsRegion: 'eu-west-1',
    eventID: options.id ?? `event-${made}`,
    eventType: 'AwsApiCall',
    recipientAccountId: options.accountId ?? ACCOUNT,
    ...parts,
    ...options.fields,
  };
  return JSON.parse(JSON.stringify(record)) as JsonObject;
}
