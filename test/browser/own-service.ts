import { respondByRoutes } from '../../cli/console/responder.ts';
import { serveConsole } from '../../cli/console/server.ts';
import { buildPage } from '../../console/build.ts';
import { type ApiContext, routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import type { LoopbackServer } from '../../local/loopback/guard.ts';
import { NOW } from '../contract/now.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

/** A service for one test, which ends with the block that declares it. */
export type OwnService = LoopbackServer & AsyncDisposable;

/** Starts the page with a service that has these records and the API's own routes. */
export async function serviceOf(records: readonly StoredRecord[]): Promise<OwnService> {
  const clock = () => NOW;
  const stores = memoryStores(calmWorld(clock));
  await stores.records.insert(records);
  return serviceOver(inMemory(stores), clock);
}

/** Returns stores in memory, without limits on what a request may read. */
export function inMemory(stores: ReturnType<typeof memoryStores>): ApiContext['tables'] {
  return { ...stores, within: () => stores };
}

/** Starts the page with these stores. */
export async function serviceOver(
  tables: ApiContext['tables'],
  clock: Clock,
  settings = DEFAULT_SETTINGS,
): Promise<OwnService> {
  const routes = routesOf({ tables, clock, settings, deadline: DEFAULT_DEADLINE }, 'all');
  const respond = respondByRoutes(routes, (error) => error);
  const listening = await serveConsole(await buildPage(), respond, 0);
  return { ...listening, [Symbol.asyncDispose]: listening.close };
}
