import { type RunningService, startService } from '../service/running-service.ts';
import { TablesAtRest } from './tables-at-rest.ts';

/** `eks-whois local` over the examples, and a copy of its tables as they are when it is ready. */
export interface LocalService extends Pick<RunningService, 'url' | 'stop'> {
  readonly tables: TablesAtRest;
}

export async function startLocalService(): Promise<LocalService> {
  const service = await startService();
  const tables = await TablesAtRest.copyOf(service.folder);
  return {
    url: service.url,
    tables,
    async stop() {
      await tables.stop();
      await service.stop();
    },
  };
}
