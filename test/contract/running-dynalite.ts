import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { withoutConnection } from './handed-over.ts';
import { KEEP } from './over.ts';

const IDS = Object.keys(TABLES) as TableId[]; // our own constant's keys

/** The address of another DynamoDB to use instead (`npm run test:dynamodb`). Its tables get names that nothing else there has. */
const OTHER = process.env.EKS_WHOIS_DYNAMODB;

/** A DynamoDB on a free port of this machine, with the service's tables. */
export class RunningDynalite {
  readonly client: DynamoDBClient;
  readonly #stop: () => Promise<void>;
  readonly #name = OTHER === undefined ? '' : `${randomUUID()}-`;
  readonly #tables: string[] = [];
  #made = 0;

  private constructor(endpoint: string, how: DynamoDBClientConfig, stop: () => Promise<void>) {
    this.client = new DynamoDBClient({
      ...how,
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    this.#stop = stop;
  }

  /** In a folder its tables outlast it. */
  static async start(path?: string): Promise<RunningDynalite> {
    if (OTHER !== undefined) return new RunningDynalite(OTHER, {}, async () => undefined);
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0, ...(path !== undefined && { path }) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server's
    return new RunningDynalite(
      `http://127.0.0.1:${port}`,
      withoutConnection(server),
      () => new Promise((resolve) => server.close(() => resolve())),
    );
  }

  /** Stores over tables of their own. */
  async stores(
    clock: Clock,
    beforeWrite?: () => void,
  ): Promise<DynamoDbStores & { readonly tables: TableNames; readonly drop: () => Promise<void> }> {
    this.#made += 1;
    const tables = {
      sessions: `${this.#name}sessions-${this.#made}`,
      claims: `${this.#name}claims-${this.#made}`,
      records: `${this.#name}records-${this.#made}`,
    };
    for (const id of IDS) {
      await this.client.send(new CreateTableCommand(structuredClone(tableParameters(id, tables[id])) as never));
      this.#tables.push(tables[id]);
    }
    for (const id of IDS) await this.#untilActive(tables[id]);
    const stores = dynamoDbStores({
      client: this.client,
      tables,
      clock,
      keep: KEEP,
      ...(beforeWrite && { beforeWrite }),
    });
    const drop = async () => {
      for (const id of IDS) await this.#drop(tables[id]);
    };
    return { ...stores, tables, drop };
  }

  /** dynalite answers before the table that it makes can be used. */
  async #untilActive(table: string): Promise<void> {
    const described = () => this.client.send(new DescribeTableCommand({ TableName: table }));
    while ((await described()).Table?.TableStatus !== 'ACTIVE') await setImmediate();
  }

  async #drop(table: string): Promise<void> {
    await this.client.send(new DeleteTableCommand({ TableName: table }));
    this.#tables.splice(this.#tables.indexOf(table), 1);
  }

  async stop(): Promise<void> {
    if (OTHER !== undefined) for (const table of [...this.#tables]) await this.#drop(table);
    this.client.destroy();
    await this.#stop();
  }
}
