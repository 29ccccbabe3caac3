import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, runCommand } from '../builders/command.ts';

const FILES = ['audit', 'cloudtrail'].flatMap((name) => [`--${name}`, join(REPOSITORY, 'examples', name)]);
const WIDTHS = [60, 80, 120, 200] as const;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Patterns of a text before the mark of a cut that may be an ID, and of a whole ID. */
const BEFORE_CUT = /\b(A[A-Z0-9]{4,}|\d{6,}|[0-9a-f]{8}-[0-9a-f-]*)…/g;
const WHOLE_ID = /^(?:A[A-Z0-9]{15,20}|\d{12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function table(width: number | undefined, colour: string, ...more: string[]): Promise<string> {
  const environment = { COLUMNS: width === undefined ? '' : String(width) };
  const ran = await runCommand(
    ['attribute', ...FILES, '--color', colour, '-o', 'table', ...more],
    undefined,
    environment,
  );
  expect(ran.status).toBe(0);
  return ran.output;
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

describe.each(WIDTHS)('in %i columns', (width) => {
  it.each([
    ['records', []],
    ['summary', ['--summary']],
  ] as const)('%s fit the screen, and no id is cut', async (name, more) => {
    const text = await table(width, 'never', ...more);
    await expect(text).toMatchFileSnapshot(`../golden/tables/${name}-${width}.txt`);
    for (const line of lines(text).filter((each) => !/^plus \d+ requests /.test(each))) {
      // One id alone may be wider than the screen: it stands by itself, and whole.
      if (line.trim().includes(' ')) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
      for (const [, id] of line.matchAll(BEFORE_CUT)) expect(id).toMatch(WHOLE_ID);
    }
    expect(text).not.toContain('\u001b');
  });

  it.each([
    ['records', []],
    ['summary', ['--summary']],
  ] as const)('%s have the same text in color', async (name, more) => {
    const coloured = await table(width, 'always', ...more);
    await expect(coloured.replaceAll('\u001b', '␛')).toMatchFileSnapshot(
      `../golden/tables/${name}-${width}-colour.txt`,
    );
    expect(stripVTControlCharacters(coloured)).toBe(await table(width, 'never', ...more));
  });

  it('every row has its whole audit ID, for the next command', async () => {
    const [narrow, whole] = await Promise.all([table(width, 'never'), table(undefined, 'never')]);
    expect(narrow.match(UUID)).toEqual(whole.match(UUID));
    expect(narrow.match(UUID)?.length).toBe(lines(whole).length - 4);
  });

  it('has the source IP from 120 columns on, and nothing of who and what is lost', async () => {
    const people = ['--status', 'attributed', '--status', 'partial'];
    const [narrow, whole] = await Promise.all([
      table(width, 'never', ...people),
      table(undefined, 'never', ...people, '--fields', 'actorName,name'),
    ]);
    expect(lines(narrow)[0]?.includes('SOURCE IP')).toBe(width >= 120);
    for (const text of new Set(
      lines(whole)
        .slice(1)
        .flatMap((line) => line.trim().split(/ {2,}/)),
    ))
      expect(narrow.replaceAll('\n', ' ')).toContain(text);
  });

  it('explains the notes or flags of its rows below it, but not without a header', async () => {
    const text = await table(width, 'never');
    const [legend = ''] = /^ {2}\S+ = [\s\S]*$/m.exec(text) ?? [];
    if (width >= 200) expect(legend).toContain('  key-not-listed = No known grant lists the access key\n');
    else expect(legend).toContain('  denied = the API server refused it\n');
    expect(await table(width, 'never', '--no-headers')).not.toContain(' = ');
  });

  it.each([
    ['forged', 'session-name-claims-other-actor'],
    ['ambiguous', 'ambiguous'],
    ['denied', '403'],
  ])('a %s is visible, with and without color', async (word, cell) => {
    const isSeen = (line: string) => line.includes(word) || line.includes(cell);
    const [plain, coloured] = [await table(width, 'never'), await table(width, 'always')];
    expect(lines(plain).some(isSeen)).toBe(true);
    const tone = word === 'ambiguous' ? '\u001b[33m' : '\u001b[31m';
    expect(lines(coloured).some((line) => isSeen(line) && line.includes(tone))).toBe(true);
  });
});

describe('A table', () => {
  it('in a pipe leaves out nothing and cuts nothing', async () => {
    const whole = await table(undefined, 'auto');
    expect(whole).not.toContain('…');
    expect(lines(whole)[0]).toMatch(
      /^TIME +CLUSTER +WHO +STATUS +METHOD\/REASON +VERB +WHAT +CODE +SOURCE IP +FLAGS +AUDIT ID$/,
    );
  });

  it('in the wide format has more columns, whole, however narrow the screen is', async () => {
    const { output } = await runCommand(['attribute', ...FILES, '-o', 'wide'], undefined, { COLUMNS: '60' });
    expect(output).not.toContain('…');
    expect(lines(output)[0]).toMatch(/FLAGS +ACCOUNT +SESSION +KEY +POD +USER AGENT +AUDIT ID$/);
  });

  it("sums requests that were not authenticated, and those of workloads, apart from the cluster's own", async () => {
    const [own, workloads, anonymousSum] = lines(await table(undefined, 'never')).slice(-3);
    expect(own).toMatch(/^plus \d+ requests by the cluster itself and AWS: /);
    expect(workloads).toMatch(/^plus \d+ requests by service accounts of workloads: /);
    expect(anonymousSum).toMatch(
      /^plus \d+ requests without authentication \(anonymous\), \d+ of them denied: --status system lists these and the requests of the cluster and AWS$/,
    );
    const anonymous = await table(undefined, 'never', '--namespace', 'default', '--resource', 'secrets');
    expect(anonymous).toMatch(/ {2}anonymous +system /);
    const { output } = await runCommand(['attribute', ...FILES, '--summary', '-o', 'table']);
    expect(output).toMatch(/^anonymous +anonymous .* system /m);
  });

  it("sums the cluster's and AWS's own requests in its last line, unless they are in the question", async () => {
    const [first, unlisted, only] = await Promise.all([
      table(undefined, 'never'),
      table(undefined, 'never', '--not-status', 'pending'),
      table(undefined, 'never', '--verb', 'update', '--resource', 'leases'),
    ]);
    const sum = /^plus (\d+) requests [^:]*: --status system lists these and .*$/;
    const number = lines(first)
      .slice(-3)
      .reduce((total, line) => total + Number(sum.exec(line)?.[1]), 0);
    expect(lines(first).filter((line) => line.includes('  system  '))).toEqual([]);
    expect(lines(unlisted).filter((line) => line.includes('  system  '))).toHaveLength(number);
    expect(lines(only).filter((line) => line.includes('  system  ')).length).toBe(lines(only).length - 1);
  });

  it('has no color with NO_COLOR or in a file, unless color is requested', async () => {
    const run = (environment: Record<string, string>, ...more: string[]) =>
      runCommand(['attribute', ...FILES, '-o', 'table', ...more], undefined, { NO_COLOR: '', ...environment });
    expect((await run({})).output).not.toContain('\u001b');
    expect((await run({ FORCE_COLOR: '1' })).output).toContain('\u001b[31m');
    expect((await run({ FORCE_COLOR: '0' })).output).not.toContain('\u001b');
    expect((await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).output).not.toContain('\u001b');
    expect((await run({ NO_COLOR: '1' }, '--color', 'always')).output).toContain('\u001b[31m');
    expect((await run({ FORCE_COLOR: '1' }, '--color', 'never')).output).not.toContain('\u001b');
  });

  it('shows local times with their offset, and relative ones, on request', async () => {
    const run = (...more: string[]) =>
      runCommand(['attribute', ...FILES, '-o', 'table', '--actor', 'break-glass', ...more], undefined, {
        TZ: 'Asia/Kolkata',
      });
    const [local, relative] = await Promise.all([run('--local'), run('--time', 'relative')]);
    expect(local.output).toContain('2026-03-11T00:50:11+05:30');
    expect(local.errors).toContain('Times are in the time zone Asia/');
    expect(relative.output).toMatch(/^\d+d ago {2}/m);
  });
});
