import { describe, expect, inject, it } from 'vitest';
import { openConsole, rowsOf, settled } from './console-window.ts';

const service = inject('service');

/** Answered as by a service that does not take it. */
const refused = (detail: string) => ({ status: 400, body: JSON.stringify({ detail }) });

describe('where the logs end', () => {
  it('is asked of the records where a service does not tell it beside names, as one of before does not', async () => {
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route('**/known?**newest=true**', (route) =>
      route.fulfill(refused('There is no parameter of this name')),
    );
    await page.goto(`${service}/#/actor?of=ben.okafor`);
    await settled(page);
    expect(await page.locator('.entity-said').textContent()).toContain('requests in this time range');
  });

  it('is asked again by the next view, where the service refused it once', async () => {
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
