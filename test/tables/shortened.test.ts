import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { brokenAtBlanks, shortened } from '../../cli/terminal/width.ts';

describe('a text that is too wide', () => {
  it.each([
    ['emma.fischer@example.com', 12, 'emma.fische…'],
    ['short', 5, 'short'],
    ['key ASIALRSYIHHNVEXAMPLE of', 12, 'key …'],
    ['AROAVENDORXXXXEXAMPLE:metrics-collector', 12, '…:metrics-c…'],
    ['arn:aws:iam::111122223333:user/ana', 20, 'arn:aws:iam::…'],
    ['山田太郎', 5, '山田…'],
    ['ab', 1, '…'],
  ])('%s is, in %i columns, %s', (text, width, expected) => {
    expect(shortened(text, width)).toBe(expected);
  });

  it('never takes more than its width, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(stringWidth(shortened(text, width), { countAnsiEscapeCodes: true })).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is broken at spaces, so that an ID is on one line', () => {
    expect(brokenAtBlanks('session AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth, key ASIALRSYIHHNVEXAMPLE', 48)).toEqual([
      'session AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth,',
      'key ASIALRSYIHHNVEXAMPLE',
    ]);
  });
});
