import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { recordFormat } from '../../cli/format/formats.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { completeRecord, recordHead } from '../../lib/attribution/record.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { csvCell, escapeForTerminal } from '../../lib/words/escape.ts';
import { eventBy } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';

const ESCAPE = '\u001b[2J\u001b]0;owned\u0007';
const HOSTILE = `=HYPERLINK("http://x")${ESCAPE}\u009b31m\u202e\u2028\r\n\u0000\u200b\ud800`;

async function written(format: string, fields: object, environment = {}): Promise<string> {
  using folder = new Folder();
  const user = { username: HOSTILE, groups: [HOSTILE] };
  const audit = folder.file('audit', JSON.stringify(eventBy(user, { ...fields })));
  const args = ['attribute', '--audit', audit, '--cloudtrail', folder.file('empty', ''), '--format', format];
  const cluster = HOSTILE.replaceAll('\0', '');
  const { status, output, errors } = await runCommand([...args, '--cluster-name', cluster], undefined, environment);
  expect(status).toBe(0);
  expectPlain(errors);
  return output;
}

function expectPlain(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/);
}

const EVERYWHERE = {
  verb: HOSTILE,
  requestURI: HOSTILE,
  userAgent: HOSTILE,
  sourceIPs: [HOSTILE],
  requestReceivedTimestamp: HOSTILE,
  auditID: HOSTILE,
  stage: HOSTILE,
  objectRef: { resource: HOSTILE, namespace: HOSTILE, name: HOSTILE, subresource: HOSTILE },
  impersonatedUser: { username: HOSTILE },
};

/** The command believes that a terminal shows what it writes. */
const ON_A_TERMINAL = { NODE_OPTIONS: '--import=data:text/javascript,process.stdout.isTTY=true' };

describe('on a terminal', () => {
  it.each(['jsonl', 'json', 'yaml', 'csv', 'ocsf', 'ecs'])(
    '%s shows what an attacker writes, without obeying it',
    async (format) => {
      const output = await written(format, EVERYWHERE, ON_A_TERMINAL);
      expectPlain(output);
      expect(output).toContain('u001b[2J');
      expect(output).not.toContain('u000d\n');
    },
  );

  it('JSON stays the same value', async () => {
    const [shown, piped] = await Promise.all([
      written('jsonl', EVERYWHERE, ON_A_TERMINAL),
      written('jsonl', EVERYWHERE),
    ]);
    expect(JSON.parse(shown)).toEqual(JSON.parse(piped));
  });
});

describe('the table', () => {
  it('shows what an attacker writes, without obeying it', async () => {
    const output = await written('table', EVERYWHERE);
    expectPlain(output);
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(output).toContain('\\u001b[2J');
  });

  it('has one row for each event and fits its columns', async () => {
    const output = await written('table', {});
    expect(output.split('\n')[0]).toMatch(
      /^TIME +CLUSTER +WHO +STATUS +METHOD\/REASON +VERB +WHAT +CODE +SOURCE IP +FLAGS +AUDIT ID$/,
    );
  });
});

describe('the CSV', () => {
  it('is read back unchanged, except that no cell is a formula', async () => {
    const output = await written('csv', EVERYWHERE);
    const [row, ...others] = parse(output, { columns: true }) as Record<string, string>[];
    expect(others).toEqual([]);
    expect(row?.auditId).toBe(`'${escapeForTerminal(HOSTILE)}`);
    for (const cell of Object.values(row ?? {})) expect(cell).not.toMatch(/^[=+\-@]/);
    expectPlain(output.replaceAll('\r\n', ''));
  });

  it.each([',', ';', '\t', ', and ;'])('has no formula if a spreadsheet splits at %j', async (delimiters) => {
    const parts = [';', '\t', '\n', '\r\n', ',', '";', '"\t"', ';"', '; ', "';", '"";""'].map(
      (split) => `x${split}=1+1`,
    );
    for (const hostile of [...parts, ';\uFF1D1', ';-1', ';@a', ';+1']) {
      const output = await csvOf({ requestURI: hostile, userAgent: hostile, stage: hostile });
      const delimiter = delimiters.length === 1 ? delimiters : [',', ';'];
      const cells = parse(output, { delimiter, relax_quotes: true, relax_column_count: true }).flat() as string[];
      for (const cell of cells) expect(cell).not.toMatch(/^[\s"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/);
    }
  });

  it('has its header without events', async () => {
    using folder = new Folder();
    const empty = folder.file('empty', '');
    const { output } = await runCommand(['attribute', '--audit', empty, '--cloudtrail', empty, '--format', 'csv']);
    expect(output).toMatch(/^time,cluster,clusterArn,status,.*\r\n$/);
  });

  it.each([
    ['=1+1', '"\'=1+1"'],
    ['+1', '"\'+1"'],
    ['-1', '"\'-1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['\t=1', '\\u0009=1'],
    ['\r=1', '\\u000d=1'],
    ['\n=1', '\\u000a=1'],
    [' =1', '" \'=1"'],
    ['\uFF1D1', '"\'\uFF1D1"'],
    ['a;=1', '"a;\'=1"'],
    ['a; -1;b', '"a; \'-1;b"'],
    ['a;"=1', '"a;""\'=1"'],
    ['a;b', '"a;b"'],
    ['a=1', 'a=1'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', 'two\\u000alines'],
    ['\u001b[31m\u202e', '\\u001b[31m\\u202e'],
    ['', ''],
  ])('writes %j as %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});

/** The records as CSV, made where the command makes them. */
async function csvOf(fields: object): Promise<string> {
  const { record } = recordFormat('csv');
  const event = parseAuditEvent(eventBy({ username: 'alice' }, { ...fields }));
  if (typeof event === 'string') throw new Error(event);
  const known = { index: new KnownGrants(), settings: DEFAULT_SETTINGS, settled: true };
  return record(completeRecord(recordHead(event, {}), attribute(actionOf(event, {}), known)));
}

describe('text for a terminal', () => {
  it.each([
    ['plain text', 'alice@example.com', 'alice@example.com'],
    ['text of the world', 'Zoë 名前 😀', 'Zoë 名前 😀'],
    ['an escape sequence', '\u001b[31m', '\\u001b[31m'],
    ['a one-byte escape sequence', '\u009b31m', '\\u009b31m'],
    ['line breaks', 'a\r\nb', 'a\\u000d\\u000ab'],
    ['a tab', 'a\tb', 'a\\u0009b'],
    ['a backspace', 'a\b', 'a\\u0008'],
    ['a delete', 'a\u007f', 'a\\u007f'],
    ['text that turns around', '\u202egnp', '\\u202egnp'],
    ['a zero-width space', 'a\u200bb', 'a\\u200bb'],
    ['half a character', 'a\ud800b\udc00', 'a\\ud800b\\udc00'],
    ['other line separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['an invisible tag', '\u{e0041}', '\\udb40\\udc41'],
    ['a letter that is drawn as nothing', 'alice\u3164', 'alice\\u3164'],
    ['a joiner that is drawn as nothing', 'a\u034fb', 'a\\u034fb'],
    ['a sign that chooses among ways to draw', 'a\ufe00', 'a\\ufe00'],
    ['blanks that are none', 'a\u00a0b\u2003c\u2800d', 'a\\u00a0b\\u2003c\\u2800d'],
  ])('shows %s', (_, text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
  });
});

describe('JSON lines', () => {
  it('have one record a line, whatever its texts contain, and keep the texts unchanged', async () => {
    const output = await written('jsonl', EVERYWHERE);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(output)).toMatchObject({ auditId: HOSTILE, request: { verb: HOSTILE } });
  });
});
