import { describe, expect, inject, it } from 'vitest';
import { openConsole, rowsOf, settled } from './console-window.ts';

const service = inject('service');

/** Returns the answer of a service that refuses the parameter. */
const refused = (detail: string) => ({ status: 400, body: JSON.stringify({ detail }) });

describe('the time of the newest record', () => {
  it('is requested from the records if the service refuses it with the names', async () => {
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route('**/known?**newest=true**', (route) =>
      route.fulfill(refused('There is no parameter of this name')),
    );
    await page.goto(`${service}/#/actor?of=ben.okafor`);
    await settled(page);
    expect(await page.locator('.entity-said').textContent()).toContain('requests in this time range');
  });

  it('is requested again by the next view if the service refused it once', async () => {
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route('**/records?from=1970**', (route) => route.fulfill(refused('Not now.')), { times: 1 });
    await page.goto(`${service}/#/overview`);
    await settled(page);
    await page.evaluate(() => {
      location.hash = '#/timeline';
    });
    await rowsOf(page).first().waitFor();
  });
});
