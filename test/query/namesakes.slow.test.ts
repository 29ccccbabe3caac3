import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WhoAnswer } from '../../console/page/core/answers.ts';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { EXAMPLES, ToolClient } from '../mcp/client.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

/** Issue 27, case 1: IAM users `admin` of two accounts. */
const [HERE, THERE] = ['111122223333', '999999999999'];
const IDS = [THERE, HERE].map((account) => `iam-user/${account}/AIDAADMIN${account}`);

const admin = (account: string) =>
  iamUser('admin', {
    principalId: `AIDAADMIN${account}`,
    accountId: account,
    arn: `arn:aws:iam::${account}:user/admin`,
  });
const grants = [
  grant({ id: 'grant-here', session: 'one', key: KEY, by: admin(HERE) }),
  grant({ id: 'grant-there', session: 'two', key: ANOTHER_KEY, by: admin(THERE) }),
];
const events = [
  auditEvent({
    auditID: 'event-here',
    user: roleUser({ session: 'one', key: KEY }),
    requestReceivedTimestamp: utc('12:10:00'),
  }),
  auditEvent({
    auditID: 'event-there',
    user: roleUser({ session: 'two', key: ANOTHER_KEY }),
    requestReceivedTimestamp: utc('12:20:00'),
  }),
];

/** Expects that a text has both people, each with its account. */
function expectBoth(text: string): void {
  for (const account of [HERE, THERE]) expect(text).toContain(`account ${account}`);
}

const folder = new Folder();
const files = [
  ...['--audit', folder.file('audit.jsonl', lines(events))],
  ...['--cloudtrail', folder.file('trail.jsonl', lines(grants))],
];
afterAll(() => folder[Symbol.dispose]());

describe('a name of two people, over files', () => {
  it('shows the account beside each in a table, and says in the exit status that several people have it', async () => {
    const { status, output, errors } = await runCommand(['attribute', ...files, '--actor', 'admin', '-o', 'table']);
    expect(status).toBe(3);
    expectBoth(output);
    expect(errors).toContain('admin means 2 actors');
    for (const id of IDS) expect(errors).toContain(id);
  });

  it('has a sum for each', async () => {
    const { output } = await runCommand(['attribute', ...files, '--summary', '-o', 'json']);
    const groups = JSON.parse(output) as { actor: { id: string }; count: number }[];
    expect(groups.map(({ actor, count }) => [actor.id, count]).toSorted()).toEqual(IDS.map((id) => [id, 1]).toSorted());
  });

  it('is not ambiguous by the ID', async () => {
    const { status, output } = await runCommand(['attribute', ...files, '--actor', String(IDS[0])]);
    expect([
      status,
      output
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { auditId: string }).auditId),
    ]).toEqual([0, ['event-there']]);
  });

  it('is reported by sessions, which lists those of both', async () => {
    const { status, output, errors } = await runCommand(['sessions', '--actor', 'admin', ...files, '-o', 'json']);
    const rows = JSON.parse(output) as { actor: { id: string } }[];
    expect([status, rows.map(({ actor }) => actor.id).toSorted()]).toEqual([3, IDS.toSorted()]);
    expect(errors).toContain('admin means 2 actors');
    expect((await runCommand(['sessions', '--actor', String(IDS[0]), ...files])).status).toBe(0);
  });

  it('is ambiguous for whois, which groups the sessions by person', async () => {
    const { status, output } = await runCommand(['whois', 'admin', ...files, '-o', 'json']);
    const { ambiguousName, people, sessions } = JSON.parse(output) as WhoAnswer;
    expect([status, ambiguousName, people?.map(({ id }) => id)]).toEqual([3, true, IDS]);
    expect(sessions?.map(({ attribution: { actor } }) => actor?.id)).toEqual(IDS);
    const text = await runCommand(['whois', 'admin', ...files]);
    expectBoth(text.output);
  });

  it('leaves each of them a candidate in a report', async () => {
    const { status, output } = await runCommand(['incident', 'admin', ...files, '--at', utc('12:15:00'), '-o', 'json']);
    const { who, sections } = JSON.parse(output) as IncidentReport;
    expect([status, who, sections.map(({ standing }) => standing)]).toEqual([3, undefined, ['candidate', 'candidate']]);
  });
});

