import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { EXEC, exampleLine, FILES, printedCommands } from '../anything/examples.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { type DeployedTables, startWithExamples, TABLE } from '../records/deployed-tables.ts';
import { anonymousLog, expectAnonymousReport, LET_IN_ID, reportIn } from './report.ts';

const LINE = exampleLine(EXEC);
const EXEC_ID = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';
/** Emma's, which no other request bears. */
const DENIED_ID = '7d8301bd-ffec-4a74-a767-b4315871f0c2';

let tables: DeployedTables;

beforeAll(async () => {
  tables = await startWithExamples();
});

afterAll(() => tables?.stop());

const run = (...words: readonly string[]) => tables.run(words);

/** Returns the parts of the report that are the same from files and from a service. */
function comparable({ who, window, sections, others, unnamed }: IncidentReport) {
  const activities = sections.map(({ activity }) => activity && { ...activity, examined: 0 });
  const rows = [...(others ?? []), ...(unnamed === undefined ? [] : [unnamed])].map(({ examined: _, ...of }) => of);
  const keys = sections.map(({ sessions }) =>
    sessions.flatMap(({ accessKeyId, requests }) => (requests > 0 ? accessKeyId : [])),
  );
  return { who, window, activities, rows, keys };
}

describe('the report over the tables', () => {
  it('is the same as over the files that were loaded', async () => {
    const ofTables = await run('incident', LINE, '-o', 'json');
    expect(ofTables.status, ofTables.errors).toBe(0);
    const ofFiles = await runCommand(['incident', LINE, ...FILES, '-o', 'json']);
    expect(comparable(reportIn(ofTables.output))).toEqual(comparable(reportIn(ofFiles.output)));
  });

  it('can be started by the command printed for a pasted line', async () => {
    const { output } = await run(LINE);
    const report = printedCommands(output).find(([command]) => command === 'incident');
    expect(report).toEqual(['incident', EXEC_ID, '--table', TABLE]);
    const ticket = await run(...(report ?? []).slice(0, -2), '-o', 'markdown');
    expect(ticket.status, ticket.errors).toBe(0);
    expect(ticket.output).toContain('- **who:** `IAM user ana.silva`');
  });

  it('lists the requests of an anonymous caller that was let in, each once, like over files', async () => {
    using folder = new Folder();
    const audit = folder.file('audit.jsonl', anonymousLog());
    const loaded = await run(
      'backfill',
      '--audit',
      audit,
      '--cloudtrail',
      FILES[1] ?? '',
      '--state',
      folder.at('state'),
    );
    expect(loaded.status, loaded.errors).toBe(0);
    const { output, errors } = await run('incident', LET_IN_ID, '-o', 'json');
    expect(output, errors).not.toBe('');
    expectAnonymousReport(reportIn(output));
  });

  it('writes the records as evidence, as the service stores them', async () => {
    using folder = new Folder();
    const { status, errors } = await run('incident', DENIED_ID, '--evidence', folder.at('evidence'));
    expect(status, errors).toBe(0);
    const manifest = JSON.parse(folder.read('evidence/manifest.json')) as { files: { path: string; id: string }[] };
    const [file] = manifest.files.filter(({ id }) => id === DENIED_ID);
    const record = JSON.parse(readFileSync(join(folder.at('evidence'), file?.path ?? ''), 'utf8')) as object;
    expect(record).toMatchObject({ auditId: DENIED_ID, attribution: { actor: { name: 'ana.silva' } } });
  });
});

describe('records --same-role and --same-ip', () => {
  it('show who else used the role of a request within a window of it', async () => {
    const { output, errors, status } = await run('records', '--same-role', DENIED_ID, '-o', 'jsonl');
    expect(status, errors).toBe(0);
    expect(errors).toContain('Using the role AROAL3H6OXYWHJEXAMPLE, from 2026-03-10T06:31:48');
    const records = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { caller: { roleId: string }; time: string });
    expect(new Set(records.map(({ caller }) => caller.roleId))).toEqual(new Set(['AROAL3H6OXYWHJEXAMPLE']));
    expect(output).toContain('ben.okafor');
    const narrow = await run('records', '--same-role', DENIED_ID, '--window', '1m', '-o', 'jsonl');
    expect(narrow.output.trim().split('\n').length).toBeLessThan(records.length);
  });

  it('show what else came from the same address', async () => {
    const { output, status } = await run('records', '--same-ip', DENIED_ID, '-o', 'jsonl');
    expect(status).toBe(0);
    const ips = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { source: { ips: string[] } }).source.ips.at(-1));
    expect(new Set(ips)).toEqual(new Set(['203.0.113.11']));
  });

  it('count with --summary', async () => {
    const { output } = await run('records', '--same-role', DENIED_ID, '--summary');
    expect(output).toMatch(/^ben\.okafor +IAM user/m);
  });

  it.each<[readonly string[], string, number]>([
    [['--same-role', DENIED_ID, '--same-ip', DENIED_ID], 'not both', 2],
    [['--same-role', DENIED_ID, '--role', 'x'], 'Leave --role out', 2],
    [['--same-ip', DENIED_ID, '--since', '2h'], 'use --window', 2],
    [['--same-ip', DENIED_ID, '--follow'], 'Leave --follow out', 2],
    [['--window', '2h', '--actor', 'x'], 'works only with --same-role', 2],
    [['--same-role', 'unheard-of'], 'the service has no record with this audit ID', 1],
  ])('%j is refused', async (words, message, status) => {
    const ran = await run('records', ...words);
    expect([ran.status, ran.output, ran.errors]).toEqual([status, '', expect.stringContaining(message)]);
  });
});

describe('sessions --actor and --role', () => {
  it('list all sessions of a person, attributed or not', async () => {
    const { output, errors, status } = await run('sessions', '--actor', 'ana.silva', '-o', 'jsonl');
    expect(status, errors).toBe(0);
    const rows = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { actor: { name: string }; caller: { accessKeyId: string }; count: number });
    expect(new Set(rows.map(({ actor }) => actor.name))).toEqual(new Set(['ana.silva']));
    expect(rows.find(({ caller }) => caller.accessKeyId === 'ASIATMFNRFYKCEXAMPLE')?.count).toBe(4);
  });

  it('show similar names for an unknown name, and say that these may belong to somebody else', async () => {
    const { output, errors, status } = await run('sessions', '--actor', 'ANA.SILVA');
    expect({ status, output }).toEqual({ status: 0, output: '' });
    expect(errors).toContain('Similar: ana.silva');
  });

  it('count the further requests for which the person is a candidate', async () => {
    const { errors } = await run('sessions', '--actor', 'ana.silva', '-o', 'jsonl');
    expect(errors).toMatch(/\d+ more requests may be by ana\.silva/);
    expect(errors).toContain('eks-whois records --actor ana.silva');
  });

  it('list all sessions of a role with their actors, including unidentified ones', async () => {
    const { output, status } = await run(
      'sessions',
      '--role',
      'orders-developer',
      '--from',
      '2026-03-10',
      '--to',
      '2026-03-10',
    );
    expect(status).toBe(0);
    for (const who of ['ana.silva', 'ben.okafor', 'unattributed']) expect(output).toContain(who);
    expect(output).toMatch(/^SESSION +USERNAME +WHO/);
  });

  it('cannot be replaced by a cluster alone', async () => {
    const { status, errors } = await run('sessions', '--cluster', 'prod');
    expect([status, errors]).toEqual([2, expect.stringContaining('works only with --actor, --role')]);
  });
});
