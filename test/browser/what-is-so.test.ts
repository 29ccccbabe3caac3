import { describe, expect, inject, it } from 'vitest';
import { PATHS } from '../../infra/api.ts';
import { identified } from '../../lib/attribution/actor.ts';
import { parseSamePersons } from '../../lib/attribution/same-person.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseRecording } from '../../lib/audit/recording.ts';
import { MINUTE } from '../../lib/time.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { recordBy, storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { ACCOUNT, impersonatedAccount } from '../usecases/impersonated-account.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { openConsole, rowsOf, settled } from './console-window.ts';
import { inMemory, serviceOf, serviceOver } from './own-service.ts';

const service = inject('service');

describe('a service account that a person impersonated before the newest records', () => {
  it('is not reported without the person: older records are searched, and the person is named', async () => {
    const { stores, clock } = await impersonatedAccount();
    await using own = await serviceOver(inMemory(stores), clock.now);
    await using window = await openConsole('about:blank');
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
    await page.getByText('Searching older records').waitFor();
    const card = page.getByRole('article').first();
    const quick = await card.textContent();
    expect(quick).toContain('Only the newest 200 records were searched.');
    expect(quick).toContain('not all records were checked');
    expect(quick).not.toContain('No record shows anyone else');
    letGo();
    await card.getByRole('link', { name: 'alice', exact: true }).waitFor();
    await settled(page);
    expect(await page.getByText('Searching older records').count()).toBe(0);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(ACCOUNT);
    expect(await card.locator('.who-status').first().textContent()).toBe(
      '1 request by alice, who impersonated this username',
    );
    expect(await page.getByText('Show all activity').count()).toBe(0);
  });

  it('keeps the first answer, and says why older records could not be searched', async () => {
    const { stores, clock } = await impersonatedAccount();
    await using own = await serviceOver(inMemory(stores), clock.now);
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route(
      (url) => url.pathname.endsWith('/whois') && !url.searchParams.has('quick'),
      (route) => route.fulfill({ status: 403, body: '{"detail":"The quota is used up."}' }),
    );
    await page.goto(`${own.url}#/who?q=${encodeURIComponent(ACCOUNT)}`);
    await page.getByText('The quota is used up.').waitFor();
    await page.getByText('Older records could not be searched').waitFor();
    expect(await page.getByRole('article').first().textContent()).toContain('not all records were checked');
  });
});

describe('somebody who may see only some clusters', () => {
  it('sees at the top which ones, and others see nothing of it', async () => {
    await using all = await openConsole(`${service}/`);
    await settled(all.page);
    expect(await all.page.locator('.limits:visible').count()).toBe(0);
    await using window = await openConsole('about:blank');
    const { page } = window;
    const isQuestion = ({ pathname }: URL) => PATHS.some((path) => path === pathname);
    await page.route(isQuestion, async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'eks-whois-clusters': 'prod-*, bl%C3%A5' };
      await route.fulfill({ response, headers });
    });
    await page.goto(`${service}/`);
    await page.getByText('You may see these clusters only: prod-*, blå.').waitFor();
    await settled(page);
    await page.unrouteAll({ behavior: 'wait' });
  });
});

describe('a stored request', () => {
  const ID = 'b90d4f36-f87d-47cd-a132-32b7e09aed63';

  it('that is found by its audit id is shown as from the audit log', async () => {
    await using window = await openConsole(`${service}/#/who?q=${ID}`);
    await settled(window.page);
    const text = await window.page.getByRole('article').first().textContent();
    expect(text).toContain('From the audit log.');
    expect(text).not.toContain('anyone can write');
  });

  it('that is pasted with another object names no single caller', async () => {
    const { records } = (await (await fetch(`${service}/records?auditId=${ID}`)).json()) as {
      records: { request: object }[];
    };
    const [record] = records;
    const changed = { ...record, request: { ...record?.request, name: 'prod-db' } };
    await using window = await openConsole(`${service}/#/who?q=${encodeURIComponent(JSON.stringify(changed))}`);
    await settled(window.page);
    const text = await window.page.getByRole('article').first().textContent();
    expect(text).toContain('Different from the text: object.');
    expect(text).not.toContain('From the audit log.');
  });
});

/** More requests than the page loads at first, spread over twelve hours. */
const MANY = 700;

