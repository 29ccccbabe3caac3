import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoopbackServer } from '../../local/loopback/guard.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores } from '../usecases/service.ts';
import { openConsole } from './console-window.ts';
import { inMemory, serviceOf, serviceOver } from './own-service.ts';

/** Texts that a caller can write into a request, a session name or a user agent, to attack or deceive whoever reads them. */
const TEXTS = {
  script: '<script>window.ran=1</script>',
  image: '<img src=x onerror="window.ran=1">',
  link: 'javascript:window.ran=1',
  markup: '"><svg/onload=window.ran=1>{{constructor.constructor("window.ran=1")()}}',
  turned: 'admin\u202etxt.exe',
  hidden: 'ana\u200b.silva',
  control: 'a\u0000b\u001b[31m',
  alike: 'аna.silva', // the first letter is Cyrillic
  proto: '__proto__',
} as const;

let service: LoopbackServer;

const records = Object.values(TEXTS).map((text, at) =>
  storedRecord(
    {
      auditID: `hostile-${at} ${text}`,
      userAgent: text,
      sourceIPs: ['203.0.113.7'],
      objectRef: { resource: 'pods', namespace: text, name: text },
      requestReceivedTimestamp: `2026-03-10T12:${10 + at}:00Z`,
    },
    [grant({ id: 'alice', at: '2026-03-10T12:00:00Z', by: iamUser(text) })],
    text,
  ),
);

beforeAll(async () => {
  service = await serviceOf(records);
});
afterAll(() => service.close());

const WINDOW = 'from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z';
const encoded = (text: string) => encodeURIComponent(text);

/** Every view of one hostile text. */
function views(text: string): readonly string[] {
  return [
    `timeline?${WINDOW}`,
    `timeline?${WINDOW}&namespace=${encoded(text)}`,
    `who?${WINDOW}&q=${encoded(text)}`,
    `who?${WINDOW}&q=${encoded(text)}&as=object`,
    `who?${WINDOW}&q=${encoded(`arn:aws:iam::111122223333:role/${text}`)}`,
    `incident?q=${encoded(text)}`,
    `namespace?${WINDOW}&of=${encoded(text)}&cluster=${encoded(text)}`,
    `actor?${WINDOW}&of=${encoded(text)}`,
    `cluster?${WINDOW}&of=${encoded(text)}`,
    'home',
    `${encoded(text)}`,
  ];
}

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.locator('main').waitFor();
}

/** Returns whether the browser only reports status 400 or 404, which the API returns for unknown names. */
const isAboutAnswers = (complaint: string) => /Failed to load resource.*40[04]/.test(complaint);

