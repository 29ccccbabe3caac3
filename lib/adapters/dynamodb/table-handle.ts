import type { Clock } from '../../ports/clock.ts';
import type { Database } from './database.ts';

/** One table, and how its items are kept. */
export interface TableHandle {
  readonly database: Database;
  readonly table: string;
  readonly clock: Clock;
  /** How long an item is kept from its last writing, in milliseconds. */
  readonly keep: number;
}
