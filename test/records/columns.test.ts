import { describe, expect, it } from 'vitest';
import { RECORD_FIELDS } from '../../cli/format/fields.ts';
import { liveRow } from '../../cli/format/live-table.ts';
import { requestsText } from '../../cli/format/request-list.ts';
import { tableFormat } from '../../cli/format/table.ts';
import { textTable } from '../../cli/terminal/text-table.ts';
import { PIPED } from '../builders/view.ts';
import { storedRecord } from '../contract/stored-record.ts';

/** A name, and how many columns a terminal takes for it (Unicode Standard Annexes #11 and #29). */
const NAMES: readonly (readonly [string, string, number])[] = [
  ['CJK', '山田太郎', 8],
  ['Hangul', '김민수', 6],
  ['full-width letters', 'ＡＢ', 4],
  ['an emoji', 'bot🤖', 5],
  ['a flag, of two characters', '🇩🇪', 2],
  ['an emoji with a colour of skin', '👍🏽', 2],
  ['a letter with a combining mark', 'zoe\u0308', 3],
  ['a letter with many marks', 'a\u0301\u0302\u0303', 1],
  ['Thai, whose vowels stand above', 'กิ่', 1],
  ['plain letters', 'alice', 5],
  ['a letter of one column that is no ASCII', 'Zoë', 3],
];

/** In which column of a terminal the mark stands, where the text before it takes as many as said. */
function columnOf(mark: string, line: string, name: string, width: number): number {
  const before = line.slice(0, line.indexOf(mark));
  expect(before).toContain(name);
  return before.length - name.length + width;
}

function recordOf(username: string) {
  return storedRecord({ user: { username } }).record;
}

describe('a column begins at the same place in every row', () => {
  it.each(NAMES)('of a table with %s', (_, name, width) => {
    const rows = [
      [name, '#1'],
      ['eight--8', '#2'],
    ];
    const [head = '', first = '', second = ''] = textTable(['NAME', '#0'], rows).split('\n');
    expect([head.indexOf('#0'), columnOf('#1', first, name, width), second.indexOf('#2')]).toEqual([10, 10, 10]);
  });

  it.each(NAMES)('of records with %s', (_, name, width) => {
    const format = tableFormat({ ...PIPED, isWide: false, sumsSystem: false });
    const text = ['eight--8', name].map((one) => format.record(recordOf(`system:node:${one}`))).join('') + format.end();
    const [head = '', first = '', second = ''] = text.split('\n');
    const wanted = head.indexOf('STATUS');
    expect(first.indexOf('system  ')).toBe(wanted);
    expect(columnOf('system  ', second, name, width)).toBe(wanted);
  });

  it('with a cell that a terminal could obey, which is escaped and has its escaped width', () => {
    const table = textTable(['NAME', '#0'], [['a\u001b[31m\u200db', '#1']]);
    expect(table).toBe(`NAME                #0\na\\u001b[31m\\u200db  #1\n`);
  });
});

describe('the pod that made a request', () => {
  const extra = {
    'authentication.kubernetes.io/pod-name': ['runner-0'],
    'authentication.kubernetes.io/pod-uid': ['uid-of-runner-0'],
  };
  const { record } = storedRecord({ user: { username: 'system:serviceaccount:shop:web', uid: 'sa', extra } });
  const table = (width: number | undefined, isWide = false) => {
    const format = tableFormat({ ...PIPED, width, isWide, sumsSystem: false });
    return format.record(record) + format.end();
  };

  it('stands below its row on a screen, and in a column of the wide table', () => {
    for (const width of [60, 120, 200]) expect(table(width)).toMatch(/^ {2}.*by the pod runner-0$/m);
    expect(table(undefined, true)).toMatch(/ POD .*\n.* runner-0 /);
    expect(table(undefined)).not.toContain('runner-0');
  });

  it('stands for the caller in lists of requests, and is a field', () => {
    expect(requestsText({ listed: [record] }, PIPED)).toContain('  pod runner-0  ');
    expect(RECORD_FIELDS.filter(({ name }) => name.startsWith('pod')).map((field) => field.text(record))).toEqual([
      'runner-0',
      'uid-of-runner-0',
    ]);
  });
});

it("an anonymous caller that was let in is a row; the cluster's own requests, those of workloads and denied ones are summed", () => {
  const by = (auditID: string, username: string, code: number) =>
    storedRecord({ auditID, user: { username }, responseStatus: { code } }).record;
  const format = tableFormat({ ...PIPED, isWide: true, sumsSystem: true });
  const rows = [
    format.record(by('a', 'system:kube-scheduler', 200)),
    format.record(by('b', 'system:anonymous', 403)),
    format.record(by('c', 'system:anonymous', 200)),
    format.record(by('d', 'system:serviceaccount:shop:web', 200)),
    format.record(by('e', 'system:serviceaccount:kube-system:job-controller', 200)),
  ];
  expect(rows.slice(0, 2)).toEqual(['', '']);
  const text = rows.join('') + format.end();
  expect(text).toMatch(/^.* anonymous .* system .* anonymous-access /m);
  expect(text).toMatch(/^plus 2 requests by the cluster itself and AWS:/m);
  expect(text).toMatch(/^plus 1 request by service accounts of workloads:/m);
  expect(text).toMatch(/^plus 1 requests? without authentication \(anonymous\), 1 of them denied:/m);
});

describe('a followed record is a line', () => {
  it('with cells separated by two spaces, so that no cell can imitate another', () => {
    const row = liveRow(recordOf('system:a  attributed  200'), PIPED);
    expect(row).toContain('  system:a attributed 200  system  ');
    expect(row.trimEnd().split(/ {2,}/)).toHaveLength(7);
  });
});
