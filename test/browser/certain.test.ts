import { expect, inject, it } from 'vitest';
import { openConsole, rowsOf, settled } from './console-window.ts';

const service = inject('service');

/** Ben deleted orders-api-6c9f. Ana had a session with the same role and name at that time. */
const DELETION = 'b90d4f36-f87d-47cd-a132-32b7e09aed63';
const BENS_KEY = 'ASIAEPSSBBJMDEXAMPLE';
const SHARED = 'AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth';

it('a session with a known access key links to the requests with that key, not to other sessions with its name', async () => {
  await using window = await openConsole(`${service}/#/who?q=${DELETION}`);
  const { page } = window;
  await page.getByRole('link', { name: 'Everything that this session did' }).click();
  await page.getByRole('heading', { level: 2, name: 'ben.okafor' }).waitFor(); // the other view's has another one
  await settled(page);
  expect(await page.locator('.entity-said').textContent()).toContain('4 requests');
  expect(await page.locator('.requests').textContent()).not.toContain('ana.silva');

  for (const place of [`who?q=${DELETION}`, 'actor?of=ben.okafor', `timeline?auditId=${DELETION}`]) {
    await page.goto(`${service}/#/${place}`);
    await settled(page);
    if (place.startsWith('timeline')) await rowsOf(page).first().click();
    const link = page.locator(`a[href*="#/session?of=${BENS_KEY}"]`).first();
    await link.waitFor();
  }
});

it('the page of a session name lists the sessions of all actors who used it', async () => {
  await using window = await openConsole(`${service}/#/session?of=${encodeURIComponent(SHARED)}`);
  await settled(window.page);
  const rows = window.page.locator('.sessions tbody tr');
  expect(
    (await rows.allTextContents()).map((row) => /ana\.silva|ben\.okafor|unattributed/.exec(row)?.[0]).sort(),
  ).toEqual(['ana.silva', 'ben.okafor', 'unattributed']);
});

it('sessions with the same name show their roles', async () => {
  await using window = await openConsole(`${service}/#/who?q=EKSGetTokenAuth`);
  await settled(window.page);
  const heads = await window.page.locator('.sessions th').allTextContents();
  const roles = await window.page.locator(`.sessions td:nth-child(${heads.indexOf('Role') + 1})`).allTextContents();
  expect([...new Set(roles)].sort()).toEqual(['cluster-operator', 'orders-developer', 'payments-developer']);
  await window.page.goto(`${service}/#/session?of=${encodeURIComponent(SHARED)}`);
  await window.page.getByRole('heading', { name: 'Sessions and access keys' }).waitFor();
  expect(await window.page.locator('.sessions th').allTextContents()).not.toContain('Role'); // There is one role, named above.
});

it('a role without a known grant has the name in its STS ARN', async () => {
  await using window = await openConsole(`${service}/#/who?q=ASIALRSYIHHNVEXAMPLE`);
  await settled(window.page);
  expect(await window.page.locator('.path .name-role').textContent()).toBe('orders-developer');
});

it('an option of the command line does not break across lines', async () => {
  const afterItsEnd = 'q=ASIATOZF6XHK2EXAMPLE&at=2026-03-10T22:30:00Z';
  await using window = await openConsole(`${service}/#/who?${afterItsEnd}`);
  await settled(window.page);
  const options = window.page.locator('.certain .option');
  expect(await options.allTextContents()).toEqual(['--at']);
  for (const width of [1_280, 900, 390, 340]) {
    await window.page.setViewportSize({ width, height: 800 });
    expect(await options.evaluateAll((all) => all.map((each) => each.getClientRects().length))).toEqual([1]);
  }
});

it('the start page shows where the time range ends, if that is not now', async () => {
  await using window = await openConsole(`${service}/`);
  await settled(window.page);
  expect(await window.page.locator('.range-open').textContent()).toBe('Last 24 hoursup to 10 Mar');
});

/** Returns the text of the page at that address. */
async function textAt(at: string, how = {}): Promise<string> {
  await using window = await openConsole(`${service}/#/${at}`, how);
  await settled(window.page);
  const text = await window.page.locator('main').textContent();
  return text?.trim() ?? '';
}

it('an unidentified caller has a question mark on the start page', async () => {
  await using window = await openConsole(`${service}/`);
  await settled(window.page);
  const row = window.page.locator('.requests tbody tr', { hasText: 'legacy-ops' });
  expect(await row.locator('.by-name').textContent()).toBe('? legacy-ops');
});

it('an access key without records shows no session and no cluster', async () => {
  const text = await textAt('who?q=ASIAZZZZZZZZZEXAMPLE');
  expect(text).toContain('from your search');
  expect(text).not.toContain('from the audit log');
  expect(text).not.toContain('SessionASIA');
});

it('an unknown id is reported as unknown, without a search for objects', async () => {
  const text = await textAt('who?q=11111111-2222-4333-8444-555555555555');
  expect(text).toContain('No record has this audit ID.');
  expect(text).not.toMatch(/start with|older records/i);
});

it('a text that is not recognized is reported without words of the API', async () => {
  expect(await textAt('who?q=lorem%20ipsum%20%24%24')).toMatch(/^The text was not recognized\./);
});

it('one item that is not shown is in the singular', async () => {
  expect(await textAt('cluster?of=prod')).toContain('1 more is not shown.');
});

it('names are not cut off if there is room for them', async () => {
  await using window = await openConsole(`${service}/#/timeline?object=payments-api-5f77`);
  await settled(window.page);
  const cut = await rowsOf(window.page)
    .first()
    .locator('td')
    .evaluateAll((cells) =>
      cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
    );
  expect(cut).toEqual([]);
});

it('on a phone, a name does not break if the tag after it can move to the next line', async () => {
  await using window = await openConsole(`${service}/`, { viewport: { width: 360, height: 740 } });
  await settled(window.page);
  const name = window.page.locator('.requests .by-name', { hasText: 'chloe.martin' }).first();
  expect(await name.evaluate((element) => element.getClientRects().length)).toBe(1);
});
