import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ACCOUNT, impersonatedAccount } from '../usecases/impersonated-account.ts';
import { startBrowser } from './browser.ts';
import { opened, settled } from './opened.ts';
import { inMemory, serviceOver } from './own-service.ts';

let browser: Browser;
const service = inject('service');

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe('a service account whom a person impersonated before the newest records', () => {
  it('is never said to have nobody behind it: older records are looked through, and the person is named', async () => {
    const { stores, clock } = await impersonatedAccount();
    const own = await serviceOver(inMemory(stores), clock.now);
    try {
      await using window = await opened(browser, 'about:blank');
      const { page } = window;
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await page.route(
        (url) => url.pathname.endsWith('/whois') && !url.searchParams.has('quick'),
        async (route) => {
          await held;
          await route.continue();
        },
      );
      await page.goto(`${own.url}#/who?q=${encodeURIComponent(ACCOUNT)}`);
      await page.getByText('Looking further back').waitFor();
      const card = page.getByRole('article').first();
      const quick = await card.textContent();
      expect(quick).toContain('Only the newest 200 records were looked through.');
      expect(quick).toContain('not all records were checked');
      expect(quick).not.toContain('No record shows anybody else');
      letGo();
      await card.getByRole('link', { name: 'alice', exact: true }).waitFor();
      await settled(page);
      expect(await page.getByText('Looking further back').count()).toBe(0);
    } finally {
      await own.close();
    }
  });

  it('keeps the first answer, and says what is in the way, where older records cannot be looked through', async () => {
    const { stores, clock } = await impersonatedAccount();
    const own = await serviceOver(inMemory(stores), clock.now);
    try {
      await using window = await opened(browser, 'about:blank');
      const { page } = window;
      await page.route(
        (url) => url.pathname.endsWith('/whois') && !url.searchParams.has('quick'),
        (route) => route.fulfill({ status: 403, body: '{"detail":"The quota is used up."}' }),
      );
      await page.goto(`${own.url}#/who?q=${encodeURIComponent(ACCOUNT)}`);
      await page.getByText('The quota is used up.').waitFor();
      await page.getByText('Older ones were not looked through').waitFor();
      expect(await page.getByRole('article').first().textContent()).toContain('not all records were checked');
    } finally {
      await own.close();
    }
  });
});

describe('a stored request', () => {
  const ID = 'b90d4f36-f87d-47cd-a132-32b7e09aed63';

  it('that is asked for by its audit id is said to be from the audit log', async () => {
    await using window = await opened(browser, `${service}/#/who?q=${ID}`);
    await settled(window.page);
    const said = await window.page.getByRole('article').first().textContent();
    expect(said).toContain('From the audit log.');
    expect(said).not.toContain('anybody can write');
  });

  it('that is pasted with another object than the stored one is the text’s word', async () => {
    const { records } = (await (await fetch(`${service}/records?auditId=${ID}`)).json()) as {
      records: { request: object }[];
    };
    const [record] = records;
    const changed = { ...record, request: { ...record?.request, name: 'prod-db' } };
    await using window = await opened(browser, `${service}/#/who?q=${encodeURIComponent(JSON.stringify(changed))}`);
    await settled(window.page);
    const said = await window.page.getByRole('article').first().textContent();
    expect(said).toContain('prod-db');
    expect(said).toContain('anybody can write');
    expect(said).not.toContain('From the audit log.');
  });
});
