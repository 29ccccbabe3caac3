import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DeployedTables, startWithExamples, TABLE } from '../records/deployed-tables.ts';
import { type RunningCommand, startCommand } from '../records/running-command.ts';

let tables: DeployedTables;
let running: RunningCommand;

beforeAll(async () => {
  tables = await startWithExamples();
  running = startCommand(['console', '--table', TABLE], tables.environment);
  await running.until(/ready: http\S+\n/);
});
afterAll(async () => {
  running.child.kill('SIGKILL');
  await tables.stop();
});

it('eks-whois console --table serves the page and answers as the API would, until Ctrl-C', async () => {
  const [, url = ''] = /ready: (\S+)/.exec(running.printed.output) ?? [];
  const page = await fetch(url);
  expect(await page.text()).toContain('console/main-');
  const ask = async (question: string) => {
    const answer = await fetch(new URL(question, url));
    return { status: answer.status, body: await answer.json() };
  };
  expect(await ask('known?kind=cluster')).toMatchObject({
    status: 200,
    body: { known: expect.arrayContaining([expect.objectContaining({ name: 'prod' })]) },
  });
  expect(await ask('records?actor=ana.silva&limit=1')).toMatchObject({ status: 200, body: { records: [{}] } });
  expect(await ask('records?verb=')).toMatchObject({ status: 400, body: { parameter: 'verb' } });
  expect(await ask('whois?auditId=none')).toMatchObject({ status: 404 });
  expect(await ask('nothing')).toMatchObject({ status: 404 });
  await keepsNotes(url, ask);
  expect(await running.interrupt()).toBe(0);
});

/** Notes have the identity that STS gives to whoever may write the table, and record that nothing else confirmed it. */
async function keepsNotes(url: string, ask: (question: string) => Promise<object>): Promise<void> {
  const send = async (note: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(new URL('notes', url), { method: 'POST', headers, body: JSON.stringify(note) });
    return { status: answer.status, body: await answer.json() };
  };
  const note = { about: 'audit:one', kind: 'reviewed', text: 'asked her', clientToken: 'once' };
  const kept = await send(note);
  const who = { id: expect.stringMatching(/^arn:aws:iam::\d{12}:/), statedBy: 'writer' };
  expect(kept).toMatchObject({ status: 201, body: { about: 'audit:one', text: 'asked her', who } });
  expect(await send(note)).toEqual(kept);
  expect(await ask('notes?about=audit:one')).toEqual({ status: 200, body: { notes: [kept.body] } });
  expect(await send({ ...note, kind: 'deleted' })).toMatchObject({ status: 400, body: { parameter: 'kind' } });
  const allow = tables.aws.refuse('dynamodb:PutItem', `${TABLE}-claims`);
  expect(await send({ ...note, clientToken: 'twice' })).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining(`may not write notes to the table ${TABLE}-claims`) },
  });
  allow();
}

it('says which tables are missing', async () => {
  const other = startCommand(['console', '--table', 'none'], tables.environment);
  await other.until(/ready: http\S+\n/);
  const [, url = ''] = /ready: (\S+)/.exec(other.printed.output) ?? [];
  const answer = await fetch(new URL('known?kind=actor', url));
  expect([answer.status, await answer.json()]).toEqual([
    403,
    expect.objectContaining({ detail: expect.stringContaining('there is no such table in this account and Region') }),
  ]);
  await other.interrupt();
});
