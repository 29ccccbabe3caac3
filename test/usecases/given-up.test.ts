import { describe, expect, it } from 'vitest';
import { hourOf } from '../../lib/counts/hours.ts';
import type { JsonObject } from '../../lib/json.ts';
import { HOUR, MINUTE } from '../../lib/time.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { grant } from '../builders/trail-records.ts';
import { forgotten } from '../contract/intents.ts';
import { Crashes } from '../model/steps.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const at = (time: string) => ({ requestReceivedTimestamp: utc(time) });

/** The cluster's own callers, whom no claim covers, an anonymous one, and two sessions. One session is known and proven. */
const EVENTS: readonly JsonObject[] = [
  ...['a', 'b', 'c'].map((name) =>
    auditEvent({ auditID: name, user: { username: `system:serviceaccount:shop:${name}` }, ...at('12:10:00') }),
  ),
  auditEvent({ auditID: 'anonymous', user: { username: 'system:anonymous' }, ...at('11:59:59') }),
  eventBy(roleUser({ key: KEY }), { auditID: 'alice', ...at('12:10:01') }),
  eventBy(roleUser({ key: keyId('ASIANOBODYSESSION001'), session: 'nobody' }), {
    auditID: 'nobody',
    ...at('12:10:02'),
  }),
];

function begun() {
  const clock = new SetClock(utc('12:11:00'));
  const crashes = new Crashes();
  const stores = memoryStores({ ...calmWorld(clock.now), beforeWrite: crashes.beforeWrite });
  const service = new Service(stores, clock, { withoutLookups: true });
  const total = async () => {
    const hours = [hourOf(Date.parse(utc('11:00:00'))), hourOf(Date.parse(utc('12:00:00')))];
    const counted = await Promise.all(hours.map((hour) => stores.counts.count(hour)));
    return counted.flatMap(({ counts }) => counts).reduce((sum, each) => sum + each.total, 0);
  };
  /** Alice's session is known, so that her next request opens no claim. */
  const known = async () => {
    await service.grants([grant({ id: 'alice' })]);
    await service.ingest([eventBy(roleUser({ key: KEY }), { auditID: 'before', ...at('12:09:00') })], 'before');
    await service.settleFor(5);
  };
  return { clock, crashes, stores, service, total, known };
}

describe('a delivery that is no longer retried', () => {
  it('is counted as far as it was stored, wherever it ended, and wherever settle ends meanwhile', async () => {
    let [crash, hasEnded] = [0, false];
    for (; !hasEnded; crash += 1) {
      for (const settled of [0, 1, 2, Number.POSITIVE_INFINITY]) {
        const { clock, crashes, stores, service, total, known } = begun();
        await known();
        hasEnded = await crashes.during(crash, () => service.ingest(EVENTS, 'delivery'));
        clock.pass(6 * MINUTE);
        await crashes.during(settled, () => service.settle());
        await service.settleFor(10);
        expect({ crash, settled, total: await total() }).toEqual({
          crash,
          settled,
          total: stores.records.all().length,
        });
        expect(await forgotten(stores.intents, clock.now())).toEqual([]);
      }
    }
    expect(crash).toBeGreaterThan(EVENTS.length + 2);
  });

  it('is counted again in hours that were counted before', async () => {
    const { clock, crashes, stores, service, known } = begun();
    await known();
    clock.pass(3 * HOUR);
    await service.settleFor(5);
    await crashes.during(6, () => service.ingest(EVENTS, 'delivery'));
    const stored = stores.records.all().length;
    expect(stored).toBeGreaterThan(1);
    clock.pass(6 * MINUTE);
    await service.settleFor(15);
    const kept = await stores.counts.kept(hourOf(Date.parse(utc('11:00:00'))), hourOf(Date.parse(utc('12:00:00'))));
    expect(kept.reduce((sum, { total }) => sum + total, 0)).toBe(stored);
  });
});
