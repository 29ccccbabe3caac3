import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildPage, gzippedSize } from '../../../console/build.ts';
import { epochMillis, formatInstant, HOUR } from '../../../lib/time.ts';
import type { LoopbackServer } from '../../../local/loopback/guard.ts';
import { NOW } from '../../contract/now.ts';
import type { RunningDynalite } from '../../contract/running-dynalite.ts';
import { runningWorld } from '../../million/filled-world.ts';
import { factsOfWorld, objectOf } from '../../million/world.ts';
import { type ConsoleWindow, openConsole, rowsOf, settled } from '../console-window.ts';
import { serviceOver } from '../own-service.ts';
import { answeredAfter, frames, paintedAfter, tell } from './measured.ts';

/** How often each duration is measured. `.ci/run` judges none of them. */
const TIMES = process.env.CI === undefined ? 5 : 1;
const ROWS = process.env.CI === undefined ? 100_000 : 10_000;
/** In which there are so many. */
const HOURS = process.env.CI === undefined ? 74 : 8;

let dynalite: RunningDynalite;
let service: LoopbackServer;

beforeAll(async () => {
  const world = await runningWorld(inject('filled'));
  dynalite = world.dynalite;
  service = await serviceOver(world.stores, () => NOW);
});
afterAll(async () => {
  await service?.close();
  await dynalite?.stop();
});

const at = (view = '') => `${service.url}#/${view}`;
const newest = () => factsOfWorld().reduce((a, b) => (b.at > a.at && b.number % 1_000 !== 0 ? b : a));

describe('the console over a million records', () => {
  it('has little to load', async () => {
    const { files, document } = await buildPage();
    const sizes = Object.entries(files).map(([name, file]) => [name.split(/[-.]/)[0], gzippedSize(file)]);
    tell('page weight, bytes gzipped', { document: document.length, ...Object.fromEntries(sizes) });
  });

  it('is painted with what is new', async () => {
    const millis: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      await using window = await openConsole(at());
      millis.push(await paintedAfter(window.page, '.requests tbody tr'));
      expect(window.complaints).toEqual([]);
    }
    tell('first useful paint, ms', { millis });
  });

  it('answers what is typed: a person, a key, a role, what somebody did, and an object by its name', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await settled(page);
    const object = objectOf(newest());
    const questions = {
      person: ['who?q=user-7', 'article.who h1'],
      key: ['who?q=ASIAUSER9SESSION0001', 'article.who h1'],
      role: ['who?q=team-3', 'article.who h1'],
      actor: ['actor?of=user-8&last=24h', '.entity-said'],
      object: [`who?q=${object}`, ':is(article.who, .found-object) .requests tbody tr'],
    } as const;
    for (const [what, [hash, selector]] of Object.entries(questions)) {
      const millis: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        await page.evaluate(() => {
          location.hash = '#/incident';
        });
        await settled(page);
        millis.push(await answeredAfter(page, `#/${hash}`, selector));
        await settled(page);
      }
      tell('search answered, ms', { what, millis });
    }
    expect(await page.locator('.requests').first().textContent()).toContain(object);
    expect(window.complaints.filter((complaint) => !/status of 404/.test(complaint))).toEqual([]);
  });

  it(`scrolls and zooms ${ROWS.toLocaleString('en-US')} rows`, async () => {
    const from = formatInstant(epochMillis(NOW - HOURS * HOUR));
    const address = at(`timeline?from=${from}&to=${formatInstant(NOW)}`);
    await using window = await openConsole(address);
    const { page } = window;
    await rowsOf(page).first().waitFor();
    let count = 0;
    const reading = await frames(page, async () => {
      count = await readAll(window);
    });
    tell('read to the end, by scrolling there', reading);
    expect(count).toBeGreaterThanOrEqual(ROWS);
    tell('rows', { count });
    tell('scrolled by the wheel', await frames(page, () => wheel(page)));
    tell('scrolled by the bar, all of it', await frames(page, () => bar(page)));
    tell('zoomed in, and out again', await frames(page, () => zoom(page)));
    expect(await rowsOf(page).count()).toBeGreaterThan(10);
    expect(window.complaints).toEqual([]);
  });
});

/** Scrolls to the end again and again, until all rows were read; says how many there are. */
async function readAll({ page }: ConsoleWindow): Promise<number> {
  const foot = page.locator('.timeline .foot');
  for (let text = ''; !text.includes('in this time range'); text = (await foot.textContent()) ?? '') {
    await page.evaluate(() => {
      const rows = document.querySelector('.rows');
      if (rows !== null) rows.scrollTop = rows.scrollHeight;
    });
    await page.waitForTimeout(50);
  }
  return Number(((await foot.textContent()) ?? '').replaceAll(',', '').replace(/\D.*/s, ''));
}

async function wheel(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelector('.rows')?.scrollTo(0, 0));
  await page.locator('.rows').hover();
  for (let step = 0; step < 120; step += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(16);
  }
}

/** Scrolls as if somebody dragged the scroll bar: far in each frame. */
async function bar(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const rows = document.querySelector('.rows');
    if (rows === null) return;
    for (let step = 0; step <= 120; step += 1) {
      rows.scrollTop = ((rows.scrollHeight - rows.clientHeight) * step) / 120;
      await new Promise(requestAnimationFrame);
    }
  });
}

async function zoom(page: Page): Promise<void> {
  await page.locator('#rows').focus();
  for (const key of ['+', '+', '+', '-', '-', '-']) {
    await page.keyboard.press(key);
    await settled(page);
  }
}
