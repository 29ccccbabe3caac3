import type { TableId } from '../lib/adapters/dynamodb/tables.ts';
import type { FunctionName } from './deployment.ts';

/** What each function does to each table: nothing that it never calls. Actions of DynamoDB, without their prefix. */
export const TABLE_ACTIONS: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: {
    sessions: ['Query'],
    claims: ['GetItem', 'PutItem', 'DeleteItem'],
    records: ['BatchGetItem', 'PutItem'],
  },
  grants: { sessions: ['Query', 'PutItem'], claims: ['GetItem', 'PutItem', 'Query'], records: [] },
  settle: {
    sessions: ['Query', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'DeleteItem', 'Query'],
    records: ['BatchGetItem', 'PutItem', 'Query'],
  },
  api: { sessions: ['Query', 'PutItem'], claims: ['Query'], records: ['BatchGetItem', 'Query'] },
};

/** The functions that query a table by its indexes. */
export const QUERIES_INDEXES: Readonly<Record<TableId, readonly FunctionName[]>> = {
  sessions: [],
  claims: ['settle', 'api'],
  records: ['settle', 'api'],
};
