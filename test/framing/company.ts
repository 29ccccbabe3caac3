import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';

export { ACCOUNT, OTHER_ACCOUNT };

/** The person who really obtained a session, and so made its requests. */
export interface Truth {
  readonly kind: 'person' | 'service' | 'cluster';
  /** Every name that is rightly theirs. For services, the service's. */
  readonly names: readonly string[];
  readonly principalIds: readonly string[];
  /** Names that they took from others. An answer may have one only beside their own principal ID. */
  readonly taken?: readonly string[];
  /** The workload of a service. Absent if only the holder says what it is. */
  readonly workload?: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** The ID in Identity Center's store. */
  readonly storeId: string;
  readonly truth: Truth;
}

function person(name: string): Person {
  const email = `${name}@example.com`;
  const storeId = `92a51494-0000-70e5-b0b0-${userId(name).slice(4, 10).toLowerCase().padEnd(12, '0')}`;
  const principalIds = [userId(name)];
  const names = [name, email, storeId].flatMap((each) => [each, `${each} (d-1234567890 of ${ACCOUNT})`]);
  return { name, email, storeId, truth: { kind: 'person', names, principalIds } };
}

export const PEOPLE: readonly Person[] = ['alice', 'bob', 'carol'].map(person);
/** The adversary. She has rights of her own, and does not want to be identified. */
export const MALLORY = person('mallory');
export const NOBODY: Truth = { kind: 'cluster', names: [], principalIds: [] };

export interface Role {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly account: string;
  /** How the cluster really makes usernames from its sessions. */
  readonly mapping: string;
}

function role(name: string, mapping: string, fields: Partial<Role> = {}): Role {
  const id = `AROA${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}000000000000000`.slice(0, 21);
  return { name, id, path: '/', account: ACCOUNT, mapping, ...fields };
}

export const ADMIN = role('admin', 'admin');
export const OPS = role('ops', '{{SessionName}}', { path: '/team/' });
export const KEYED = role('keyed', 'k-{{AccessKeyID}}');
export const CI = role('ci', 'ci:{{SessionName}}:eu-west-1-2026');
export const ENTRY = role('entry', `arn:aws:sts::${ACCOUNT}:assumed-role/entry/{{SessionName}}`);
export const NODES = role('nodes', 'system:node:{{EC2PrivateDNSName}}');
export const JUMP = role('jump', 'jump', { account: OTHER_ACCOUNT });
export const RESERVED = role('AWSReservedSSO_Admin_0123456789abcdef', 'sso:{{SessionName}}', {
  id: 'AROARESERVEDADMIN0001',
  path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
});

export const CLUSTER_ROLES: readonly Role[] = [ADMIN, OPS, KEYED, CI, ENTRY];

export const SSO_PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`;
export const STORE = `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1234567890`;
/** A directory that mallory's account created for itself. She gives its users their names. */
export const OWN_DIRECTORY = `arn:aws:identitystore::${OTHER_ACCOUNT}:identitystore/d-0666666666`;
export const SHARED_NAME = 'EKSGetTokenAuth';
export const INSTANCE = 'i-0abc123def4567890';

export function roleArn({ account, path, name }: Role): string {
  return `arn:aws:iam::${account}:role${path}${name}`;
}

export function sessionArn({ account, name }: Role, session: string): string {
  return `arn:aws:sts::${account}:assumed-role/${name}/${session}`;
}

export function iamIdentity({ name }: Person, key: string): JsonObject {
  return {
    type: 'IAMUser',
    principalId: userId(name),
    arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
    accountId: ACCOUNT,
    accessKeyId: key,
    userName: name,
  };
}

/** Returns the username that the cluster makes from a session. */
export function usernameOf({ mapping }: Role, session: string, key: string): string {
  return mapping
    .replace('{{SessionName}}', session.replaceAll('@', '-'))
    .replace('{{AccessKeyID}}', key)
    .replace('{{EC2PrivateDNSName}}', 'ip-10-0-0-1.eu-west-1.compute.internal');
}
