import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import type { Clock } from '../../lib/ports.ts';
import { DAY } from '../../lib/time.ts';

const IDS = Object.keys(TABLES) as TableId[]; // our own constant's keys

/** A DynamoDB on a free port of this machine, with the service's tables. */
export class RunningDynalite {
  readonly client: DynamoDBClient;
  readonly #stop: () => Promise<void>;
  #made = 0;

  private constructor(port: number, stop: () => Promise<void>) {
    this.client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    this.#stop = stop;
  }

  static async start(): Promise<RunningDynalite> {
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server's
    return new RunningDynalite(port, () => new Promise((resolve) => server.close(() => resolve())));
  }

  /** Stores over tables of their own. */
  async stores(
    clock: Clock,
    beforeWrite?: () => void,
  ): Promise<DynamoDbStores & { readonly tables: TableNames; readonly drop: () => Promise<void> }> {
    this.#made += 1;
    const tables = {
      sessions: `sessions-${this.#made}`,
      claims: `claims-${this.#made}`,
      records: `records-${this.#made}`,
    };
    for (const id of IDS)
      await this.client.send(new CreateTableCommand(structuredClone(tableParameters(id, tables[id])) as never));
    const keep = { records: 90 * DAY, sessions: 97 * DAY };
    const stores = dynamoDbStores({ client: this.client, tables, clock, keep, ...(beforeWrite && { beforeWrite }) });
    const drop = async () => {
      for (const id of IDS) await this.client.send(new DeleteTableCommand({ TableName: tables[id] }));
    };
    return { ...stores, tables, drop };
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.#stop();
  }
}
