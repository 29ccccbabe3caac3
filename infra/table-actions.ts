import type { TableId } from '../lib/adapters/dynamodb/tables.ts';
import type { FunctionName } from './parameters.ts';

/**
 * What each function does to each table: nothing that it never calls. `ingest` and `grants` each take what was meant for
 * the other. Actions of DynamoDB, without their prefix.
 */
export const TABLE_ACTIONS: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'GetItem', 'Query'],
  },
  grants: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'GetItem', 'Query'],
  },
  settle: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['Query', 'BatchGetItem', 'PutItem'],
  },
  api: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['Query', 'GetItem', 'PutItem', 'BatchGetItem', 'DeleteItem'],
    records: ['Query', 'BatchGetItem'],
  },
  console: { sessions: [], claims: [], records: [] },
  subscribe: { sessions: [], claims: [], records: [] },
};

/** The indexes that a function queries besides the tables themselves. */
export const QUERIED_INDEXES: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: { sessions: [], claims: [], records: ['by-namespace'] },
  grants: { sessions: [], claims: [], records: ['by-namespace'] },
  settle: { sessions: [], claims: ['by-due'], records: ['by-session'] },
  api: { sessions: [], claims: ['by-status'], records: ['by-actor', 'by-session', 'by-namespace'] },
  console: { sessions: [], claims: [], records: [] },
  subscribe: { sessions: [], claims: [], records: [] },
};
