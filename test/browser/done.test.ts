import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { expectSound, openConsole, rowsOf, settled } from './console-window.ts';
import { inMemory, serviceOver } from './own-service.ts';

/** The page shows what was done as the command's report does. */

const KEY = 'ASIAALICESESSION0001';
const EVE = 'arn:aws:iam::111122223333:role/eve';
const DAY = 'from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z';

async function serviceOfStory() {
  const clock = new SetClock(utc('13:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  const userIdentity = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', key: KEY });
  const change = { userIdentity, eventTime: utc('12:05:00'), eventID: 'c1' };
  await running.grants([
    grant({ key: KEY, at: utc('12:00:00') }),
    eksCall('CreateAccessEntry', { principalArn: EVE }, change),
  ]);
  const event = (time: string, auditID: string, more: object = {}) =>
    eventBy(roleUser({ key: KEY }), { auditID, requestReceivedTimestamp: utc(time), ...more });
  const strange = { sourceIPs: ['45.83.64.11'], userAgent: 'python-requests/2.32' };
  await running.ingest([event('12:02:00', 'first'), event('12:12:00', 'now'), event('12:15:00', 'strange', strange)]);
  await running.settleFor(20);
  return serviceOver(inMemory(stores), clock.now);
}

const PICTURES = process.env.EKS_WHOIS_SCREENSHOTS;

describe('changes through the EKS API', () => {
  it('are on the timeline, with who made them, or with why none is known', async () => {
    await using own = await serviceOfStory();
    await using window = await openConsole(`${own.url}#/timeline?${DAY}`);
    const { page } = window;
    await rowsOf(page).first().waitFor();
    await settled(page);
    const section = page.locator('.cluster-changes');
    expect(await section.locator('summary').textContent()).toContain('1 change of a cluster through the EKS API');
    const row = await section.locator('tbody tr').textContent();
    for (const words of ['alice', 'CreateAccessEntry', EVE, 'prod']) expect(row).toContain(words);
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, 'cluster-changes.png') });
    await expectSound(window);
    await page.goto(`${own.url}#/timeline?${DAY}&actor=nobody`);
    await section.getByText('No change of a cluster through the EKS API is known').waitFor();
  });
});

describe('the report of collected requests', () => {
  it('has what was first used, and what to do next', async () => {
    await using own = await serviceOfStory();
    await using window = await openConsole(`${own.url}#/timeline?${DAY}`);
    const { page } = window;
    await rowsOf(page).first().waitFor();
    await page.getByRole('button', { name: /^Add all 3 to incident/ }).click();
    await page.getByRole('link', { name: 'Incident', exact: true }).click();
    const report = page.getByRole('article', { name: 'Incident report' });
    await report.getByText('First uses in this time range').waitFor();
    await report.getByText('Changes of clusters through the EKS API').waitFor();
    await settled(page);
    const words = await report.textContent();
    for (const each of [
      '45.83.64.11',
      'These values were compared with 3 requests by the same actor since',
      'What to do next',
      'aws eks delete-access-entry',
    ])
      expect(words).toContain(each);
    expect(words).toContain(`Delete the access entry of ${EVE} that was created`);
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, 'incident-done.png'), fullPage: true });
    await expectSound(window);
  });
});
