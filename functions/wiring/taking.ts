import { sha256 } from '../../lib/adapters/digest.ts';
import type { Config } from '../../lib/config.ts';
import type { IngestService } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { clock, stores } from './clients.ts';
import { loggedRejects, metrics } from './telemetry.ts';

/** What deliveries are taken with, by whichever function they reach: either may be brought what is the other's. */
export function takingService(config: Config): IngestService {
  return {
    ...stores(config),
    rejects: loggedRejects,
    metrics,
    clock,
    digest: sha256,
    settings: config.attribution,
    alertOn: config.alertOn,
    memory: new KeyMemory(),
    recording: config.recording,
  };
}
