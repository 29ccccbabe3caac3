import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { openConsole, settled, violationsIn } from './console-window.ts';
import { VIEWS } from './views.ts';

const service = inject('service');

/** The folder for pictures of the views. Without it, no pictures are taken. */
const PICTURES = process.env.EKS_WHOIS_SCREENSHOTS;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** Violations of all rules depend on the width, those of the contrast on the color scheme too. */
const SCREENS = [
  { colorScheme: 'dark', width: 1_280, rules: 'all' },
  { colorScheme: 'light', width: 1_280, rules: 'color-contrast' },
  { colorScheme: 'light', width: 360, rules: 'all' },
  { colorScheme: 'dark', width: 360, rules: 'color-contrast' },
] as const;

describe('dark and light, wide and narrow', () => {
  it.each(VIEWS)('$name has no accessibility violations and no sideways scrolling', async ({ name, at, first }) => {
    await using window = await openConsole(`${service}/#/${at}`, { colorScheme: 'dark' });
    const { page } = window;
    await settled(page);
    await first?.(page);
    for (const { colorScheme, width, rules } of SCREENS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await settled(page);
      await picture(page, `${name}-${colorScheme}-${width}`);
      expect(await violationsIn(page, rules)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
    }
    expect(window.complaints.filter((complaint) => !/status of 404/.test(complaint))).toEqual([]); // The search for an unknown name.
  });
});
