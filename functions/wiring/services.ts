import { sha256 } from '../../lib/adapters/digest.ts';
import type { DynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import type { Config } from '../../lib/config.ts';
import type { Alerts } from '../../lib/ports/alerts.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Rejects } from '../../lib/ports/input.ts';
import type { Metrics } from '../../lib/ports/metrics.ts';
import { NamedTroubles } from '../../lib/usecases/heartbeats/watch.ts';
import type { TakingService } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import type { SettleRunService } from '../../lib/usecases/settle/chores.ts';

/** The resources of the environment that a service runs in, on AWS or on a person's machine. */
export interface Surroundings {
  readonly tables: DynamoDbStores;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/**
 * Returns the service that takes deliveries. Every function that receives deliveries uses the same one, since each may
 * receive those of the other.
 */
export function ingestServiceOf(
  config: Config,
  rejects: Rejects,
  { tables, metrics, clock }: Surroundings,
): TakingService {
  return {
    ...tables,
    rejects,
    metrics,
    clock,
    digest: sha256,
    settings: config.attribution,
    alertOn: config.alertOn,
    memory: new KeyMemory(),
    recording: config.recording,
    ceiling: config.expected.ceiling,
  };
}

/**
 * Returns the service that settles claims, without CloudTrail's histories and look-ups, which depend on the time of a
 * run.
 */
export function settleServiceOf(
  config: Config,
  alerts: Alerts,
  { tables, metrics, clock }: Surroundings,
): Omit<SettleRunService, 'histories' | 'lookups'> {
  return {
    ...tables,
    alerts,
    metrics,
    clock,
    settings: config.attribution,
    deadline: config.deadline,
    lookupDelay: config.lookupDelay,
    alertOn: config.alertOn,
    serviceAddress: config.serviceAddress,
    digests: { board: tables.alertBoard, window: config.alertWindow, digest: sha256 },
    counting: { looked: {} },
    watching: {
      heartbeats: tables.heartbeats,
      volumes: tables.volumes,
      expected: config.expected,
      named: new NamedTroubles(),
    },
  };
}
