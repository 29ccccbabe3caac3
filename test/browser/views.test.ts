import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { expectSound, openConsole, settled } from './console-window.ts';
import { VIEWS } from './views.ts';

const service = inject('service');

/** The folder for pictures of the views. Without it, no pictures are taken. */
const PICTURES = process.env.EKS_WHOIS_SCREENSHOTS;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

const SCREENS = [
  ['dark', 1_280],
  ['light', 1_280],
  ['dark', 360],
  ['light', 360],
] as const;

describe.each(SCREENS)('in %s, %i pixels wide', (colorScheme, width) => {
  it.each(VIEWS)('$name has no accessibility violations and no sideways scrolling', async ({ name, at, first }) => {
    const how = { colorScheme, viewport: { width, height: 800 } };
    await using window = await openConsole(`${service}/#/${at}`, how);
    const { page } = window;
    await settled(page);
    await first?.(page);
    await settled(page);
    await picture(page, `${name}-${colorScheme}-${width}`);
    const complaints = window.complaints.filter((complaint) => !/status of 404/.test(complaint)); // The search for an unknown name.
    await expectSound({ ...window, complaints });
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  });
});
