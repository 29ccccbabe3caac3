import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { openConsole, rowsOf as rows } from './console-window.ts';

/** The day of the examples. */
const DAY = 'from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z';

const service = inject('service');

const at = (view: string) => `${service}/#/${view}`;
const hashOf = (page: Page) => new URL(page.url()).hash;

describe('the timeline', () => {
  it('opens at the newest records and says so, even years later', async () => {
    await using window = await openConsole(at('timeline'));
    await rows(window.page).first().waitFor();
    expect(await window.page.getByRole('banner').textContent()).toMatch(/up to .*(?:10 Mar|Mar 10)/);
  });

  it('shows the impersonated user after a plain space', async () => {
    await using window = await openConsole(at(`timeline?${DAY}&flag=impersonation`));
    await rows(window.page).first().waitFor();
    const text = (await rows(window.page).allTextContents()).join();
    expect(text).toMatch(/\S as \S/);
    expect(text).not.toContain('u0020');
  });

  it('filters by a value, which is in the address; going back removes it', async () => {
    await using window = await openConsole(at(`timeline?${DAY}`));
    const { page } = window;
    await rows(page).first().waitFor();
    const before = await rows(page).count();
    await page.getByRole('button', { name: /^delete/ }).click();
    await expect.poll(() => hashOf(page)).toContain('verb=delete');
    await expect.poll(() => rows(page).count()).toBeLessThan(before);
    for (const text of await rows(page).allTextContents()) expect(text).toContain('delete');
    await page.goBack();
    await expect.poll(() => hashOf(page)).not.toContain('verb=delete');
    await expect.poll(() => rows(page).count()).toBe(before);
    expect(window.complaints).toEqual([]);
  });

  it('works with the keyboard alone: rows, opening one, and closing it', async () => {
    await using window = await openConsole(at(`timeline?${DAY}&verb=delete`));
    const { page } = window;
    await rows(page).first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await page.getByRole('button', { name: 'Skip to rows' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('rows');
    await page.getByRole('link', { name: 'Timeline' }).focus();
    await page.keyboard.press('r');
    expect(await focused()).toBe('rows');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => hashOf(page)).toContain('open=');
    const opensWith = hashOf(page);
    const words = await page.getByRole('complementary').allTextContents();
    expect(words.join(' ')).toMatch(/delete/);
    await page.keyboard.press('Escape');
    await expect.poll(() => hashOf(page)).not.toContain('open=');

    // The open row is in the address.
    await using other = await openConsole(`${service}/${opensWith}`);
    await other.page.getByText('Evidence', { exact: false }).first().waitFor();
    expect(other.complaints).toEqual([]);
  });

  it('zooms with the keyboard in its chart, and back', async () => {
    await using window = await openConsole(at(`timeline?${DAY}`));
    const { page } = window;
    await rows(page).first().waitFor();
    const before = hashOf(page);
    await page.getByRole('application').or(page.locator('[class*=histogram] [tabindex="0"]')).first().focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Enter']) await page.keyboard.press(key);
    await expect.poll(() => hashOf(page)).not.toBe(before);
    await page.goBack();
    await expect.poll(() => hashOf(page)).toBe(before);
  });

  it.each([
    [503, "The service can't answer"],
    [429, 'The service is receiving too many requests'],
  ])('says why there is no answer (%i), and retries by itself', async (status, message) => {
    await using window = await openConsole(`${service}/#/overview`); // asks for no records itself
    const { page } = window;
    let failures = 2;
    await page.route('**/records?**', async (route) => {
      failures -= 1;
      if (failures < 0) return route.continue();
      return route.fulfill({ status, headers: { 'retry-after': '1' }, body: '{"detail":"Ask again."}' });
    });
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/timeline?${DAY}`);
    await page.getByText(message).waitFor();
    await rows(page).first().waitFor();
    await expect.poll(() => page.getByText(message).isVisible()).toBe(false);
  });

  it('waits while the network is down, and continues afterwards', async () => {
    await using window = await openConsole(at(`timeline?${DAY}`));
    const { page } = window;
    await rows(page).first().waitFor();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: /^delete/ }).click();
    await page.getByText("Can't reach the service").waitFor();
    await page.context().setOffline(false);
    await expect
      .poll(async () => (await rows(page).allTextContents()).every((text) => text.includes('delete')))
      .toBe(true);
    await expect.poll(() => page.getByText("Can't reach the service").isVisible()).toBe(false);
  });

  it('shows the service’s own words if it refuses', async () => {
    await using window = await openConsole(`${service}/#/`);
    const { page } = window;
    await page.route('**/records?**', (route) =>
      route.fulfill({ status: 403, body: '{"detail":"The token has none of the groups that may use this service."}' }),
    );
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/timeline?${DAY}`);
    await page.getByText('The token has none of the groups that may use this service.').waitFor();
  });
});
