import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourOf } from '../../lib/counts/hours.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { RecordsWhere } from '../../lib/ports/records.ts';
import { eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, utc } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { Service, SetClock } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const OWN_KEY = 'AKIAALICE00000000001';
const EVENTS = [
  eventBy(roleUser(), { auditID: 'by a session' }),
  eventBy(iamUserOfCluster(OWN_KEY, userId('alice')), { auditID: 'by a key of one’s own' }),
];
const ARN = 'arn:aws:iam::111122223333:user/alice';
const HOUR = hourOf(Date.parse(utc('12:10:00')));

/** A service over tables of its own, of whose writing requests one is not answered: the process goes on. */
async function failingAt(write: number) {
  const clock = new SetClock(utc('12:11:00'));
  let writes = Number.NEGATIVE_INFINITY;
  const stores = await dynalite.stores(clock.now, () => {
    writes += 1;
    if (writes === write) throw new Error('DynamoDB does not answer');
  });
  const running = new Service(stores, clock, { withoutLookups: true });
  await running.grants([grant({ until: utc('14:00:00') })]);
  writes = -1;
  return { stores, running, wasReached: () => writes >= write };
}

type World = Awaited<ReturnType<typeof failingAt>>;

/** All by which somebody can come upon what the delivery brought. */
async function found({ stores }: World) {
  const count = async (where: RecordsWhere) => (await stores.records.query(where, {}, { limit: 10 })).records.length;
  const known = async (kind: 'actor' | 'role' | 'cluster' | 'namespace') =>
    (await stores.directory.known(kind, '', { limit: 10 })).entries.map(({ name }) => name);
  const { counts } = await stores.counts.count(HOUR);
  return {
    byActor: await Promise.all(['alice', ARN, userId('alice')].map((actor) => count({ by: 'actor', actor }))),
    byNamespace: await count({ by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' }),
    sessionsOfKey: await stores.records.sessionsOf(OWN_KEY),
    sessionsOfRole: await stores.directory.sessionsOfRole(ROLE_ID, {}, 10),
    known: [await known('actor'), await known('role'), await known('cluster'), await known('namespace')],
    counted: counts.map(({ total }) => total),
    open: (await stores.claims.backlog()).open,
  };
}

describe('a delivery, if any one of its writes fails', () => {
  it('is stored completely: at once if it counted as stored, otherwise when it comes again', async () => {
    const undisturbed = await failingAt(Number.POSITIVE_INFINITY);
    await undisturbed.running.ingest(EVENTS);
    const expected = await found(undisturbed);
    expect(expected).toMatchObject({ byActor: [2, 2, 2], byNamespace: 2, counted: [2], open: 2 });
    let refused = 0;
    for (let write = 0; ; write += 1) {
      const world = await failingAt(write);
      const isStored = await world.running.ingest(EVENTS).then(
        () => true,
        () => false,
      );
      if (!world.wasReached()) break;
      if (!isStored) {
        refused += 1;
        await world.running.ingest(EVENTS);
      }
      expect(await found(world)).toEqual(expected);
    }
    expect(refused).toBeGreaterThan(8);
  });
});
