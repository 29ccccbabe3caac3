import { expect, test } from 'vitest';
import { parseCaller } from '../../lib/audit/caller.ts';
import { originOf } from '../../lib/envelopes/origin.ts';
import { answerLines, contractExamples } from './contract-examples.ts';
import { documentOf, tableRows } from './document.ts';

const CONTRACT = documentOf('docs/contract.md');
const EXAMPLES = contractExamples(CONTRACT);

test.each(EXAMPLES.map((example) => [example.title, example] as const))('%s', (_, example) => {
  const shown = example.lines.filter(([label]) => ['Answer', 'Chain', 'Id'].includes(label)).map(([, text]) => text);
  expect(answerLines(example)).toEqual(shown);
});

test('the contract has an example of each rule that decides', () => {
  const rules = new Set(EXAMPLES.map(({ title }) => /^Example (\d+)[a-z]: /.exec(title)?.[1]));
  expect([...rules]).toEqual(['2', '3', '4', '5', '6', '7', '8']);
});

test('Example 1a: kinds of callers', () => {
  const rows = tableRows(CONTRACT, 'uid').filter((row) => row.length === 3);
  expect(rows.length).toBeGreaterThan(0);
  for (const [uid, username, kind] of rows.map((row) => row.map((cell) => cell.replaceAll('`', ''))))
    expect(parseCaller({ uid, username }).kind, `${uid} ${username}`).toBe(kind);
});

test('Example 9a: where text comes from', () => {
  const rows = tableRows(CONTRACT, 'Example 9a: log group').map((row) => row.map((cell) => cell.replaceAll('`', '')));
  expect(rows).toHaveLength(4);
  for (const [group, stream, message = '', countsAs = ''] of rows) {
    const origin = originOf({ group, stream }, []);
    const counts = message === 'an audit event' ? origin.mayBeAudit : origin.mayBeTrail;
    expect(counts, group).toBe(!countsAs.startsWith('nothing'));
  }
});

test('rules are numbered without a gap, each once', () => {
  const numbers = [...CONTRACT.matchAll(/^- \*\*(\d+)\.(\d+)\*\*/gm)].map(([, section, rule]) => [section, rule]);
  const last = new Map<string | undefined, number>();
  for (const [section, rule] of numbers) {
    expect(Number(rule), `${section}.${rule}`).toBe((last.get(section) ?? 0) + 1);
    last.set(section, Number(rule));
  }
});
