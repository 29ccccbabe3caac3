import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

const run = promisify(execFile);
/** `script` of util-linux gives a process a terminal. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

const FILES = ['audit', 'cloudtrail'].map((name) => `--${name} ${join(REPOSITORY, 'examples', name)}`).join(' ');

/** The command at a terminal of 24 lines and 100 columns. */
async function atTerminal(options: string, environment: Record<string, string> = {}): Promise<string> {
  const command = `${process.execPath} ${REPOSITORY}/bin/eks-whois attribute ${FILES} -o table ${options}`;
  const { COLUMNS: _, FORCE_COLOR: __, NO_COLOR: ___, ...inherited } = process.env;
  const env = { ...inherited, TERM: 'xterm', ...environment };
  const { stdout } = await run('script', ['-qec', `stty rows 24 cols 100; ${command}`, '/dev/null'], { env });
  return stdout.replaceAll('\r\n', '\n');
}

const paged = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('PAGED:'));
const rows = (text: string): string[] => text.match(/\d\d-10 \d\d:\d\d:\d\dZ/g) ?? [];

describe.skipIf(!hasTerminal)('At a terminal a table', () => {
  it('that is longer than the screen goes through the pager, whole and in color; one that fits does not', async () => {
    const PAGER = 'sed s/^/PAGED:/';
    const [long, short] = await Promise.all([atTerminal('', { PAGER }), atTerminal('--actor break-glass', { PAGER })]);
    expect(paged(long).length).toBeGreaterThan(24);
    expect(long).toContain('\u001b[31mforged');
    expect(rows(short).length).toBeGreaterThan(0);
    expect(paged(short)).toEqual([]);
  });

  it.each([
    ['--no-pager', 'sed s/^/PAGED:/'],
    ['', ''],
    ['', 'cat'],
    ['', 'no-such-pager-anywhere'],
    ['', 'false'],
  ])('is shown whole even with %s and the pager %j', async (options, PAGER) => {
    const text = await atTerminal(options, { PAGER });
    expect(paged(text)).toEqual([]);
    expect(rows(text).length).toBeGreaterThan(60);
  });

  it('ends quietly when the pager has shown enough, with its notes', async () => {
    const text = await atTerminal('', { PAGER: 'head -3' });
    expect(rows(text)).toHaveLength(1);
    expect(text).not.toMatch(/EPIPE|at .*\.ts/);
    expect(text).toContain('records and ');
  });

  it('fits the screen of 100 columns', async () => {
    const text = await atTerminal('--no-pager', { NO_COLOR: '1' });
    const table = text.slice(text.indexOf('TIME'), text.indexOf('\nplus '));
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(table).not.toContain('\u001b');
  });
});
