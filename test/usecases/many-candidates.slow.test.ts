import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptRecord } from '../../lib/claims/kept-record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { MINUTE } from '../../lib/time.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { accountOnly } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { itemSize } from '../contract/write-units.ts';
import { Service, SetClock } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

async function started() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = await dynalite.stores(clock.now);
  return { clock, stores, running: new Service(stores, clock, { withoutLookups: true }) };
}

const GRANTS = 400;

/** Somebody of another account, who assumes the role again and again, each time under another name. */
const grants = Array.from({ length: GRANTS }, (_, at) =>
  grant({
    id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    key: `ASIASHARED${String(at).padStart(10, '0')}`,
    session: 'EKSGetTokenAuth',
    by: accountOnly('444455556666', `AROACONTRACTOR000001:${`name-${at}`.padEnd(64, 'x')}`),
  }),
);
const shared = eventBy(roleUser({ session: 'EKSGetTokenAuth', key: null }), { auditID: 'shared' });

describe('an event with hundreds of candidates', () => {
  it('is stored with as many candidates as fit, and says how many are left out', async () => {
    const { running } = await started();
    await running.grants(grants);
    expect(await running.ingest([shared, eventBy(roleUser(), { auditID: 'other' })])).toMatchObject({ recorded: 2 });
    const { attribution } = await running.only('shared');
    expect(attribution.status).toBe('ambiguous');
    expect(attribution.candidates?.length).toBeGreaterThan(100);
    expect(attribution).toHaveProperty('candidatesLeftOut', GRANTS - (attribution.candidates?.length ?? 0));
    expect(itemSize({ ...attribution })).toBeLessThan(120_000);
  });

  it('is corrected if more candidates become known, raises an alert, and then does not change', async () => {
    const { running, clock, stores } = await started();
    await running.ingest([shared]);
    await running.grants(grants);
    await running.settleFor(2);
    const [first] = (await stores.records.query({ by: 'audit-id', auditId: auditIdOf('shared') }, {}, { limit: 1 }))
      .records;
    expect(first?.record.attribution.candidatesLeftOut).toBeGreaterThan(0);
    clock.pass(20 * MINUTE);
    await running.settleFor(10);
    const [last] = (await stores.records.query({ by: 'audit-id', auditId: auditIdOf('shared') }, {}, { limit: 1 }))
      .records;
    expect(last?.record.attribution).toMatchObject({ status: 'ambiguous', provisional: false });
    expect(last?.revision).toBe((first?.revision ?? 0) + 1);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['ambiguous'] }]);
  });
});

describe('a stored record', () => {
  it('is the record itself if it fits', () => {
    const record = recordOf({ event: auditEvent(), records: [grant()] });
    expect(keptRecord(record)).toEqual(record);
  });

  it('fits into an item whatever texts its lists have, and keeps the source IP that the client did not write', () => {
    const long = Array.from({ length: 64 }, (_, at) => `${at}${'\u8a9e'.repeat(1_000)}`);
    const user = { ...roleUser(), groups: long };
    const event = auditEvent({
      user,
      impersonatedUser: { username: 'bob', groups: long },
      sourceIPs: [...long, '203.0.113.14'],
    });
    const kept = keptRecord(recordOf({ event, records: [] }));
    expect(itemSize({ record: kept })).toBeLessThan(200_000);
    expect(kept.caller.groups?.[0]).toBe(long[0]);
    expect(kept.source?.ips?.at(-1)).toBe('203.0.113.14');
  });
});
