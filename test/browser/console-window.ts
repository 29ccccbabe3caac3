import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { startBrowser } from './browser.ts';

/** An open page of the console, with what went wrong in it. */
export interface ConsoleWindow extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings in the browser's console, exceptions, and requests to other origins. */
  readonly complaints: readonly string[];
}

/** The requests in flight, for each page. */
const inFlight = new WeakMap<Page, Set<Request>>();

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/** Opens the console at that address, in the one browser of the test file. */
export async function openConsole(url: string, how: BrowserContextOptions = {}): Promise<ConsoleWindow> {
  browser ??= startBrowser();
  const view = { viewport: { width: 1_280, height: 800 }, locale: 'en-GB', ...how };
  const context = await (await browser).newContext(view);
  context.setDefaultTimeout(600_000); // for what hangs
  const page = await context.newPage();
  const complaints: string[] = [];
  const questions = new Set<Request>();
  inFlight.set(page, questions);
  page.on('request', (request) => questions.add(request));
  page.on('requestfinished', (request) => questions.delete(request));
  page.on('requestfailed', (request) => questions.delete(request));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`fault: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`questions ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Returns the rows of the timeline that are drawn. */
export const rowsOf = (page: Page) => page.locator('#rows tbody tr[data-index]');

/** Waits until all requests are answered and the page shows no progress text. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main').waitFor();
  do await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 50))));
  while ((inFlight.get(page)?.size ?? 0) > 0);
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy=true]') === null &&
      [...document.querySelectorAll('p')].every(({ textContent }) => !/^(Loading|Searching)\b.*…/.test(textContent)),
  );
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const ALL_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Returns the accessibility violations, each with its element: by axe's rules for WCAG 2.2 AA, or by one of its rules. */
export async function violationsIn(page: Page, rules: 'all' | 'color-contrast' = 'all'): Promise<readonly string[]> {
  // `evaluate` uses the debugger, because the page's Content-Security-Policy allows no other script.
  await page.evaluate(AXE);
  const found = await page.evaluate(
    async (runOnly) => {
      const axe: {
        run(
          options: object,
        ): Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
      } = Reflect.get(window, 'axe');
      const { violations } = await axe.run({ runOnly });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`),
      );
    },
    rules === 'all' ? ALL_RULES : [rules],
  );
  return found;
}

/** Expects that nothing went wrong in the page, and that it has no accessibility violations. */
export async function expectSound({ page, complaints }: ConsoleWindow): Promise<void> {
  expect(await violationsIn(page)).toEqual([]);
  expect(complaints).toEqual([]);
}
