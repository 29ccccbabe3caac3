/** The tiny pools from which worlds are drawn: small, so that names, keys and times collide all the time. */
export type Json = { [key: string]: unknown };

export type Role = { readonly name: string; readonly id: string; readonly account: string; readonly path: string };
export type User = { readonly name: string; readonly id: string; readonly account: string };

export const ACCOUNTS = ['111122223333', '444455556666'] as const;

export const ADMIN: Role = { name: 'admin', id: 'AROAADMIN00000000001', account: ACCOUNTS[0], path: '/' };
export const DEPLOY: Role = { name: 'deploy', id: 'AROADEPLOY0000000002', account: ACCOUNTS[1], path: '/team/ci/' };
export const RESERVED: Role = {
  name: 'AWSReservedSSO_Admin_0123456789abcdef',
  id: 'AROARESERVED00000003',
  account: ACCOUNTS[0],
  path: '/aws-reserved/sso.amazonaws.com/us-east-1/',
};
export const ROLES = [ADMIN, DEPLOY, RESERVED] as const;

/** Too common, too short, with `@`, like it with `-`, just long enough to decide, just not, long with digits (twice). */
export const NAMES = [
  'EKSGetTokenAuth',
  'alice',
  'alice@example.com',
  'alice-example.com',
  'alice-2024',
  'carol-202',
  'jdoe-ci-20240501',
  'i-0abc123def4567890',
] as const;

export const KEYS = [
  'ASIAAAAAAAAAAAAA0001',
  'ASIAAAAAAAAAAAAA0002',
  'ASIAAAAAAAAAAAAA0003',
  'ASIAAAAAAAAAAAAA0004',
  'ASIAAAAAAAAAAAAA0005',
] as const;
/** Keys that no grant lists, as the console and Identity Center's apps use. */
export const UNLISTED_KEYS = ['ASIAUNLISTED00000007', 'ASIAUNLISTED00000008', 'ASIAUNLISTED00000009'] as const;
export const PLACEHOLDER_KEYS = ['AAAAAAAAAAAAAAAA', 'REDACTED', ''] as const;

/** Deleted and made again, in another account, and one user under two names. */
export const ALICE: User = { name: 'alice', id: 'AIDAALICE00000000001', account: ACCOUNTS[0] };
export const USERS: readonly User[] = [
  ALICE,
  { ...ALICE, id: 'AIDAALICE00000000002' },
  { name: 'bob', id: 'AIDABOB0000000000003', account: ACCOUNTS[1] },
  { name: 'robert', id: 'AIDABOB0000000000003', account: ACCOUNTS[1] },
];
export const STRANGER_ID = 'AIDASTRANGER00000009';
export const PEOPLE = ['alice@example.com', 'carol@example.com'] as const;

export const SERVICES = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'pods.eks.amazonaws.com'] as const;
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export const SOURCE_IDENTITIES = [undefined, undefined, 'alice', 'carol@example.com', 'nobodys-laptop'] as const;

export const TEMPLATES = [
  '{{SessionName}}',
  'corp:{{SessionName}}',
  'raw:{{SessionNameRaw}}',
  'ops.(x)+{{SessionName}}',
  '{{AccountID}}:{{SessionName}}',
  '{{SessionNameRaw}}@{{AccountID}}',
  'key:{{AccessKeyID}}:{{SessionName}}',
  'key:{{AccessKeyID}}',
] as const;

export function roleArn({ account, path, name }: Role): string {
  return `arn:aws:iam::${account}:role${path}${name}`;
}

export function canonicalArn({ account, name }: Role): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

export function sessionArn({ account, name }: Role, sessionName: string): string {
  return `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`;
}

export function userArn({ account, name }: User): string {
  return `arn:aws:iam::${account}:user/people/${name}`;
}

export function federatedArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}
