import { describe, expect, it } from 'vitest';
import { METHODS } from '../../lib/attribution/attribution.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../lib/attribution/reasons.ts';
import { documentOf, tableRows } from '../docs/document.ts';
import { expectDerived } from './derived-part.ts';
import { DERIVED } from './parts.ts';

describe('what is made from the tables of flags, reasons and causes', () => {
  it.each(DERIVED.map((part) => [part.file, part.of, part] as const))('is in %s: %s', (_file, _of, part) =>
    expectDerived(part),
  );
});

describe('the contract', () => {
  const contract = documentOf('docs/contract.md');
  const reasons = (status: string) => REASONS.filter((reason) => REASON_ROWS[reason].status === status);
  const wordsOf = (title: string) =>
    tableRows(contract, title).map(([cell = '']) => /`([^`]+)`/.exec(cell)?.[1] ?? cell);

  it.each<[string, string, readonly string[]]>([
    ['method', 'methods', METHODS],
    ['reason of unattributed', 'reasons of `unattributed`', reasons('unattributed')],
    ['reason of partial', 'reasons of `partial`', reasons('partial')],
    ['flag', 'flags', FLAGS],
  ])('says of each %s when it holds, and of no other', (title, what, words) => {
    const reported = [...new Set(wordsOf(title))];
    expect(reported.toSorted(), `docs/contract.md is to say of these ${what} when they are`).toEqual(words.toSorted());
  });

  it('lists flags in the order in which answers do', () => {
    expect(wordsOf('flag')).toEqual(FLAGS);
  });
});
