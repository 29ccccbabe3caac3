import { answeringByRoutes } from '../../cli/console/answering.ts';
import { serveConsole } from '../../cli/console/server.ts';
import { buildPage } from '../../console/build.ts';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import type { Listening } from '../../local/loopback/guard.ts';
import { NOW } from '../contract/now.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

/** The page before a service that has these records, with the API's own routes. */
export async function serviceOf(records: readonly StoredRecord[]): Promise<Listening> {
  const clock = () => NOW;
  const stores = memoryStores(calmWorld(clock));
  await stores.records.insert(records);
  const tables = { ...stores, within: () => stores };
  const routes = routesOf({ tables, clock, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE });
  return serveConsole(
    await buildPage(),
    answeringByRoutes(routes, (error) => error),
    0,
  );
}
