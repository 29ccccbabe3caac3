import { sha256 } from '../../lib/adapters/digest.ts';
import type { DynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import type { Config } from '../../lib/config.ts';
import type { Alerts } from '../../lib/ports/alerts.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Rejects } from '../../lib/ports/input.ts';
import type { Metrics } from '../../lib/ports/metrics.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import type { SettleRunService } from '../../lib/usecases/settle/settle.ts';

/** Of the machine that a service runs on, whichever that is. */
export interface Surroundings {
  readonly tables: DynamoDbStores;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** What deliveries are taken with, by whichever function they reach: either may be brought what is the other's. */
export function ingestServiceOf(
  config: Config,
  rejects: Rejects,
  { tables, metrics, clock }: Surroundings,
): IngestService {
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
  };
}

/** What claims are settled with, but for CloudTrail's histories and look-ups, which a run has its time for. */
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
    digests: { board: tables.alertBoard, window: config.alertWindow },
    counting: { looked: {} },
  };
}
