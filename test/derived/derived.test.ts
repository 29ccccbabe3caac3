import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METHODS } from '../../lib/attribution/attribution.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../lib/attribution/reasons.ts';
import { REPOSITORY } from '../builders/command.ts';
import { DERIVED, withPart } from './parts.ts';

/** `npm run derived` writes what fails here, and all else that is made from tables. */
const isUpdate = process.env.UPDATE === '1';

describe('what is made from the tables of flags, reasons and causes', () => {
  it.each(DERIVED.map((part) => [part.file, part.of, part] as const))('is in %s: %s', (file, of, part) => {
    const path = join(REPOSITORY, file);
    const document = readFileSync(path, 'utf8');
    const wanted = withPart(document, part);
    if (wanted === undefined) return expect.fail(`${file} has no place for ${of}`);
    if (isUpdate) return writeFileSync(path, wanted);
    const lines = document.split('\n');
    const missing = wanted.split('\n').filter((line) => !lines.includes(line));
    expect(missing, `\`npm run derived\` writes these lines into ${file}`).toEqual([]);
    expect(document, `\`npm run derived\` writes ${file}`).toBe(wanted);
  });
});

describe('the contract', () => {
  const contract = readFileSync(join(REPOSITORY, 'docs/contract.md'), 'utf8');
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
