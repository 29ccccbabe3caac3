import { ANNOUNCED, dueKey } from '../../lib/adapters/dynamodb/claim-item.ts';
import type { Database } from '../../lib/adapters/dynamodb/database.ts';
import { indexRequest } from '../../lib/adapters/dynamodb/requests.ts';
import { instant, read } from '../../lib/adapters/dynamodb/shape.ts';
import { TABLES } from '../../lib/adapters/dynamodb/tables.ts';
import { DUE_LISTS } from '../../lib/claims/due-list.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { FORGOTTEN } from '../../lib/usecases/settle/sweep.ts';
import { LOCAL_TABLES } from './local-tables.ts';

/**
 * Returns the time at which settle next has work: a claim to decide, or the rest of a failed delivery. It may be in the
 * past.
 */
export type NextDue = () => Promise<EpochMillis | undefined>;

const [BY_DUE] = TABLES.claims.indexes;

/** Reads the next due time from the tables of a feed. */
export function nextDueIn(database: Database): NextDue {
  const firstOf = async (hash: string): Promise<EpochMillis | undefined> => {
    const keyRange = { hash, order: 'ascending', limit: 1 } as const;
    const [first] = await database.query(indexRequest(LOCAL_TABLES.claims, BY_DUE, keyRange));
    return first && read(instant, first.due, 'due');
  };
  return async () => {
    const [announced, ...claims] = await Promise.all([ANNOUNCED, ...DUE_LISTS.map(dueKey)].map(firstOf));
    const left = announced === undefined ? [] : [announced + FORGOTTEN + 1];
    const times = [...claims.filter((claim) => claim !== undefined), ...left];
    return times.length === 0 ? undefined : epochMillis(Math.min(...times));
  };
}
