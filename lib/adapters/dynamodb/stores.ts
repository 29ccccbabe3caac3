import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertBoard } from '../../ports/alerts.ts';
import type { Attempts } from '../../ports/attempts.ts';
import type { Budget } from '../../ports/budget.ts';
import type { ClaimIntents, Claims, ClaimWaits, LeasedPart, Leases } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import type { Notes } from '../../ports/notes.ts';
import type { RecordStore } from '../../ports/records.ts';
import type { SealingKey } from '../../ports/sealing-key.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { Volumes } from '../../ports/volumes.ts';
import type { EpochMillis } from '../../time.ts';
import { type Database, SentRequests, type TableHandle } from './database.ts';
import { DynamoDbAlertBoard } from './dynamodb-alert-board.ts';
import { DynamoDbAttempts } from './dynamodb-attempts.ts';
import { DynamoDbClaims } from './dynamodb-claims.ts';
import { DynamoDbCounts } from './dynamodb-counts.ts';
import { DynamoDbDirectory } from './dynamodb-directory.ts';
import { DynamoDbHeartbeats } from './dynamodb-heartbeats.ts';
import { DynamoDbIntents } from './dynamodb-intents.ts';
import { DynamoDbNotes } from './dynamodb-notes.ts';
import { DynamoDbRecords } from './dynamodb-records.ts';
import { DynamoDbSealingKey } from './dynamodb-sealing-key.ts';
import { DynamoDbSessions } from './dynamodb-sessions.ts';
import { DynamoDbVolumes } from './dynamodb-volumes.ts';
import { DynamoDbWaits } from './dynamodb-waits.ts';
import type { Key } from './keys.ts';
import { putRequest } from './requests.ts';
import type { TableNames } from './tables.ts';

/**
 * How long items are kept after they were written, in milliseconds. Sessions outlive the records that depend on them.
 */
export interface Retention {
  readonly records: number;
  readonly sessions: number;
}

interface StoreOptions {
  readonly tables: TableNames;
  readonly clock: Clock;
  readonly keep: Retention;
}

interface DynamoDbStoresOptions extends StoreOptions {
  readonly client: DynamoDBClient;
  /** Runs before each write. Tests crash there. */
  readonly beforeWrite?: () => void;
}

/** The stores, typed by their ports, because a store may wrap another one. */
export interface DynamoDbStores {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly directory: Directory;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly intents: ClaimIntents;
  readonly leases: Leases;
  readonly alertBoard: AlertBoard;
  readonly counts: CountStore;
  readonly notes: Notes;
  readonly heartbeats: Heartbeats;
  readonly volumes: Volumes;
  readonly attempts: Attempts;
  readonly sealingKey: SealingKey;
  /** The limit on requests. Absent if there is none. */
  readonly budget?: Budget;
  /** Returns the same stores with a limit on their requests. */
  within(budget: Budget): DynamoDbStores;
}

/** Returns the service's stores over one client. */
export function dynamoDbStores({ client, beforeWrite, ...options }: DynamoDbStoresOptions): DynamoDbStores {
  return storesOver(new SentRequests(client, beforeWrite), options);
}

/** Returns the service's stores over any database. */
export function storesOver(database: Database, options: StoreOptions): DynamoDbStores {
  const { tables, clock, keep } = options;
  const { budget } = database;
  const claims = { database, table: tables.claims, clock, keep: keep.records };
  const directory = new DynamoDbDirectory(claims);
  return {
    sessions: new DynamoDbSessions({ database, table: tables.sessions, clock, keep: keep.sessions }),
    records: new DynamoDbRecords({
      database,
      table: tables.records,
      claimsTable: tables.claims,
      clock,
      keep: keep.records,
      directory,
    }),
    directory,
    claims: new DynamoDbClaims(claims),
    waits: new DynamoDbWaits(claims),
    intents: new DynamoDbIntents(claims),
    leases: new DynamoDbLeases(claims),
    alertBoard: new DynamoDbAlertBoard(claims),
    counts: new DynamoDbCounts(claims),
    notes: new DynamoDbNotes(claims),
    heartbeats: new DynamoDbHeartbeats(claims),
    volumes: new DynamoDbVolumes(claims),
    attempts: new DynamoDbAttempts(claims),
    sealingKey: new DynamoDbSealingKey(claims),
    ...(budget !== undefined && { budget }),
    within: (most) => storesOver(database.within(most), options),
  };
}

/** Settle's leases, each an item of the claims table. */
class DynamoDbLeases implements Leases {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async take(part: LeasedPart, owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const { database, table } = this.#of;
    return database.put(
      putRequest(table, { ...keyOf(part), owner, until }, 'isFree', { ':owner': owner, ':now': now }),
    );
  }

  async release(part: LeasedPart, owner: string): Promise<void> {
    const { database, table } = this.#of;
    await database.put(
      putRequest(table, { ...keyOf(part), owner, until: 0 }, 'isFree', { ':owner': owner, ':now': 0 }),
    );
  }
}

function keyOf(part: LeasedPart): Key {
  return { partition: `lease ${part}`, sort: 'lease' };
}
