import type { Page } from 'playwright-core';
import { rowsOf } from './console-window.ts';
import { doctorsFile } from './doctors-file.ts';

/** A view to test. */
export interface ViewCase {
  /** The name of its pictures. */
  readonly name: string;
  /** The address of the view, after `#/`. */
  readonly at: string;
  /** Steps to take there first. */
  readonly first?: (page: Page) => Promise<void>;
}

const DAY = 'from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z';

const timeline = async (page: Page) => rowsOf(page).first().waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name }).first().click();

/** All views of the console, with the examples. */
export const VIEWS: readonly ViewCase[] = [
  { name: 'home', at: '' },
  { name: 'who-attributed', at: 'who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63' },
  { name: 'who-several', at: 'who?q=e63200d1-36fd-4495-a361-c712d89fb710' },
  { name: 'who-person', at: 'who?q=ana.silva' },
  { name: 'who-role', at: 'who?q=orders-developer' },
  { name: 'who-object', at: 'who?q=payments-api-5f77' },
  { name: 'who-nothing', at: 'who?q=nobody-of-this-name' },
  { name: 'timeline', at: `timeline?${DAY}`, first: timeline },
  {
    name: 'timeline-open',
    at: `timeline?${DAY}&verb=delete`,
    first: async (page) => {
      await timeline(page);
      await rowsOf(page).first().click();
      await page.getByRole('complementary', { name: 'Request details' }).waitFor();
    },
  },
  {
    name: 'timeline-numbers',
    at: `timeline?${DAY}&by=verb`,
    first: async (page) => {
      await timeline(page);
      await button(page, 'Show as table');
    },
  },
  { name: 'actor', at: 'actor?of=ben.okafor' },
  {
    name: 'session',
    at: 'actor?of=chloe.martin',
    first: async (page) => {
      await page.locator('main a[href*="#/session?"]').first().click();
      await page.locator('article.who').waitFor();
    },
  },
  { name: 'role', at: 'role?of=payments-developer' },
  { name: 'namespace', at: 'namespace?of=payments&cluster=staging' },
  { name: 'cluster', at: 'cluster?of=prod' },
  { name: 'todo', at: 'todo' },
  { name: 'todo-ambiguous', at: 'todo?list=ambiguous' },
  { name: 'todo-forged', at: `todo?list=forged&${DAY}` },
  { name: 'todo-nodes', at: `todo?list=nodes&${DAY}` },
  { name: 'todo-note', at: 'todo', first: (page) => button(page, 'Add note') },
  {
    name: 'todo-doctor',
    at: 'todo',
    first: async (page) => page.getByLabel('Open doctor.json').setInputFiles(await doctorsFile()),
  },
  { name: 'overview', at: `overview?${DAY}` },
  { name: 'overview-numbers', at: `overview?${DAY}`, first: (page) => button(page, 'Show as table') },
  { name: 'fleet', at: 'fleet' },
  { name: 'incident-empty', at: 'incident' },
  {
    name: 'incident',
    at: `timeline?${DAY}&actor=ben.okafor`,
    first: async (page) => {
      await timeline(page);
      await button(page, 'Add all');
      await page.getByRole('link', { name: 'Added to incident' }).click();
      await page.getByRole('article', { name: 'Incident report' }).waitFor();
    },
  },
  {
    name: 'keys',
    at: '',
    first: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'nowhere', at: 'nowhere' },
];