describe.each(Object.entries(TEXTS))('a text that %s', (_, text) => {
  it('runs no script, hides no character and breaks no view', async () => {
    await using window = await openConsole(`${service.url}#/home`);
    const { page } = window;
    for (const view of views(text)) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/${view}`);
      await settled(page);
      const found = await page.evaluate(() => ({
        ran: Reflect.get(globalThis, 'ran'),
        scripts: document.querySelectorAll('script').length,
        foreign: [...document.querySelectorAll('img, iframe, object, embed, svg[onload]')].length,
        // Characters that the browser would obey or hide are escaped.
        raw: [
          document.body.textContent,
          document.title,
          ...[...document.querySelectorAll<HTMLElement>('[title], [aria-label]')].flatMap(({ title, ariaLabel }) => [
            title,
            ariaLabel ?? '',
          ]),
        ].filter((each) => /\p{Cf}|(?![\n\r\t])\p{Cc}/u.test(each)),
        links: [...document.querySelectorAll('a')].map(({ protocol, origin }) => [protocol, origin]),
      }));
      expect({ view, ...found, links: undefined }).toEqual({
        view,
        ran: undefined,
        scripts: 1,
        foreign: 0,
        raw: [],
        links: undefined,
      });
      for (const [protocol, origin] of found.links) {
        expect(protocol).toBe('http:');
        expect(origin).toBe(new URL(service.url).origin);
      }
    }
    expect(window.complaints.filter((complaint) => !isAboutAnswers(complaint))).toEqual([]);
  });
});

it('marks a name whose letters only look like another', async () => {
  await using window = await openConsole(`${service.url}#/timeline?${WINDOW}`);
  await window.page.locator('#rows tbody tr[data-index]').first().waitFor();
  const marked = await window.page.locator('.alike').allTextContents();
  expect(marked.some((text) => text.includes(TEXTS.alike))).toBe(true);
});

it.each([
  ['continues', 25],
  ['acted before the review, and the log arrived later', 15],
])('lists a session again if a forger, with the audit id of a reviewed request, %s', async (_, minute) => {
  const forged = (minute: number) =>
    storedRecord(
      {
        auditID: 'chosen-by-the-client',
        user: roleUser({ key: null }),
        requestReceivedTimestamp: utc(`12:${minute}:00`),
      },
      [grant({ by: iamUser('mallory') })],
    );
  const stores = memoryStores(calmWorld(() => NOW));
  await stores.records.insert([forged(10)]);
  const note = {
    about: 'audit:chosen-by-the-client',
    kind: 'reviewed',
    text: 'a test',
    who: { id: 'ana' },
    seen: { count: 1, last: utc('12:10:00') },
  } as const;
  await stores.notes.add({ ...note, id: 'n1', when: instant(utc('12:20:00')) });
  await using own = await serviceOver(inMemory(stores), () => NOW);
  await using window = await openConsole(`${own.url}#/todo?list=forged&${WINDOW}`);
  await window.page.getByText('Nothing to review here.').waitFor();
  await stores.records.insert([forged(minute)]);
  await window.page.reload();
  await window.page.locator('.todo-name').waitFor();
  expect(await window.page.locator('.todo-name').textContent()).toBe('alice-session');
});

it('says that anyone can write a request that comes from a link and not from a record', async () => {
  const reported = auditEvent({
    auditID: '00000000-dead-4000-8000-000000000000',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'prod-db' },
  });
  await using window = await openConsole(`${service.url}#/who?q=${encoded(JSON.stringify(reported))}`);
  const { page } = window;
  await page.getByText('prod-db', { exact: true }).waitFor();
  await page.getByText('anyone can write').waitFor();
  expect(await page.getByRole('article').first().textContent()).toContain('from your search');
  await page.getByRole('link', { name: 'Search the audit log for this audit ID' }).click();
  await page.getByText('No record has this audit ID').waitFor();
});

it("links from an object with a person's name to that object", async () => {
  const named = storedRecord({ verb: 'delete', objectRef: { resource: 'pods', namespace: 'shop', name: 'alice' } }, [
    grant({ by: iamUser('alice') }),
  ]);
  await using own = await serviceOf([named]);
  await using window = await openConsole(`${own.url}#/home`);
  await window.page.getByRole('link', { name: 'object alice' }).click();
  await window.page.getByText('Requests for this object').waitFor();
});

it.each([
  ['longer than any link of the page', 'There is no page at this address.', `who?q=${'a'.repeat(200_000)}`],
  ['full of filters', 'There is no page at this address.', `timeline?${'namespace=n&'.repeat(20_000)}`],
  ['full of colons', 'To do', `who?q=${':'.repeat(49_000)}`],
])('after a link that is %s, the page still works', async (_, message, link) => {
  await using window = await openConsole(`${service.url}#/${link}`);
  await window.page.getByText(message).first().waitFor();
  await window.page.getByRole('link', { name: 'To do' }).click();
  await window.page.getByRole('heading', { name: 'To do' }).waitFor();
});

it('a very long name does not push content out of view', async () => {
  const long = 'x'.repeat(900);
  await using own = await serviceOf([
    storedRecord({ auditID: 'long', userAgent: long, objectRef: { resource: 'pods', namespace: long, name: long } }, [
      grant({ by: iamUser(long) }),
    ]),
  ]);
  await using window = await openConsole(`${own.url}#/home`);
  const { page } = window;
  const open = `&open=${encoded('2026-03-10T12:10:00.000000Z long')}`;
  for (const view of ['home', `timeline?${WINDOW}${open}`, `incident?q=${long}`, `namespace?${WINDOW}&of=${long}`]) {
    await page.goto(`${own.url}#/${view}`);
    await settled(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const frame = await page.evaluate(() => {
      const element = document.querySelector('.requests')?.parentElement;
      return element ? element.scrollWidth - element.clientWidth : 0;
    });
    expect({ view, over, frame }).toEqual({ view, over: 0, frame: 0 });
  }
});
