import { functionDefinitions } from '../../infra/functions.ts';
import { RECEIVES_BEFORE_DEAD, VISIBILITY_SECONDS } from '../../infra/queues.ts';
import { MOST_REQUESTS } from '../../lib/adapters/cloudtrail/connections.ts';
import { JITTER } from '../../lib/adapters/cloudtrail/pacer.ts';
import { FIRST_PAUSE, MOST_ATTEMPTS } from '../../lib/adapters/dynamodb/database.ts';
import { BUSY_WRITES } from '../../lib/adapters/dynamodb/namespace-places.ts';
import { ENDINGS } from '../../lib/adapters/dynamodb/record-item.ts';
import { spreadFor } from '../../lib/adapters/dynamodb/session-spread.ts';
import { TABLES } from '../../lib/adapters/dynamodb/tables.ts';
import { FEW_DUE } from '../../lib/claims/due-list.ts';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { MOST_AT_ONCE } from '../../lib/concurrency.ts';
import { readConfig } from '../../lib/config.ts';
import { SETTLE_SECONDS, WRITE_UNITS } from '../../lib/cost/unit-counts.ts';
import { MINUTE, SECOND } from '../../lib/time.ts';
import { PAGE } from '../../lib/usecases/settle/settle-claim.ts';
import { FOR_LOOK_UPS, SHARES } from '../../lib/usecases/settle/settle-due.ts';
import { FEW, FRUITLESS } from '../../lib/usecases/settle/sweep-grants.ts';
import { deploymentOf } from '../../test/infra/stacks.ts';

/**
 * The service's own constants, imported from the service, so that changing one changes the simulation. Times are in
 * milliseconds.
 */

const { ingest, settle } = functionDefinitions(deploymentOf('a hub with the defaults'));
if (ingest === undefined || settle === undefined) throw new Error('The hub has no ingest or no settle.');

const TABLE_NAMES = { RECORDS_TABLE: 'records', SESSIONS_TABLE: 'sessions', CLAIMS_TABLE: 'claims' };
const configs = {
  eventbridge: readConfig({ ...TABLE_NAMES, TRAIL_MODE: 'eventbridge' }),
  'lookups-only': readConfig({ ...TABLE_NAMES, TRAIL_MODE: 'lookups-only' }),
};
export type Trail = keyof typeof configs;

/** 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
const MEGABYTES_OF_CORE = 1_769;
const isEach = (units: number) => units - TABLES.records.indexes.length;

export const SERVICE = {
  configs,
  ingest: { cores: ingest.memorySize / MEGABYTES_OF_CORE, timeout: ingest.timeout * SECOND },
  settle: {
    every: MINUTE,
    timeout: settle.timeout * SECOND,
    /** Settle's time for a run without due claims. */
    timeAtRest: SETTLE_SECONDS * SECOND,
    page: PAGE,
    fewDue: FEW_DUE,
    forLookUps: FOR_LOOK_UPS,
    firstShare: SHARES[0] ?? 1,
  },
  lookups: {
    apart: 1_000 / configs.eventbridge.lookupsPerSecond + JITTER,
    atOnce: MOST_REQUESTS,
    sweptFrom: FEW,
    fruitless: FRUITLESS,
    eventNames: GRANT_EVENTS.length,
  },
  /**
   * Retries of the queue that ingest reads, as in the template (infra/queues.ts): a failed batch is delivered again
   * after `hidden`, `receives` times at most.
   */
  queue: { hidden: VISIBILITY_SECONDS * SECOND, receives: RECEIVES_BEFORE_DEAD, takers: 2 },
  /** Requests that one process has in flight. */
  atOnce: MOST_AT_ONCE,
  /** The pauses between tries of a throttled write, in milliseconds. */
  patience: Array.from({ length: MOST_ATTEMPTS - 1 }, (_, at) => FIRST_PAUSE * 2 ** (at + 1)).reduce(
    (a, b) => a + b,
    0,
  ),
  units: { ...WRITE_UNITS, recordItself: isEach(WRITE_UNITS.record) },
  endings: ENDINGS.length,
  /** Partitions of a session with this many records a second. */
  sessionPartitions: (perSecond: number) => spreadFor({ day: 0, least: [] }, perSecond).writes,
  /** Partitions of a namespace with this many records a second. */
  namespacePartitions: (perSecond: number) => (perSecond >= BUSY_WRITES ? ENDINGS.length : 1),
} as const;
