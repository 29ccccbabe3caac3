import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { LookupProgress } from '../../lib/ports/lookups.ts';
import { epochMillis, MINUTE, SECOND } from '../../lib/time.ts';
import { settle } from '../../lib/usecases/settle/settle.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { PacedTrail } from './paced-trail.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const ENGINEERS = 60;
const OWN = { roleId: 'AROAENGINEERS0000001', roleName: 'engineers' };

/** Each engineer takes a session of her own, and from it the role that all share, by one name. */
const TRAIL = Array.from({ length: ENGINEERS }, (_, at) => {
  const number = String(at).padStart(8, '0');
  const own = { ...OWN, session: `engineer-${at}`, key: `ASIAENGINEER${number}` };
  const person = iamUser(`engineer-${at}`, { principalId: `AIDAENGINEER${number}` });
  return [
    grant({ ...own, id: `own-${at}`, by: person, at: utc('11:50:00'), until: utc('12:50:00') }),
    grant({
      id: `shared-${at}`,
      by: roleSession({ ...own, began: utc('11:50:00') }),
      session: 'EKSGetTokenAuth',
      key: `ASIASHARED00${number}`,
    }),
  ];
}).flat();

it('a claim that needs more look-ups than one run allows is decided in a few runs, each continuing the last', async () => {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock);
  const trail = new PacedTrail(clock, TRAIL);
  await service.ingest([eventBy(roleUser({ session: 'EKSGetTokenAuth', key: null }), { auditID: 'shared' })]);
  const requests: number[] = [];
  for (let run = 0; run < 4; run += 1) {
    const began = clock.at;
    const stopAt = epochMillis(began + 50 * SECOND);
    trail.begin(stopAt);
    const before = trail.requests.length;
    const limits = { deadline: 30 * MINUTE, lookupDelay: 0, alertOn: [], settings: DEFAULT_SETTINGS };
    const outside = { alerts: service.outbox, metrics: service.outbox, clock: clock.now };
    const lookups = (progress: LookupProgress) => trail.lookups(progress);
    await settle({ ...stores, ...outside, ...limits, lookups }, { leases: stores.leases, owner: 'settle', stopAt });
    requests.push(trail.requests.length - before);
    clock.at = epochMillis(began + MINUTE);
  }
  const { candidates } = (await service.only('shared')).attribution;
  expect(candidates?.map(({ actor }) => actor.kind)).toEqual(Array(ENGINEERS).fill('iam-user'));
  expect(requests.slice(2)).toEqual([0, 0]);
  expect(requests.reduce((all, each) => all + each)).toBeLessThan(ENGINEERS + 20);
});
