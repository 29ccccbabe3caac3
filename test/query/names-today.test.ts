import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { EXAMPLES, ToolClient } from '../mcp/client.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

/** Issue 27, case 4: bob acted, and was called robert afterwards. */
const ACCOUNT = '111122223333';
const ID = `iam-user/${ACCOUNT}/AIDABOB`;
const [BY_BOB, BY_ROBERT] = ['7a0e1c5e-0000-4000-8000-00000000000b', '7a0e1c5e-0000-4000-8000-00000000000c'];
const called = (name: string) =>
  iamUser(name, { principalId: 'AIDABOB', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/${name}` });
const grants = [
  grant({ id: 'as-bob', session: 'one', key: KEY, by: called('bob') }),
  grant({ id: 'as-robert', at: utc('12:15:00'), session: 'two', key: ANOTHER_KEY, by: called('robert') }),
];
const request = (auditID: string, time: string, session: string, key: string) =>
  auditEvent({ auditID, user: roleUser({ session, key }), requestReceivedTimestamp: utc(time) });
const events = [request(BY_ROBERT, '12:20:00', 'two', ANOTHER_KEY), request(BY_BOB, '12:10:00', 'one', KEY)];
const TODAY = `bob is called robert today (${ID}).`;

const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const paths = {
  audit: [folder.file('audit.jsonl', lines(events))],
  cloudtrail: [folder.file('trail.jsonl', lines(grants))],
};
const files = ['--audit', ...paths.audit, '--cloudtrail', ...paths.cloudtrail];

describe('somebody with another name today, over files', () => {
  it.each(['bob', 'robert'])('is in the answer of whois, with the ID: %s', async (name) => {
    const { status, output } = await runCommand(['whois', name, ...files]);
    expect(status).toBe(0);
    expect(output).toContain(TODAY);
  });

  it('is in the answer of whois about the request', async () => {
    const { output } = await runCommand(['whois', BY_BOB, ...files]);
    expect(output).toMatch(/^bob {2}\(IAM user\) {2}attributed, by access key\n {2}name today +robert\n/m);
    const { output: ofRobert } = await runCommand(['whois', BY_ROBERT, ...files]);
    expect(ofRobert).not.toContain('name today');
  });

  it('is counted under the latest name by attribute', async () => {
    const { output } = await runCommand(['attribute', ...files, '--summary', '-o', 'json']);
    expect(JSON.parse(output)).toMatchObject([{ actor: { id: ID, name: 'robert' }, count: 2 }]);
  });

  it('is in the answer of MCP', async () => {
    const client = new ToolClient({ ...EXAMPLES, ...paths });
    const ofRequest = await client.call('whois', { q: BY_BOB });
    expect(ofRequest.texts[0]).toContain('The name today is "robert".');
    expect(await client.call('whois', { q: 'bob' })).toMatchObject({
      content: { note: expect.stringContaining(TODAY) },
    });
  });
});

describe('somebody with another name today, over the service', () => {
  const clock = new SetClock(utc('12:30:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const routes = routesOf(
    {
      tables: { ...stores, within: () => stores },
      clock: clock.now,
      settings: DEFAULT_SETTINGS,
      deadline: DEFAULT_DEADLINE,
    },
    'all',
  );

  beforeAll(async () => {
    const service = new Service(stores, clock);
    await service.grants(grants);
    await service.ingest(events);
    await service.settleFor(5);
  });

  it('is in the answer of whois, which the page shows', async () => {
    const ask = async (q: string) => routes['/whois']?.(`q=${q}`, () => undefined);
    expect(await ask('bob')).toMatchObject({ note: expect.stringContaining(TODAY) });
    expect(await ask(BY_BOB)).toMatchObject({ attribution: { actor: { name: 'bob', nameToday: 'robert' } } });
  });
});
