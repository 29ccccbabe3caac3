import { describe, expect, it } from 'vitest';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { BOB_ALONE, BOBS, type Deed, errorLineOf, eventOf, FORMS, STRANGERS, world } from '../usecases/pasted-texts.ts';
import { delivery, type PastedWorld } from '../usecases/pasted-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { EXEC, PROCESS_ALERTS, worldOf } from '../usecases/started-process.ts';

/** Returns what the API reports as related to the request of the text: the audit IDs, or why there are none. */
async function overApi({ grants, events }: PastedWorld, query: Record<string, string>): Promise<unknown> {
  const clock = new SetClock(utc('14:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants(grants);
  await running.ingestPayload(delivery(events), 'delivery-1');
  await running.settleFor(3);
  const routes = routesOf(
    {
      tables: { ...stores, within: () => stores },
      clock: () => epochMillis(Date.parse(utc('14:00:00'))),
      settings: DEFAULT_SETTINGS,
      deadline: 30 * MINUTE,
    },
    'all',
  );
  const answer = await routes['/related']?.(new URLSearchParams(query).toString(), () => undefined);
  return answer instanceof NotFoundAnswer ? answer.why : answer;
}

/** The same over files, by the command. */
async function overFiles({ grants, events }: PastedWorld, text: string): Promise<unknown> {
  using folder = new Folder();
  const audit = folder.file('audit.json', JSON.stringify(delivery(events)));
  const cloudtrail = folder.file('trail.jsonl', grants.map((each) => JSON.stringify(each)).join('\n'));
  const ran = await runCommand(['related', text, '--audit', audit, '--cloudtrail', cloudtrail, '-o', 'json']);
  return ran.status === 0 ? JSON.parse(ran.output) : ran.errors;
}

const DEED: Deed = { key: BOBS, after: 0, namespace: 'shop', code: 403 };
const OTHER: Deed = { ...DEED, key: STRANGERS, after: 60_000 };

describe.each([
  ['the API', (of: PastedWorld, text: string) => overApi(of, { q: text })],
  ['files', overFiles],
])('related takes a text that is about one request, over %s', (_, ask) => {
  const texts = Object.entries(FORMS).filter(([name]) => name !== 'error line');

  it.each([...texts, ['a line with the audit ID', () => 'auditID="deed-0"']] as const)('%s', async (_name, textOf) => {
    const answer = await ask(world([DEED, OTHER]), textOf(DEED));
    expect(answer).toMatchObject({ auditId: 'deed-0', requests: [{ stages: [{ auditId: 'deed-0' }] }] });
  });

  it('but not a pasted event that the log lacks', async () => {
    const missing = JSON.stringify({ ...eventOf(DEED, 0), auditID: 'no-such-event' });
    expect(await ask(world([DEED, OTHER]), missing)).toEqual(
      expect.stringContaining('The audit log has no such event.'),
    );
  });

  it('an alert about a process', async () => {
    const answer = await ask(worldOf([EXEC]), PROCESS_ALERTS.falco({ ...EXEC, after: 300 }));
    expect(answer).toMatchObject({ auditId: 'exec-0' });
  });

  it.each([
    ['an error line', errorLineOf(DEED)],
    ['an object', 'pod/api-0'],
    ['a time', utc('12:10:00')],
  ])('and says what the log has if it does not show which one it is: %s', async (name, text) => {
    const answer = await ask(world([DEED, OTHER], BOB_ALONE), text);
    expect(answer).toEqual(expect.stringMatching(name === 'an object' ? /no such request/ : /1 by bob/));
  });
});

it('the API refuses a text that is about no request, and one beside an audit ID', async () => {
  const ask = (query: Record<string, string>) => overApi(world([DEED]), query);
  await expect(ask({ q: BOBS })).rejects.toThrow('not about one request');
  await expect(ask({ q: 'who was it that did this' })).rejects.toThrow('not recognized');
  await expect(ask({ q: errorLineOf(DEED), auditId: 'deed-0' })).rejects.toThrow('Leave one of them out');
  await expect(ask({})).rejects.toThrow('or with q a text');
});

it('the command takes any other word for an audit ID, and refuses a text that is about no request', async () => {
  expect(await overFiles(world([DEED]), 'who was it that did this')).toContain('not about one request');
  expect(await overFiles(world([DEED]), 'deed-0')).toMatchObject({ auditId: 'deed-0' });
  expect(await overFiles(world([DEED]), 'deed-9')).toContain(`no audit event with this audit ID`);
});
