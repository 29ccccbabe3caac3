import { describe, expect, it } from 'vitest';
import { METHODS } from '../../lib/attribution/attribution.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../lib/attribution/reasons.ts';
import { documentOf } from '../docs/document.ts';
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

  it.each<[string, RegExp, readonly string[]]>([
    ['methods', /^Methods: .*/m, METHODS],
    [
      'reasons of `unattributed`',
      /^Reasons, the first that holds: (?:.+\n)*?(?=For `partial`)/m,
      reasons('unattributed'),
    ],
    ['reasons of `partial`', /^For `partial`: .*/m, reasons('partial')],
    ['flags', /^Flags: (?:.+\n)*?(?=`anonymous-access` is)/m, FLAGS],
  ])('lists the %s', (what, place, words) => {
    const [list = ''] = place.exec(contract) ?? [];
    const missing = words.filter((word) => !list.includes(`\`${word}\``));
    expect(missing, `docs/contract.md is to say of these ${what} when they are`).toEqual([]);
  });

  it('lists flags in the order in which answers do', () => {
    const [list = ''] = /^Flags: (?:.+\n)*?(?=`anonymous-access` is)/m.exec(contract) ?? [];
    expect(FLAGS.toSorted((a, b) => list.indexOf(`\`${a}\``) - list.indexOf(`\`${b}\``))).toEqual(FLAGS);
  });
});
