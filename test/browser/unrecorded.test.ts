import { expect, it } from 'vitest';
import { parseRecording } from '../../lib/audit/recording.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { startBrowser } from './browser.ts';
import { openConsole } from './console-window.ts';
import { inMemory, serviceOver } from './own-service.ts';

it('the overview says which reads are not recorded', async () => {
  const clock = new SetClock(utc('12:31:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const recording = parseRecording('omit-reads:leases,nodes/metrics');
  const service = new Service(stores, clock, { withoutLookups: true, recording });
  const [browser, { url, close }] = await Promise.all([startBrowser(), serviceOver(inMemory(stores), clock.now)]);
  try {
    await service.ingest([auditEvent({ requestReceivedTimestamp: utc('12:30:00') })]);
    await using window = await openConsole(browser, `${url}#/overview`);
    const told = window.page.getByText('Reads of leases, nodes/metrics are not recorded.');
    await told.waitFor({ timeout: 60_000 });
    expect(window.complaints).toEqual([]);
  } finally {
    await browser.close();
    await close();
  }
});
