import type { Lease } from '../../ports/lease.ts';
import type { EpochMillis } from '../../time.ts';
import { putRequest } from './requests.ts';
import type { TableHandle } from './table-handle.ts';

const KEY = { partition: 'lease settle', sort: 'lease' };

/** Settle's lease: an item of the claims table. */
export class DynamoDbLease implements Lease {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const { database, table } = this.#of;
    return database.put(putRequest(table, { ...KEY, owner, until }, 'isFree', { ':owner': owner, ':now': now }));
  }

  async release(owner: string): Promise<void> {
    const { database, table } = this.#of;
    await database.put(putRequest(table, { ...KEY, owner, until: 0 }, 'isFree', { ':owner': owner, ':now': 0 }));
  }
}
