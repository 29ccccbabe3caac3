import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

/** A service account as which Alice acted once, before the newest records of impersonation that a quick answer reads. */
export const ACCOUNT = 'system:serviceaccount:shop:web';

/** More than a quick answer reads, and fewer than a full one does. */
const NEWER = 250;

/** Returns a service that stored the account's events. */
export async function impersonatedAccount() {
  const clock = new SetClock(utc('12:20:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  await service.grants([grant({ id: 'alice', by: iamUser('alice') })]);
  const aliceAs = (username: string, auditID: string, time: string) =>
    eventBy(roleUser({ key: KEY }), {
      auditID,
      requestReceivedTimestamp: time,
      objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
      responseStatus: { code: 200 },
      impersonatedUser: { username },
    });
  const newer = Array.from({ length: NEWER }, (_, at) =>
    aliceAs('system:serviceaccount:shop:other', `other-${at}`, utc('12:15:00')),
  );
  await service.ingest([aliceAs(ACCOUNT, 'alice-as-web', utc('12:10:01')), ...newer]);
  return { stores, clock };
}
