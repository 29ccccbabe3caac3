import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { benchOptions } from '../../bench/options.ts';

const FAMILIES = ['attribute', 'growth'];

describe('npm run bench', () => {
  afterEach(() => vi.restoreAllMocks());

  it('runs every row at its own size unless an option sets another', () => {
    const { sizes, ...rest } = benchOptions([], FAMILIES);
    expect([rest, sizes.audit, sizes.pairs]).toEqual([{ families: [], charts: undefined }, 200_000, 3]);
    expect(benchOptions(['growth', '--records', '1000', '--charts', 'drawn'], FAMILIES)).toEqual({
      families: ['growth'],
      sizes: { ...sizes, records: 1_000 },
      charts: 'drawn',
    });
  });

  it.each([
    [['groth'], /'groth' is invalid.*attribute, growth/],
    [['--pairs', 'many'], /'many' is invalid\. Give a whole number/],
    [['--pairs', '0'], /'0' is invalid\. Give a whole number/],
    [['--claimes', '1'], /unknown option '--claimes'.*--claims/s],
  ])('tells in a sentence what is wrong with %j', (args, sentence) => {
    let reported = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      reported += String(text);
      return true;
    });
    expect(() => benchOptions(args, FAMILIES)).toThrow(CommanderError);
    expect(reported).toMatch(sentence);
  });
});
