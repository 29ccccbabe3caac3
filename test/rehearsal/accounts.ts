import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

export const HUB = { account: '111122223333', region: 'eu-west-1' } as const;
export const MANAGER = { account: '222233334444', region: 'eu-west-1' } as const;
export const REGIONS = ['eu-west-1', 'us-east-1'] as const;

export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** The accounts of the rehearsal, all of them on one moto. */
export class Accounts {
  readonly server: string;
  readonly #home: string;
  readonly #credentials = new Map<string, Promise<Credentials>>();
  readonly #clients = new Map<string, object>();

  constructor(server: string, home: string) {
    this.server = server;
    this.#home = home;
  }

  /** Returns the credentials of somebody who assumed a role in the account. */
  credentials(account: string): Promise<Credentials> {
    const known = this.#credentials.get(account) ?? this.#assume(account);
    this.#credentials.set(account, known);
    return known;
  }

  async #assume(account: string): Promise<Credentials> {
    const credentials = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' };
    const sts = new STSClient({ endpoint: this.server, region: HUB.region, credentials });
    const RoleArn = `arn:aws:iam::${account}:role/admin`;
    const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'admin' }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  /** Returns the client of the class in the account and Region. */
  async client<T extends object>(Client: new (settings: Settings) => T, { account, region }: Place): Promise<T> {
    const id = `${Client.name} ${account} ${region}`;
    const known = this.#clients.get(id);
    if (known instanceof Client) return known;
    const client = new Client({
      endpoint: this.server,
      region,
      credentials: await this.credentials(account),
      ...(Client.name === 'S3Client' && { forcePathStyle: true }),
    });
    this.#clients.set(id, client);
    return client;
  }

  /** Returns the environment of a process that calls AWS in the account and Region. */
  async environment({ account, region }: Place): Promise<Record<string, string>> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.credentials(account);
    return {
      PATH: process.env.PATH ?? '',
      HOME: this.#home,
      AWS_ENDPOINT_URL: this.server,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    };
  }

  /** Creates an organization with so many members; returns its id, its root and its members. */
  async organize(members: number): Promise<{ readonly id: string; readonly root: string; readonly members: string[] }> {
    const organizations = await this.client(OrganizationsClient, MANAGER);
    const { Organization } = await organizations.send(new CreateOrganizationCommand({}));
    const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
    const ids: string[] = [];
    for (let at = 1; at <= members; at += 1) {
      const AccountName = `team-${String(at).padStart(2, '0')}`;
      const command = new CreateAccountCommand({ AccountName, Email: `${AccountName}@example.com` });
      const { CreateAccountStatus } = await organizations.send(command);
      ids.push(CreateAccountStatus?.AccountId ?? '');
    }
    return { id: Organization?.Id ?? '', root: Roots[0]?.Id ?? '', members: ids };
  }
}
