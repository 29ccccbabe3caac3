import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { expectSound, opened } from './opened.ts';

let browser: Browser;
const service = inject('service');

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const at = (view = '') => `${service}/#/${view}`;
const field = (page: Page) => page.getByRole('combobox').first();

async function ask(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
  await page.waitForURL(/#\/who\?/);
}

describe('an analyst', () => {
  it('finds who deleted a pod by its name, or why nobody can be named, and what else they did', async () => {
    await using window = await opened(browser, at());
    const { page } = window;
    await ask(page, 'payments-api-5f77');
    const card = page.getByRole('article').first();
    await card.getByText('ambiguous').first().waitFor();
    const said = (await card.textContent()) ?? '';
    for (const words of ['ben.okafor', 'ana.silva', 'several actors could be meant', 'delete'])
      expect(said).toContain(words);
    await page.getByRole('link', { name: 'Everything that ben.okafor did' }).click();
    await page.getByRole('heading', { name: 'ben.okafor', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'See them in the timeline' }).click();
    await page.locator('#rows tbody tr[data-index]').first().waitFor();
    for (const row of await page.locator('#rows tbody tr[data-index]').allTextContents())
      expect(row).toContain('ben.okafor');
  });

  it('pastes an audit event, and sees the way from the person to the cluster, with its evidence', async () => {
    await using window = await opened(browser, at());
    const { page } = window;
    await ask(page, 'b90d4f36-f87d-47cd-a132-32b7e09aed63');
    const card = page.getByRole('article').first();
    await card
      .getByRole('heading', { name: /ben\.okafor/ })
      .first()
      .waitFor();
    const said = (await card.textContent()) ?? '';
    for (const words of [
      'attributed',
      'a grant issued the very access key',
      'orders-developer',
      'ASIAEPSSBBJMDEXAMPLE',
    ])
      expect(said).toContain(words);
    expect(said).toContain('1c8fcb74-2584-41c5-ac35-9633b637e6fc');
  });

  it('sees of an audit id that two callers used that it was both, before who the latest was by', async () => {
    await using window = await opened(browser, at('who?q=e63200d1-36fd-4495-a361-c712d89fb710'));
    const said = window.page.getByText('For the latest of 2 requests only');
    await said.waitFor();
    expect(await said.textContent()).toMatch(/dmitri\.volkov.*ana\.silva|ana\.silva.*dmitri\.volkov/);
  });

  it('collects a request into a report, and keeps it over a reload', async () => {
    await using window = await opened(browser, at('who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63'));
    const { page } = window;
    await page.getByRole('link', { name: 'Report it as an incident' }).click();
    await page.waitForURL(/#\/incident/);
    await page.getByRole('button', { name: 'Add to the incident' }).click();
    await page.getByText('orders-api-6c9f').first().waitFor();
    await page.reload();
    await page.getByText('orders-api-6c9f').first().waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Markdown' }).click(),
    ]);
    const text = readFileSync(await file.path(), 'utf8');
    for (const words of ['ben.okafor', 'orders-api-6c9f', 'a grant issued the very access key'])
      expect(text).toContain(words);
  });

  it('marks a session as looked at, with a note that the service keeps', async () => {
    await using window = await opened(browser, at('todo'));
    const { page } = window;
    await page.getByRole('heading', { name: 'To do' }).waitFor();
    await page.getByRole('button', { name: 'Note…' }).first().click();
    await page.getByRole('dialog').getByRole('textbox').fill('asked the team: their old operator');
    await page.getByRole('dialog').getByRole('button', { name: 'Mark as looked at' }).last().click();
    await expect
      .poll(async () => {
        const answer = await fetch(`${service}/notes?since=2026-03-01T00:00:00Z`);
        return JSON.stringify(await answer.json());
      })
      .toContain('asked the team: their old operator');
    expect(window.complaints).toEqual([]);
  });

  it('copies an event id by a click', async () => {
    await using window = await opened(browser, at('who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63'), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = window;
    await page.getByRole('button', { name: /1c8fcb74/ }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('1c8fcb74-2584-41c5-ac35-9633b637e6fc');
  });

  it('goes on from a name that completes what was begun, by the keyboard', async () => {
    await using window = await opened(browser, at());
    const { page } = window;
    await field(page).pressSequentially('chloe');
    await page
      .getByRole('option', { name: /chloe\.martin/ })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { name: /chloe\.martin/ })
      .first()
      .waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('learns of a caller whom nobody can name why that is, and what would help', async () => {
    await using window = await opened(browser, at('timeline?from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z'));
    const { page } = window;
    await page.locator('#rows tbody tr[data-index]').filter({ hasText: 'unattributed' }).first().click();
    const details = page.getByRole('complementary').last();
    await details.getByText('unattributed').first().waitFor();
    expect(await page.locator('body').textContent()).toMatch(/grant|token|session/i);
  });

  it.each([
    'actor?of=ben.okafor',
    'role?of=payments-developer',
    'cluster?of=prod',
    'namespace?of=payments&cluster=staging',
  ])('sees a page of %s in at most three requests', async (view) => {
    await using window = await opened(browser, at());
    const { page } = window;
    await page.waitForLoadState('networkidle');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${view}`);
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(window.complaints).toEqual([]);
  });
});

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  it.each([
    '',
    'who?q=payments-api-5f77',
    'todo',
    'overview',
    'incident',
    'who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63',
    'actor?of=ben.okafor',
    'role?of=payments-developer',
  ])('hinders nobody: %j, on a screen and on a phone', async (view) => {
    for (const width of [1_280, 360]) {
      await using window = await opened(browser, at(view), { colorScheme, viewport: { width, height: 800 } });
      await window.page.locator('h1').first().waitFor();
      await window.page.waitForLoadState('networkidle');
      const complaints = window.complaints.filter((complaint) => !/status of 404/.test(complaint)); // of a name that is none
      await expectSound({ ...window, complaints });
      const isWide = await window.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(isWide).toBe(false);
    }
  });
});
