import { randomBytes } from 'node:crypto';
import type { SealingKey } from '../../ports/sealing-key.ts';
import { secondsOf } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { putRequest } from './requests.ts';
import { fieldsOf, read, text } from './shape.ts';

const KEY = { partition: 'sealing key', sort: 'key' };
const BYTES = 32;
const shape = fieldsOf({ value: text });

/**
 * The sealing key, an item of the claims table that never expires. Whoever may read the tables sees every cluster
 * anyway, so the key gives them nothing.
 */
export class DynamoDbSealingKey implements SealingKey {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async get(): Promise<Uint8Array> {
    return (await this.#stored()) ?? (await this.#made());
  }

  async #stored(): Promise<Uint8Array | undefined> {
    const { database, table } = this.#of;
    const item = await database.get(table, KEY);
    return item && Buffer.from(read(shape, item).value, 'base64url');
  }

  /** Makes the key. If another program makes one at the same time, returns that one. */
  async #made(): Promise<Uint8Array> {
    const { database, table, clock } = this.#of;
    const key = randomBytes(BYTES);
    const item = { ...KEY, value: key.toString('base64url') };
    const isNew = await database.put(putRequest(table, item, 'isNew', { ':seconds': secondsOf(clock()) }));
    return (isNew ? undefined : await this.#stored()) ?? key;
  }
}