async function busyDay() {
  const clock = new SetClock(utc('12:31:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  await running.ingest(
    Array.from({ length: MANY }, (_, at) =>
      auditEvent({
        auditID: `id-${at}`,
        verb: 'get',
        user: roleUser({ session: 'alice' }),
        requestReceivedTimestamp: new Date(Date.parse(utc('00:15:00')) + at * MINUTE).toISOString(),
      }),
    ),
  );
  return serviceOver(inMemory(stores), clock.now);
}

const DAY = `from=${utc('00:00:00')}&to=${utc('12:00:00')}`;

describe('a time range whose requests are not all loaded', () => {
  it('shows which times are not loaded, and the scope of each number', async () => {
    await using own = await busyDay();
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route(
      (url) => url.pathname.endsWith('/records') && url.searchParams.has('cursor'),
      () => undefined, // Further pages get no answer.
    );
    await page.goto(`${own.url}#/timeline?${DAY}&verb=get`);
    await rowsOf(page).first().waitFor();
    expect(await page.locator('.histogram .unread').count()).toBe(1);
    expect(await page.locator('.histogram-said').textContent()).toContain('not loaded');
    const foot = await page.locator('.foot').textContent();
    expect(foot).toContain('500 requests loaded; older ones are not.');
    expect(foot).toContain('Add the loaded 500 to incident');
    expect(await page.getByRole('complementary', { name: 'Filters' }).textContent()).toContain('500 requests loaded');
    await page.locator('.histogram-frame').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.histogram-said').textContent()).toMatch(/: not loaded/);
  });

  it('shows on the page of a cluster which hours are not loaded, and which are outside of the range', async () => {
    await using own = await busyDay();
    await using window = await openConsole(`${own.url}#/cluster?of=prod-1&${DAY}`);
    const { page } = window;
    await settled(page);
    expect(await page.locator('.entity-said').textContent()).toContain(
      'Based on the newest 400 requests in this time range; older ones are not counted.',
    );
    const cells = page.locator('.hours tbody tr').first().locator('td');
    expect(await cells.nth(1).textContent()).toBe('not loaded');
    expect(await cells.nth(11).textContent()).toMatch(/^\d+$/);
    expect(await page.locator('.hours-key').textContent()).toContain('Not loaded');
    const looks = await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell).background));
    expect(new Set([looks[1], looks[11], looks[20]]).size).toBe(3); // not loaded, busy, outside
    expect(await cells.nth(20).textContent()).toBe('not in this time range');
  });
});

