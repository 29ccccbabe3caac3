import type { Config } from '../../lib/config.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { clock, stores } from './clients.ts';
import { ingestServiceOf } from './services.ts';
import { loggedRejects, metrics } from './telemetry.ts';

/** What this function takes deliveries with. */
export function takingService(config: Config): IngestService {
  return ingestServiceOf(config, loggedRejects, { tables: stores(config), metrics, clock });
}
