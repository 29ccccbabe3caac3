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
/** A role in the admins' account, so that only its name or ID distinguishes it from theirs. */
export const OPS: Role = { name: 'ops', id: 'AROAOPS0000000000004', account: ACCOUNTS[0], path: '/' };
export const ROLES = [ADMIN, DEPLOY, RESERVED, OPS] as const;

/**
 * Session names: too common, too short, with `@`, the same with `-`, just long enough to decide, just too short, long
 * with digits (twice), in other case than a user's, with somebody else's key in it.
 */
export const NAMES = [
  'EKSGetTokenAuth',
  'alice',
  'alice@example.com',
  'alice-example.com',
  'alice-2024',
  'carol-202',
  'jdoe-ci-20240501',
  'i-0abc123def4567890',
  'ALICE',
  'k-ASIAAAAAAAAAAAAA0001',
] as const;

export const KEYS = [
  'ASIAAAAAAAAAAAAA0001',
  'ASIAAAAAAAAAAAAA0002',
  'ASIAAAAAAAAAAAAA0003',
  'ASIAAAAAAAAAAAAA0004',
  'ASIAAAAAAAAAAAAA0005',
] as const;
/** Keys that no grant lists, as the console and Identity Center's applications use. */
export const UNLISTED_KEYS = ['ASIAUNLISTED00000007', 'ASIAUNLISTED00000008', 'ASIAUNLISTED00000009'] as const;
export const PLACEHOLDER_KEYS = ['AAAAAAAAAAAAAAAA', 'REDACTED', ''] as const;

/** Users: deleted and created again, with an equal name in another account, and one user with two names. */
const ALICE: User = { name: 'alice', id: 'AIDAALICE00000000001', account: ACCOUNTS[0] };
export const USERS: readonly User[] = [
  ALICE,
  { ...ALICE, id: 'AIDAALICE00000000002' },
  { ...ALICE, id: 'AIDAALICE00000000003', account: ACCOUNTS[1] },
  { name: 'bob', id: 'AIDABOB0000000000003', account: ACCOUNTS[1] },
  { name: 'robert', id: 'AIDABOB0000000000003', account: ACCOUNTS[1] },
];
export const STRANGER_ID = 'AIDASTRANGER00000009';
export const PEOPLE = ['alice@example.com', 'carol@example.com'] as const;
export type Person = (typeof PEOPLE)[number];
/** Their IDs in Identity Center, and one without a name in any record. */
export const USER_IDS: Readonly<Record<Person, string>> = {
  'alice@example.com': '94482488-3041-7026-0000-000000000001',
  'carol@example.com': '94482488-3041-7026-0000-000000000002',
};
export const NAMELESS_ID = '94482488-3041-7026-0000-000000000003';
export const IDENTITY_STORE = 'arn:aws:identitystore::111122223333:identitystore/d-9067a1b2c3';
/** An identity store of somebody else. */
export const FOREIGN_STORE = 'arn:aws:identitystore::999988887777:identitystore/d-1029384756';
/** Configurations of the organization's own identity stores. */
export const OWN_STORES = [[], [IDENTITY_STORE], ['d-9067a1b2c3'], ['d-9067a1b2c3', FOREIGN_STORE], ['d-0000000000']];
export const AGENT = 'aws-mcp.amazonaws.com';
/** The account of a product provider with temporary delegation. */
export const DELEGATE = '999988887777';
export const SIGN_INS = [
  'arn:aws:signin:us-east-1:111122223333:session/0b1c2d3e-0000-4000-8000-000000000001',
  'arn:aws:signin:us-east-1:111122223333:session/0b1c2d3e-0000-4000-8000-000000000002',
] as const;
export const WEB_PROVIDERS = [
  'arn:aws:iam::111122223333:oidc-provider/token.example.com',
  'arn:aws:iam::444455556666:oidc-provider/token.example.com',
  'arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC',
] as const;
/** The issuer of an account's web identity tokens, and the tokens. */
export const TOKEN_ISSUER =
  'arn:aws:iam::111122223333:oidc-provider/2a1b2c3d-0000-4000-8000-000000000001.tokens.sts.global.api.aws';
/** An issuer of anybody's, whose path ends as the address of AWS's own does. */
export const LOOKALIKE_ISSUER =
  'arn:aws:iam::111122223333:oidc-provider/token.example.com/2a1b2c3d-0000-4000-8000-000000000001.tokens.sts.global.api.aws';
export const WEB_TOKENS = ['token-1', 'token-2', 'token-3'] as const;
export const AWS_SSO = 'arn:aws:iam::111122223333:saml-provider/AWSSSO_0123_DO_NOT_DELETE';
export const OKTA = 'arn:aws:iam::111122223333:saml-provider/Okta';

export const SERVICES = [
  'ec2.amazonaws.com',
  'lambda.amazonaws.com',
  'pods.eks.amazonaws.com',
  'rolesanywhere.amazonaws.com',
] as const;
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export const SOURCE_IDENTITIES = [
  undefined,
  undefined,
  'alice',
  'carol@example.com',
  'Carol-example.com',
  'nobodys-laptop',
  'CN=build-7.example.com',
] as const;

const UNBOUND = [
  '{{SessionName}}',
  'corp:{{SessionName}}',
  'raw:{{SessionNameRaw}}',
  'ops.(x)+{{SessionName}}',
  '{{AccountID}}:{{SessionName}}',
  '{{SessionNameRaw}}@{{AccountID}}',
  'key:{{AccessKeyID}}:{{SessionName}}',
  'key:{{AccessKeyID}}',
  'k-{{AccessKeyID}}',
] as const;
const BOUND = ['{{SessionName}}', 'raw:{{SessionNameRaw}}', 'k-{{AccessKeyID}}', 'people:{{SessionName}}'] as const;
/** Templates without a role, and templates of a role: with its path, without it, and of another partition. */
export const TEMPLATES: readonly string[] = [
  ...UNBOUND,
  ...BOUND.flatMap((template) => [`${roleArn(ADMIN)}=${template}`, `${roleArn(DEPLOY)}=${template}`]),
  `${canonicalArn(DEPLOY)}={{SessionName}}`,
  `${inChina(roleArn(ADMIN))}={{SessionName}}`,
];

/** Service accounts whose tokens are issued, as `<namespace>:<name>`. */
export const SERVICE_ACCOUNTS = ['shop:cart', 'ci:runner', 'teleport:proxy'] as const;
/** Trusted proxies: a service account, Rancher's pattern, a username of another authenticator, and roles. */
export const PROXIES: readonly string[] = [
  'system:serviceaccount:teleport:proxy',
  'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*',
  'tailscale-proxy',
  roleArn(OPS),
  canonicalArn(DEPLOY),
  inChina(roleArn(OPS)),
];

/** Returns the ARN in another partition. */
export function inChina(arn: string): string {
  return arn.replace('arn:aws:', 'arn:aws-cn:');
}

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