describe('two of one name', () => {
  it('clusters stand with their accounts', async () => {
    const ofProd = (account: string) =>
      storedRecord({ auditID: account, requestReceivedTimestamp: utc('12:10:00') }, [], 'prod', {
        clusterArn: `arn:aws:eks:eu-west-1:${account}:cluster/prod`,
      });
    await using own = await serviceOf([ofProd('111122223333'), ofProd('999900001111')]);
    await using window = await openConsole(`${own.url}#/timeline?${DAY_OF_BOTH}`);
    for (const account of ['111122223333', '999900001111'])
      await rowsOf(window.page)
        .filter({ hasText: `prod (${account}` })
        .waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('are one person with all IDs on the page, if the operator says so', async () => {
    const [first, second] = ['iam-user/111122223333/AIDAANN', 'iam-user/444455556666/AIDABEA'];
    const user = (name: string, accountId: string, principalId: string) =>
      identified({ kind: 'iam-user', name, accountId, principalId });
    const stores = memoryStores(calmWorld(() => NOW));
    await stores.records.insert([
      recordBy(user('ann', '111122223333', 'AIDAANN'), '2026-03-01', 'ann'),
      recordBy(user('bea', '444455556666', 'AIDABEA'), '2026-03-02', 'bea'),
    ]);
    const samePerson = parseSamePersons([`${first}=${second}`]);
    await using own = await serviceOver(inMemory(stores), () => NOW, { ...DEFAULT_SETTINGS, samePerson });
    await using window = await openConsole(`${own.url}#/actor?of=${encodeURIComponent(first)}`);
    await window.page.locator('.facts').getByText('Other IDs').waitFor();
    expect(await window.page.locator('.facts').textContent()).toContain(second);
    expect(window.complaints).toEqual([]);
  });
});

const DAY_OF_BOTH = `from=${utc('00:00:00')}&to=${utc('23:00:00')}&system=shown`;

describe('a missing answer', () => {
  const TIMELINE = 'timeline?from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z&verb=delete';

  it.each([
    [401, 'Unauthorized', 'The service refused the request (401)'],
    [403, 'Forbidden', 'The service refused the request (403)'],
  ])('that was refused (%i) shows that, with what to do and without a number', async (status, message, expected) => {
    await using window = await openConsole(`${service}/#/incident`);
    const { page } = window;
    await settled(page);
    await page.route('**/records?**', (route) => route.fulfill({ status, body: JSON.stringify({ message }) }));
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${TIMELINE}`);
    const problem = page.getByRole('alert').filter({ hasText: expected });
    await problem.waitFor();
    expect(await problem.textContent()).toContain('Check the credentials');
    expect(await page.locator('main').textContent()).not.toMatch(/\b0 requests|No matching request/);
    expect(await page.locator('.histogram-said').textContent()).toContain('not loaded');
  });

  it('has no script for the report after the service was updated: it says to reload the page', async () => {
    await using window = await openConsole(`${service}/#/home`);
    const { page } = window;
    await settled(page);
    await page.route('**/console/incident-*.js', (route) => route.fulfill({ status: 404, body: 'Not Found' }));
    await page.evaluate(() => {
      location.hash = '#/incident';
    });
    const problem = page.getByRole('alert');
    await problem.waitFor();
    expect(await problem.textContent()).toBe("This view can't be loaded. Reload the page.");
  });

  it('shows that it is loading, and no empty result before the answer', async () => {
    await using window = await openConsole(`${service}/#/incident`);
    const { page } = window;
    await settled(page);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/records?**namespace=none-such**', async (route) => {
      await held;
      await route.continue();
    });
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${TIMELINE}&namespace=none-such`);
    await page.locator('.timeline').getByText('Loading…').first().waitFor();
    expect(await page.locator('main').textContent()).not.toMatch(/\b0 requests|No matching request/);
    letGo();
    await page.getByText('No matching requests in this time range').waitFor();
    const foot = await page.locator('.foot').textContent();
    expect(foot).toContain(
      '0 requests in this time range. System requests are hidden: those of the cluster and AWS, and denied anonymous',
    );
  });

  it('that was refused does not say that no request was recorded', async () => {
    await using window = await openConsole('about:blank');
    const { page } = window;
    await page.route('**/whois?**', (route) => route.fulfill({ status: 403, body: '{"message":"Forbidden"}' }));
    await page.goto(`${service}/#/incident?q=b90d4f36-f87d-47cd-a132-32b7e09aed63`);
    await page.getByText('The service refused the request (403)').waitFor();
    expect(await page.locator('main').textContent()).not.toContain('No recorded request');
  });
});

describe('new information', () => {
  it('corrects a row in view if its grant arrives late, and says so', async () => {
    const clock = new SetClock(utc('12:31:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const running = new Service(stores, clock, { withoutLookups: true });
    await using own = await serviceOver(inMemory(stores), clock.now);
    const user = roleUser({ session: 'alice' });
    await running.ingest([auditEvent({ requestReceivedTimestamp: utc('12:30:00'), user })]);
    await using window = await openConsole(`${own.url}#/timeline`);
    const row = rowsOf(window.page).first();
    await row.filter({ hasText: 'pending' }).waitFor();
    await running.grants([grant({ id: 'alice', session: 'alice', at: utc('12:29:00'), by: iamUser('alice') })]);
    clock.pass(MINUTE);
    await running.settle();
    await row.filter({ hasText: 'attributed' }).filter({ hasText: 'corrected' }).waitFor({ timeout: 120_000 });
    expect(await row.textContent()).toContain('alice');
    expect(window.complaints).toEqual([]);
  });

  it('shows in the overview which reads are not recorded', async () => {
    const clock = new SetClock(utc('12:31:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const recording = parseRecording('omit-reads:leases,nodes/metrics');
    const running = new Service(stores, clock, { withoutLookups: true, recording });
    await using own = await serviceOver(inMemory(stores), clock.now);
    await running.ingest([auditEvent({ requestReceivedTimestamp: utc('12:30:00') })]);
    await using window = await openConsole(`${own.url}#/overview`);
    const reported = window.page.getByText('Reads of leases, nodes/metrics are not recorded.');
    await reported.waitFor({ timeout: 60_000 });
    expect(window.complaints).toEqual([]);
  });
});
