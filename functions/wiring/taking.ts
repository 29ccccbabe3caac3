import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { Config } from '../../lib/config.ts';
import type { Reading } from '../../lib/usecases/ingest/batch.ts';
import type { TakingService } from '../../lib/usecases/ingest/deliveries.ts';
import { clock, stores } from './clients.ts';
import { MOST_SAMPLES, sampledRejects } from './sampled-rejects.ts';
import { ingestServiceOf } from './services.ts';
import { logger, metrics } from './telemetry.ts';

/** Returns the service with which this function takes deliveries. */
export function takingService(config: Config): TakingService {
  const rejects = sampledRejects((message, fields) => logger.warn(message, { ...fields }), clock);
  return ingestServiceOf(config, rejects, { tables: stores(config), metrics, clock });
}

/** Returns the settings with which this function parses deliveries. */
export function readingOf({ countedGroups: counted, region }: Config): Reading {
  return { inflate: inflatePayload, counted, region, samples: MOST_SAMPLES };
}
