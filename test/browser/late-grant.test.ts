import { expect, it } from 'vitest';
import { MINUTE } from '../../lib/time.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { startBrowser } from './browser.ts';
import { openConsole, rowsOf } from './console-window.ts';
import { inMemory, serviceOver } from './own-service.ts';

it('a row in view is corrected when its grant comes late, and says so', async () => {
  const clock = new SetClock(utc('12:31:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  const [browser, { url, close }] = await Promise.all([startBrowser(), serviceOver(inMemory(stores), clock.now)]);
  try {
    await service.ingest([
      auditEvent({ requestReceivedTimestamp: utc('12:30:00'), user: roleUser({ session: 'alice' }) }),
    ]);
    await using window = await openConsole(browser, `${url}#/timeline`);
    const row = rowsOf(window.page).first();
    await row.filter({ hasText: 'pending' }).waitFor();
    await service.grants([grant({ id: 'alice', session: 'alice', at: utc('12:29:00'), by: iamUser('alice') })]);
    clock.pass(MINUTE);
    await service.settle();
    await row.filter({ hasText: 'attributed' }).filter({ hasText: 'corrected' }).waitFor({ timeout: 120_000 });
    expect(await row.textContent()).toContain('alice');
    expect(window.complaints).toEqual([]);
  } finally {
    await browser.close();
    await close();
  }
});
