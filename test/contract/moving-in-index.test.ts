import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../lib/adapters/dynamodb/database.ts';
import { storesOver } from '../../lib/adapters/dynamodb/stores.ts';
import { type ClaimIntent, LISTED_STATUSES } from '../../lib/claims/claim.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import { LOCAL_TABLES } from '../../local/service/local-tables.ts';
import { utc } from '../builders/company.ts';
import { instant } from '../usecases/service.ts';
import { FedTables } from './fed-tables.ts';
import { later, NOW } from './now.ts';
import { KEEP } from './over.ts';

/** Wraps a database so that an index shows each entry at two places, as DynamoDB may while the entry moves. */
function showingTwice(database: Database, index: string, rangeName: string): Database {
  return {
    budget: undefined,
    get: (...given) => database.get(...given),
    put: (...given) => database.put(...given),
    delete: (...given) => database.delete(...given),
    putAll: (...given) => database.putAll(...given),
    getAll: (...given) => database.getAll(...given),
    pages: (...given) => database.pages(...given),
    within: () => showingTwice(database, index, rangeName),
    async query(request: QueryCommandInput) {
      const found = await database.query(request);
      if (request.IndexName !== index) return found;
      return found.flatMap((entry) => [entry, { ...entry, [rangeName]: beforeIt(entry[rangeName]) }]);
    },
  };
}

function beforeIt(place: unknown): unknown {
  return typeof place === 'number' ? place - 1 : `${String(place)}-before`;
}

describe('entries that move in an index while it is read', () => {
  let fed: FedTables;
  beforeAll(async () => {
    fed = await FedTables.begin();
  });
  afterAll(() => fed.end());

  const intent = (id: string): ClaimIntent => ({
    id,
    session: `session of ${id}`,
    caller: { kind: 'role-session' },
    status: 'unattributed',
    live: true,
    first: instant(utc('12:01:00')),
    last: instant(utc('12:02:00')),
  });

  it('is one claim of a list, and one that is due', async () => {
    const database = await fed.database();
    const options = { tables: LOCAL_TABLES, clock: () => NOW, keep: KEEP };
    const { claims } = storesOver(database, options);
    for (const id of ['a', 'b', 'c']) await claims.change(id, (claim) => openClaim(claim, intent(id), NOW));
    const listing = storesOver(showingTwice(database, 'by-status', 'statusSort'), options).claims;
    for (const status of LISTED_STATUSES) {
      const { claims: listed, positions } = await listing.list(status, { limit: 100, position: undefined });
      expect(listed.map(({ id }) => id).toSorted()).toEqual(status === 'unattributed' ? ['a', 'b', 'c'] : []);
      expect(positions).toHaveLength(listed.length);
    }
    const due = await storesOver(showingTwice(database, 'by-due', 'due'), options).claims.due(later(1_000), 100);
    expect(due.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c']);
  });
});
