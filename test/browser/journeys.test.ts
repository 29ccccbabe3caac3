import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { openConsole, rowsOf } from './console-window.ts';
import { doctorsFile } from './doctors-file.ts';

const service = inject('service');

const at = (view = '') => `${service}/#/${view}`;
const field = (page: Page) => page.getByRole('combobox').first();

async function ask(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
  await page.waitForURL(/#\/who\?/);
}

/** A finding as EventBridge delivers it. GuardDuty has no access key. */
const FINDING = {
  schemaVersion: '2.0',
  accountId: '444455556666',
  region: 'eu-west-1',
  type: 'CredentialAccess:Kubernetes/MaliciousIPCaller.Custom',
  resource: {
    resourceType: 'EKSCluster',
    eksClusterDetails: { name: 'prod' },
    kubernetesDetails: {
      kubernetesUserDetails: {
        username: 'orders-admin:chloe.martin',
        uid: 'aws-iam-authenticator:444455556666:AROABAE2MMLVDOEXAMPLE',
        sessionName: ['chloe.martin'],
      },
    },
  },
  service: {
    serviceName: 'guardduty',
    eventLastSeen: '2026-03-10T09:34:12Z',
    action: {
      actionType: 'KUBERNETES_API_CALL',
      kubernetesApiCallAction: {
        requestUri: '/api/v1/namespaces/orders/secrets',
        verb: 'list',
        resource: 'secrets',
        namespace: 'orders',
        statusCode: 200,
      },
    },
  },
};

describe('an analyst', () => {
  it('finds who may have deleted a pod by its name, and what else they did', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, 'payments-api-5f77');
    const card = page.getByRole('article').first();
    await card.getByText('ambiguous').first().waitFor();
    const text = (await card.textContent()) ?? '';
    for (const words of ['ben.okafor or ana.silva', 'No single caller is named', 'delete'])
      expect(text).toContain(words);
    await card
      .getByTitle(/show who made this request/)
      .first()
      .click(); // the delete, which is the latest one
    await page.getByRole('link', { name: 'Everything that ben.okafor did' }).click();
    await page.getByRole('heading', { name: 'ben.okafor', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Open in timeline' }).first().click();
    await page.locator('#rows tbody tr[data-index]').first().waitFor();
    for (const row of await page.locator('#rows tbody tr[data-index]').allTextContents())
      expect(row).toContain('ben.okafor');
  });

  it('types a session name, and sees the actor of each session with it', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, 'EKSGetTokenAuth');
    const card = page.getByRole('article').first();
    await card.getByRole('heading', { name: 'EKSGetTokenAuth', level: 1 }).waitFor();
    const text = (await card.textContent()) ?? '';
    for (const words of ['hana.sato', 'ana.silva', 'ben.okafor', 'different people can be behind them'])
      expect(text).toContain(words);
    expect(await page.getByRole('link', { name: 'Show all activity' }).count()).toBe(0);
    await card.getByRole('link', { name: 'hana.sato' }).click();
    await page.getByRole('heading', { name: 'hana.sato', level: 1 }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('searches for an audit id, and sees the path from the person to the cluster with its evidence', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, 'b90d4f36-f87d-47cd-a132-32b7e09aed63');
    const card = page.getByRole('article').first();
    await card
      .getByRole('heading', { name: /ben\.okafor/ })
      .first()
      .waitFor();
    const text = (await card.textContent()) ?? '';
    for (const words of [
      'attributed',
      'CloudTrail shows this access key being issued to them',
      'orders-developer',
      'ASIAEPSSBBJMDEXAMPLE',
    ])
      expect(text).toContain(words);
    expect(text).toContain('1c8fcb74-2584-41c5-ac35-9633b637e6fc');
  });

  it('pastes a finding whose request is in the audit log, and reads that once, without a contradiction', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, JSON.stringify(FINDING));
    const card = page.getByRole('article').first();
    await card.getByText('The audit log has this request, and its record completes the details.').waitFor();
    expect(await card.getByText('The audit log has this request. Same as in the text').count()).toBe(1);
    expect(await card.getByText('does not confirm it').count()).toBe(0);
  });

  it('says of a request what the person used for the first time', async () => {
    const first = /First use: source IP 198\.51\.100\.88, user agent OpenAPI-Generator/;
    const day = 'from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z';
    await using window = await openConsole(at(`timeline?${day}&ip=198.51.100.88`));
    await rowsOf(window.page).first().click();
    await window.page.getByRole('complementary', { name: 'Request details' }).getByText(first).waitFor();
    await ask(window.page, '4c0c4760-5c9a-45fc-aff7-6fa4347d92f2');
    await window.page.getByRole('article').first().getByText(first).waitFor();
  });

  it('searches for a person who was seen only before the last day, and goes on to that time', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    const last = '2026-03-10T16:23:00Z';
    const body = {
      recognized: { as: 'a name', notes: [] },
      ...{ subject: 'the person ben.okafor', by: 'person', sessions: [], earlier: { sessions: 2, last } },
      note: `No sessions in the last 24 hours of the data. Before that, last seen ${last}.`,
    };
    await page.route('**/whois?**', (route) =>
      new URL(route.request().url()).searchParams.has('at')
        ? route.continue()
        : route.fulfill({ body: JSON.stringify(body) }),
    );
    await ask(page, 'ben.okafor');
    const card = page.getByRole('article').first();
    await card.getByText(`Before that, last seen ${last}`).waitFor();
    await card.getByRole('link', { name: 'Show earlier sessions' }).click();
    await page.getByRole('article').first().getByText('ASIAZEQR2RUDUEXAMPLE').first().waitFor();
  });

  it('sees that two callers used the same audit id', async () => {
    await using window = await openConsole(at('who?q=e63200d1-36fd-4495-a361-c712d89fb710'));
    const note = window.page.getByText('This answer is for the latest one only.');
    await note.waitFor();
    expect(await note.textContent()).toMatch(/dmitri\.volkov.*ana\.silva|ana\.silva.*dmitri\.volkov/);
  });

  it('adds a request to a report, which survives a reload', async () => {
    await using window = await openConsole(at('who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63'));
    const { page } = window;
    await page.getByRole('link', { name: 'Add to an incident report' }).click();
    await page.waitForURL(/#\/incident/);
    await page.getByRole('button', { name: 'Add to incident' }).click();
    await page.getByText('orders-api-6c9f').first().waitFor();
    await page.reload();
    await page.getByText('orders-api-6c9f').first().waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Markdown' }).click(),
    ]);
    const text = readFileSync(await file.path(), 'utf8');
    for (const words of ['ben.okafor', 'orders-api-6c9f', 'CloudTrail shows this access key being issued to them'])
      expect(text).toContain(words);
  });

  it('marks a session as reviewed, with a note that the service stores', async () => {
    await using window = await openConsole(at('todo'));
    const { page } = window;
    await page.getByRole('heading', { name: 'To do' }).waitFor();
    await page.getByRole('button', { name: 'Add note' }).first().click();
    await page.getByRole('dialog').getByRole('textbox').fill('asked the team: their old operator');
    await page.getByRole('dialog').getByRole('button', { name: 'Mark as reviewed' }).last().click();
    await expect
      .poll(async () => {
        const answer = await fetch(`${service}/notes?since=2026-03-01T00:00:00Z`);
        return JSON.stringify(await answer.json());
      })
      .toContain('asked the team: their old operator');
    expect(window.complaints).toEqual([]);
  });

  it('copies an event id by a click', async () => {
    await using window = await openConsole(at('who?q=b90d4f36-f87d-47cd-a132-32b7e09aed63'), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = window;
    await page.getByRole('button', { name: /1c8fcb74/ }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('1c8fcb74-2584-41c5-ac35-9633b637e6fc');
  });

  it('picks a suggestion with the keyboard', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await field(page).pressSequentially('chloe');
    await page
      .getByRole('option', { name: /chloe\.martin/ })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { name: /chloe\.martin/ })
      .first()
      .waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('pastes a GuardDuty finding, and gets a report of everything that the person did', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, JSON.stringify(FINDING));
    const card = page.getByRole('article').first();
    await card.getByRole('heading', { name: 'chloe.martin' }).first().waitFor();
    const answer = (await card.textContent()) ?? '';
    for (const words of ['Certainty', 'list', 'secrets', 'orders-admin']) expect(answer).toContain(words);
    await page.getByRole('link', { name: 'Everything that chloe.martin did' }).click();
    await page.getByRole('heading', { name: 'chloe.martin', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Open in timeline' }).first().click();
    await rowsOf(page).first().waitFor();
    const count = await rowsOf(page).count();
    await page.getByRole('button', { name: `Add all ${count} to incident` }).click();
    await page.getByRole('link', { name: 'Added to incident' }).click();
    await page.getByRole('article', { name: 'Incident report' }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Markdown' }).click(),
    ]);
    const text = readFileSync(await file.path(), 'utf8');
    expect(text).toContain(`${count} requests, collected in the console`);
    for (const words of ['Actor: ', 'secrets', 'certificatesigningrequests', 'serviceaccounts/token'])
      expect(text).toContain(words);
    expect(window.complaints).toEqual([]);
  });

  it('learns why a session is unidentified, and how to fix that', async () => {
    await using window = await openConsole(at('todo?looked=shown'));
    const { page } = window;
    const group = page.getByRole('region', { name: 'session-name-unknown' });
    await group.getByText('Add {{SessionName}} to the username').waitFor();
    await page.getByLabel('Open doctor.json').setInputFiles(await doctorsFile());
    const found = page.getByRole('region', { name: 'doctor' });
    await found.getByText('username-loses-session').waitFor();
    expect(await found.textContent()).toContain('legacy-ops:{{SessionNameRaw}}');
    await group.getByRole('link', { name: 'Who is it?' }).click();
    const card = page.getByRole('article').first();
    await card.getByText('Unidentified caller').first().waitFor();
    expect(await card.textContent()).toContain('session-name-unknown');
    expect(window.complaints).toEqual([]);
  });

  it('searches for an IP address, and sees how many requests came from it, and from whom', async () => {
    await using window = await openConsole(at());
    const { page } = window;
    await ask(page, '203.0.113.12');
    await page.getByText('203.0.113.12 is an IP address: 5 requests by 1 known actor (141 records scanned).').waitFor();
    expect(await page.locator('.requests').textContent()).toContain('ben.okafor');
  });

  it('compares the possible actors of an ambiguous request', async () => {
    await using window = await openConsole(at('todo?list=ambiguous'));
    const { page } = window;
    await page.getByRole('link', { name: 'Who is it?' }).first().click();
    const candidates = page.locator('.candidate');
    await candidates.first().waitFor();
    expect(await candidates.count()).toBeGreaterThan(1);
    for (const words of ['AssumeRole', 'Evidence'])
      for (const text of await candidates.allTextContents()) expect(text).toContain(words);
  });
});
