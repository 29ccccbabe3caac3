import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { openConsole, settled } from './console-window.ts';
import { VIEWS } from './views.ts';

const service = inject('service');

const MOST = 3;
const SESSION = { name: 'session', at: `session?of=${encodeURIComponent('AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth')}` };
const PLACES = [...VIEWS.filter(({ first, name }) => first === undefined || name === 'timeline'), SESSION];

/** Returns a list to which the page's further requests to the service are added. */
function recordRequests(page: Page): string[] {
  const questions: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (!pathname.includes('.') && pathname !== '/') questions.push(`${pathname}${search}`);
  });
  return questions;
}

const ASKS_NOTHING = ['incident-empty', 'nowhere'];

describe.each(PLACES)('$name', ({ name, at }) => {
  it(`sends at most ${MOST} requests on a new visit`, async () => {
    await using window = await openConsole('about:blank');
    const seenRequests = recordRequests(window.page);
    await window.page.goto(`${service}/#/${at}`);
    await settled(window.page);
    if (!ASKS_NOTHING.includes(name)) expect(seenRequests).not.toEqual([]);
    expect(seenRequests.length, seenRequests.join('\n')).toBeLessThanOrEqual(MOST);
  });

  it(`sends at most ${MOST} requests after another view`, async () => {
    await using window = await openConsole(`${service}/#/timeline`);
    const { page } = window;
    await settled(page);
    await page.evaluate(() => {
      location.hash = '#/incident';
    });
    await settled(page);
    const requests = recordRequests(page);
    await page.evaluate((to) => {
      location.hash = `#/${to}`;
    }, at);
    await settled(page);
    expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(MOST);
  });
});

it('typing a name loads the names once, and then searches as usual', async () => {
  await using window = await openConsole(`${service}/#/incident`);
  const { page } = window;
  await settled(page);
  const requests = recordRequests(page);
  await page.locator('#q').pressSequentially('payments-api-5f77');
  await settled(page);
  expect(requests, requests.join('\n')).toHaveLength(1);
  await page.keyboard.press('Enter');
  await settled(page);
  expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(1 + MOST);
});
