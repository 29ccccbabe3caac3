import { answerKnown } from '../../lib/usecases/query/known-query.ts';
import { knownRequest } from '../../lib/usecases/query/parameters.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { type NotedService, startAnswering } from '../configure/asking.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

/** The names in a record, beside the caller's role. */
export interface NamedValue {
  readonly actors?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly cluster?: string;
  /** Namespaces of another cluster, `staging`. */
  readonly staging?: readonly string[];
}

/** A service that answers `/known` from its directory, and notes what it is asked. */
export async function startKnown({
  actors = [],
  namespaces = [],
  cluster = 'prod',
  staging = [],
}: NamedValue): Promise<NotedService> {
  const stores = memoryStores(calmWorld(() => NOW));
  const seen = (actor: string, namespace: string, where = cluster) =>
    storedRecord(
      { auditID: `${actor} ${namespace} ${where}`, objectRef: { resource: 'pods', namespace, name: 'web-0' } },
      [grant({ id: actor, at: utc('12:00:00'), by: iamUser(actor) })],
      where,
    );
  await stores.records.insert([
    ...actors.map((actor) => seen(actor, namespaces[0] ?? 'shop')),
    ...namespaces.map((namespace) => seen(actors[0] ?? 'alice', namespace)),
    ...staging.map((namespace) => seen(actors[0] ?? 'alice', namespace, 'staging')),
  ]);
  return startAnswering((url) => {
    return answerKnown(knownRequest(url.search.slice(1)), stores);
  });
}
