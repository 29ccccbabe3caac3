import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Directory } from '../../lib/ports/directory.ts';
import { answerKnown } from '../../lib/usecases/query/known-query.ts';
import { knownRequest } from '../../lib/usecases/query/parameters.ts';
import { runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

const stores = memoryStores(calmWorld(() => NOW));
/** The accounts whose namespaces are too many to list all. */
const unlisted: string[] = [];
const directory: Directory = {
  known: (...of) => stores.directory.known(...of),
  actorsNamed: (name) => stores.directory.actorsNamed(name),
  actorOf: (id) => stores.directory.actorOf(id),
  sessionsOfRole: (...of) => stores.directory.sessionsOfRole(...of),
  unlisted: async () => unlisted,
};
const server = createServer((request, answer) => {
  const { search } = new URL(request.url ?? '/', 'http://localhost');
  const { page, ...question } = knownRequest(search.slice(1));
  // Pages of two: the command reads them all.
  const known = answerKnown({ ...question, page: { ...page, limit: 2 } }, { ...stores, directory });
  void known.then((body) => answer.setHeader('content-type', 'application/json').end(JSON.stringify(body)));
});
let api: string;

beforeAll(async () => {
  const seen = (namespace: string, cluster: string, day: string, actor = 'alice') =>
    storedRecord(
      {
        auditID: `${namespace} ${cluster} ${day} ${actor}`,
        objectRef: { resource: 'pods', namespace, name: 'web-0' },
        requestReceivedTimestamp: `${day}T12:10:00Z`,
      },
      [grant({ id: actor, at: `${day}T12:00:00Z`, by: iamUser(actor) })],
      cluster,
    );
  await stores.records.insert([
    seen('shop', 'prod', '2026-03-08'),
    seen('shop', 'prod', '2026-03-10'),
    seen('pay', 'prod', '2026-03-10', 'bob'),
    seen('payments', 'staging', '2026-03-09'),
    seen('=cmd|x\u001b[2J', 'staging', '2026-03-09'),
    seen('of-a-file', '', '2026-03-09', 'a-deployer-with-a-long-name-of-its-own'),
  ]);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const known = (...args: readonly string[]) => runCommand(['known', ...args, '--api', api]);

describe('known', () => {
  it('lists clusters with when they were seen first and last', async () => {
    const { status, output, errors } = await known('clusters');
    expect({ status, errors }).toEqual({ status: 0, errors: '3 clusters\n' });
    expect(output).toBe(
      [
        'NAME                FIRST       LAST',
        '(no cluster named)  2026-03-09  2026-03-09',
        'prod                2026-03-08  2026-03-10',
        'staging             2026-03-09  2026-03-09',
        '',
      ].join('\n'),
    );
  });

  it('says of which accounts it does not list all namespaces', async () => {
    unlisted.push('444455556666', '');
    const { errors } = await known('namespaces');
    unlisted.length = 0;
    const more = 'to list all. A filter by --namespace finds the records in the others too.\n';
    expect(errors).toBe(
      `eks-whois: There are too many namespaces in account 444455556666 ${more}` +
        `eks-whois: There are too many namespaces in clusters whose account is not known ${more}5 namespaces\n`,
    );
  });

  it('lists the names with the prefix, namespaces with their cluster', async () => {
    const { output, errors } = await known('namespaces', 'pay', '-o', 'jsonl');
    const rows = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toEqual([
      expect.objectContaining({ kind: 'namespace', name: 'pay', cluster: 'prod', first: utc('12:10:00') }),
      expect.objectContaining({ kind: 'namespace', name: 'payments', cluster: 'staging' }),
    ]);
    expect(errors).toBe('2 namespaces that begin with pay\n');
  });

  it('has the same rows as JSON lines, as one array and as YAML', async () => {
    const { output } = await known('namespaces', 'pay', '-o', 'jsonl');
    const rows: unknown[] = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(JSON.parse((await known('namespaces', 'pay', '-o', 'json')).output)).toEqual(rows);
    expect(parseYaml((await known('namespaces', 'pay', '-o', 'yaml')).output)).toEqual(rows);
  });

  it('lists only actors that were first seen since a time', async () => {
    const { output, errors } = await known('actors', '--first-seen-since', utc('00:00:00'));
    expect(output).toMatch(/^NAME +ACCOUNT +FIRST +LAST +ID +OTHER NAMES +ARN\nbob .*iam-user\/.*user\/bob\n$/);
    expect(errors).toContain('1 actor first seen since 2026-03-10T00:00:00Z\n');
  });

  it.each([60, 80, 100])('fits a screen of %i columns, and repeats each cut name whole below', async (width) => {
    const { output } = await runCommand(['known', 'actors', '--api', api], undefined, { COLUMNS: String(width) });
    for (const line of output.trimEnd().split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(output).toContain('a-deployer-with-a-long-name-of-its-own');
    expect((await known('actors')).output).toContain('user/a-deployer-with-a-long-name-of-its-own');
  });

  it('reports a cluster that nothing named', async () => {
    expect((await known('namespaces', 'of-a-file')).output).toMatch(/^of-a-file +\(no cluster named\) /m);
    expect((await known('clusters', '-o', 'csv')).output).toMatch(/^,2026-03-09T/m);
  });

  it('shows what clients wrote escaped, and never as a formula for a spreadsheet', async () => {
    expect((await known('namespaces')).output).toContain('=cmd|x\\u001b[2J');
    expect((await known('namespaces', '-o', 'csv')).output).toContain(`"'=cmd|x\\u001b[2J",staging`);
  });

  it('shows the question escaped', async () => {
    expect((await known('namespaces', '\u202epay')).errors).toBe('0 namespaces that begin with \\u202epay\n');
  });

  it('reports that nothing is known, and lists nothing', async () => {
    expect(await known('clusters', 'nowhere')).toMatchObject({
      status: 0,
      output: '',
      errors: '0 clusters that begin with nowhere\n',
    });
  });

  it('answers several kinds at once, the first of each, and which have more', async () => {
    const ask = (query: string) => answerKnown(knownRequest(query), stores);
    const { known: all, more } = await ask('kind=cluster&kind=namespace&kind=role&limit=3');
    expect(all.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      ...['cluster ', 'cluster prod', 'cluster staging'],
      ...['namespace =cmd|x\u001b[2J', 'namespace of-a-file', 'namespace pay'],
      'role project-admin',
    ]);
    expect(more).toEqual(['namespace']);
    expect(await ask('kind=cluster&kind=role&limit=3')).not.toHaveProperty('more');
    expect(() => knownRequest('kind=cluster&kind=role&cursor=prod')).toThrow(
      'A cursor belongs to one kind. Read one kind at a time.',
    );
    expect(knownRequest('kind=role&kind=role&cursor=r').kinds).toEqual(['role']);
  });

  it('returns the time of the newest record with the names, if requested', async () => {
    const ask = (query: string) => answerKnown(knownRequest(query), stores);
    expect(await ask('kind=cluster&prefix=staging&newest=true')).toMatchObject({
      known: [{ name: 'staging' }],
      newest: '2026-03-10T12:10:00Z',
    });
    expect(await ask('kind=cluster&prefix=nowhere&newest=true')).toEqual({ known: [], newest: '2026-03-10T12:10:00Z' });
    expect(await ask('kind=cluster')).not.toHaveProperty('newest');
    const empty = memoryStores(calmWorld(() => NOW));
    expect(await answerKnown(knownRequest('kind=cluster&newest=true'), empty)).toEqual({ known: [] });
    expect(() => knownRequest('kind=cluster&newest=yes')).toThrow('Give one of true, false.');
  });

  it('is wrong usage for other kinds', async () => {
    const { status, errors } = await known('users');
    expect(status).toBe(2);
    expect(errors).toContain('Give one of actors, roles, clusters, namespaces.');
  });
});
