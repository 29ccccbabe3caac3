import { accessKeyId, principalId } from './random.ts';

/** The company of the examples: three accounts, two clusters, and the people who work there. All of it is invented. */

export const ACCOUNTS = {
  /** The account of the IAM users. */
  identity: '111122223333',
  prod: '444455556666',
  staging: '777788889999',
  /** A supplier, whose own trail the company never sees. */
  vendor: '123456789012',
  /** An account of AWS that owns the roles behind `eks:…` names. */
  awsOwned: '999988887777',
} as const;

export const REGION = 'eu-west-1';

export interface Cluster {
  readonly name: string;
  readonly accountId: string;
}

export const PROD: Cluster = { name: 'prod', accountId: ACCOUNTS.prod };
export const STAGING: Cluster = { name: 'staging', accountId: ACCOUNTS.staging };

export interface Role {
  readonly accountId: string;
  /**
   * The IAM path with both slashes. CloudTrail's `roleArn` has it; `arn` and `canonicalArn` in the audit log do not.
   */
  readonly path: string;
  readonly name: string;
  readonly id: string;
}

function role(accountId: string, name: string, path = '/'): Role {
  return { accountId, path, name, id: principalId('AROA', `${accountId}/${name}`) };
}

const SSO_PATH = `/aws-reserved/sso.amazonaws.com/${REGION}/`;

export const ROLES = {
  ordersDeveloper: role(ACCOUNTS.prod, 'orders-developer', '/projects/'),
  ordersAdmin: role(ACCOUNTS.prod, 'orders-admin', '/projects/'),
  clusterOperator: role(ACCOUNTS.prod, 'cluster-operator'),
  prodNode: role(ACCOUNTS.prod, 'prod-node'),
  prodDeploy: role(ACCOUNTS.prod, 'github-deploy'),
  reportRunner: role(ACCOUNTS.prod, 'report-runner'),
  vendorObserver: role(ACCOUNTS.prod, 'vendor-observer'),
  ssoClusterAdmin: role(ACCOUNTS.prod, 'AWSReservedSSO_ClusterAdmin_3f9a1c0de5b72846', SSO_PATH),
  hubOperator: role(ACCOUNTS.identity, 'hub-operator'),
  stagingJump: role(ACCOUNTS.staging, 'platform-jump'),
  paymentsDeveloper: role(ACCOUNTS.staging, 'payments-developer', '/projects/'),
  stagingReader: role(ACCOUNTS.staging, 'staging-reader'),
  stagingDeploy: role(ACCOUNTS.staging, 'github-deploy'),
  stagingNode: role(ACCOUNTS.staging, 'staging-node'),
  janitor: role(ACCOUNTS.staging, 'cluster-janitor', '/service-role/'),
  dataEngineer: role(ACCOUNTS.staging, 'data-engineer'),
  legacyOps: role(ACCOUNTS.staging, 'legacy-ops'),
  terraform: role(ACCOUNTS.staging, 'terraform-plan'),
  terraformHub: role(ACCOUNTS.staging, 'terraform-hub'),
  ssoDeveloper: role(ACCOUNTS.staging, 'AWSReservedSSO_Developer_8b04d7e1a26f53c9', SSO_PATH),
} as const satisfies Record<string, Role>;

export function roleArn({ accountId, path, name }: Role): string {
  return `arn:aws:iam::${accountId}:role${path}${name}`;
}

/** An IAM user with a long-term access key. */
export interface IamUser {
  readonly name: string;
  readonly accountId: string;
  readonly id: string;
  readonly accessKeyId: string;
  readonly ip: string;
}

function iamUser(accountId: string, name: string, ip: string): IamUser {
  return { name, accountId, id: principalId('AIDA', name), accessKeyId: accessKeyId('AKIA', name), ip };
}

export const USERS = {
  ana: iamUser(ACCOUNTS.identity, 'ana.silva', '203.0.113.11'),
  ben: iamUser(ACCOUNTS.identity, 'ben.okafor', '203.0.113.12'),
  chloe: iamUser(ACCOUNTS.identity, 'chloe.martin', '203.0.113.13'),
  dmitri: iamUser(ACCOUNTS.identity, 'dmitri.volkov', '198.51.100.77'),
  hana: iamUser(ACCOUNTS.identity, 'hana.sato', '203.0.113.14'),
  breakGlass: iamUser(ACCOUNTS.prod, 'break-glass', '203.0.113.99'),
  reportBroker: iamUser(ACCOUNTS.staging, 'report-broker', '192.0.2.40'),
} as const satisfies Record<string, IamUser>;

export function userArn({ accountId, name }: IamUser): string {
  return `arn:aws:iam::${accountId}:user/${name}`;
}

/** A person of Identity Center, who is not an IAM user. Sessions have the user name as their session name. */
export interface IdentityCenterUser {
  readonly name: string;
  readonly ip: string;
}

export const IDENTITY_CENTER = {
  emma: { name: 'emma.fischer@example.com', ip: '203.0.113.21' },
  farid: { name: 'farid.haddad@example.com', ip: '203.0.113.22' },
  grace: { name: 'grace.kim@example.com', ip: '203.0.113.23' },
} as const satisfies Record<string, IdentityCenterUser>;

/** A cluster node. The session of its instance profile has the instance ID as its session name. */
export interface Node {
  readonly cluster: Cluster;
  readonly role: Role;
  readonly instanceId: string;
  readonly host: string;
  readonly ip: string;
}

export const NODES = {
  prod1: {
    cluster: PROD,
    role: ROLES.prodNode,
    instanceId: 'i-0a1b2c3d4e5f60718',
    host: 'ip-192-0-2-101.eu-west-1.compute.internal',
    ip: '192.0.2.101',
  },
  prod2: {
    cluster: PROD,
    role: ROLES.prodNode,
    instanceId: 'i-0b2c3d4e5f6071829',
    host: 'ip-192-0-2-102.eu-west-1.compute.internal',
    ip: '192.0.2.102',
  },
  staging1: {
    cluster: STAGING,
    role: ROLES.stagingNode,
    instanceId: 'i-0c3d4e5f60718293a',
    host: 'ip-192-0-2-201.eu-west-1.compute.internal',
    ip: '192.0.2.201',
  },
} as const satisfies Record<string, Node>;