describe('a name of two people, over the service', () => {
  const clock = new SetClock(utc('12:30:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const tables = { ...stores, within: () => stores };
  const routes = routesOf({ tables, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE }, 'all');
  const ask = async (path: string, query: string) => {
    const answer = await routes[path]?.(query, () => undefined);
    return answer instanceof NotFoundAnswer ? { notFound: answer.why } : answer;
  };
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    void ask(pathname, search.slice(1)).then((answer) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
    );
  });
  let api = '';

  beforeAll(async () => {
    const service = new Service(stores, clock);
    await service.grants(grants);
    await service.ingest(events);
    await service.settleFor(5);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('has an entry and a count for each', async () => {
    expect(await ask('/known', 'kind=actor')).toMatchObject({
      known: IDS.toSorted().map((id) => ({ name: 'admin', id })),
    });
    expect(await ask('/summary', `by=actor&from=${utc('12:00:00')}&to=${utc('13:00:00')}`)).toMatchObject({
      values: IDS.toSorted().map((value) => ({ value, name: 'admin', count: 1 })),
    });
  });

  it('is ambiguous in the answers that the page reads, which list both people', async () => {
    expect(await ask('/records', 'actor=admin')).toMatchObject({
      ambiguousName: true,
      people: IDS.map((id) => ({ id })),
    });
    for (const quick of ['', '&quick=true'])
      expect(await ask('/whois', `q=admin${quick}`)).toMatchObject({
        ambiguousName: true,
        people: IDS.map((id) => ({ id })),
      });
    expect(await ask('/records', `actor=${IDS[0]}`)).toMatchObject({ records: [{ auditId: 'event-there' }] });
    expect(await ask('/whois', `q=${IDS[0]}`)).toMatchObject({
      sessions: [{ attribution: { actor: { id: IDS[0] } } }],
    });
  });

  it('of 401 users whom a cluster invented, records says for a pattern that it may lack some', async () => {
    const names = Array.from({ length: 401 }, (_, at) => `invented-${at}`);
    const invented = names.map((username) => auditEvent({ auditID: username, user: { username } }));
    await new Service(stores, clock).ingest(invented);
    const { errors } = await runCommand(['records', '--actor', 'invented-*', '--api', api, '--limit', '1']);
    expect(errors).toContain(
      'invented-* also matches other users of clusters (1). The answer may lack their requests.',
    );
  });

  it('is reported by records, sessions and whois, with exit status 3', async () => {
    for (const command of ['records', 'sessions']) {
      const { status, output, errors } = await runCommand([command, '--actor', 'admin', '--api', api]);
      expect(status, command).toBe(3);
      expectBoth(output);
      for (const id of IDS) expect(errors, command).toContain(id);
    }
    expect((await runCommand(['whois', 'admin', '--api', api])).status).toBe(3);
    expect((await runCommand(['records', '--actor', String(IDS[0]), '--api', api])).status).toBe(0);
  });

  it('is reported by the tools of MCP', async () => {
    const { audit: _, cloudtrail: __, ...places } = EXAMPLES;
    const client = new ToolClient({ ...places, api });
    for (const tool of ['records', 'sessions']) {
      const answer = await client.call(tool, { actor: ['admin'] });
      expect(answer).toMatchObject({ isError: false, content: { ambiguousName: true } });
      expect(answer.texts[0]).toContain('The name means several people');
    }
    const whois = await client.call('whois', { q: 'admin' });
    expect(whois).toMatchObject({
      isError: false,
      content: { ambiguousName: true, people: IDS.map((id) => ({ id })) },
    });
    expect(whois.texts[0]).toContain('The name means several people');
  });
});

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
