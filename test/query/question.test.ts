import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMillis } from '../../lib/time.ts';
import { FIELD_NAMES, type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import {
  asksSomething,
  isInRange,
  negatedName,
  QUESTION_PARAMETERS,
  questionOf,
  questionParameters,
  readQuestion,
} from '../../lib/usecases/query/question.ts';
import { cases } from '../builders/chance.ts';
import { asking } from '../builders/question.ts';

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

/** Values that their field takes, and others than people write are among them: `4XX`, `DELETE`. */
const OWN: { readonly [Name in FieldName]?: fc.Arbitrary<string> } = {
  session: fc.constantFrom('AROAEXAMPLE0000000001:bob', 'ASIAEXAMPLE000000001', '111122223333:jane', 'AROAX bob'),
  resource: fc.constantFrom('pods', 'pods/exec', '*', 'deployments.apps/scale', '*/exec'),
  verb: fc.constantFrom('get', 'DELETE', 'Watch'),
  code: fc.constantFrom('200', '4xx', '5XX'),
  ip: fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((ip) => !ip.includes('.')),
  ),
};

function valuesOf(name: FieldName): fc.Arbitrary<string> {
  const { words, flaw, example } = fieldOf(name);
  return OWN[name] ?? (words ? fc.constantFrom(...words) : flaw ? fc.constant(example) : text);
}

const value = fc
  .constantFrom(...FIELD_NAMES)
  .chain((name) => fc.record({ name: fc.constant(name), value: valuesOf(name), negated: fc.boolean() }));
/** Microseconds from 1970 to 2100, and some years before. */
const instant = fc.integer({ min: -3e14, max: 4e15 }).map((micros) => epochMillis(micros / 1_000));
const range = fc
  .tuple(fc.option(instant), fc.option(instant), fc.option(instant))
  .map(([one, other, firstSeenSince]) => {
    const [from, to] = [one, other].sort((a, b) => Number(a) - Number(b));
    return {
      ...(from != null && { from }),
      ...(to != null && (from == null || from <= to) && { to }),
      ...(firstSeenSince !== null && { firstSeenSince }),
    };
  });

describe('a question', () => {
  it('is the same after it was written into a URL and read again, with times to the microsecond', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), range, (values, times) => {
        const question = questionOf(values, times);
        const parameters = questionParameters(question);
        const again = readQuestion(new URLSearchParams(new URLSearchParams(parameters).toString()));
        expect(again.filter).toEqual(question.filter);
        expect(questionParameters(again)).toEqual(parameters);
        const micros = (at: number | undefined) => (at === undefined ? undefined : Math.round(at * 1_000));
        expect([again.range.from, again.range.to, again.firstSeenSince].map(micros)).toEqual(
          [question.range.from, question.range.to, question.firstSeenSince].map(micros),
        );
      }),
      { numRuns: cases(500, 10_000) },
    );
  });

  it('has a parameter for each field and its negation', () => {
    for (const name of FIELD_NAMES)
      expect(QUESTION_PARAMETERS).toEqual(expect.arrayContaining([name, negatedName(name)]));
    expect(new Set(QUESTION_PARAMETERS).size).toBe(QUESTION_PARAMETERS.length);
  });

  it('takes a value once, however often and in whichever form it is given', () => {
    expect(asking({ verb: ['get', 'GET', 'get'] }).filter).toEqual({ verb: { any: ['get'] } });
  });

  it('for an actor and only ambiguous records finds requests for which the actor is a candidate', () => {
    expect(asking({ actor: 'alice', status: 'ambiguous' }).filter).toEqual({
      candidate: { any: ['alice'] },
      status: { any: ['ambiguous'] },
    });
    expect(asking({ actor: 'alice', status: ['ambiguous', 'partial'] }).filter.actor).toEqual({ any: ['alice'] });
  });

  it('reads a time whose plus arrived as a space', () => {
    expect(asking({ from: '2026-03-10T15:00:00 01:00' })).toEqual(asking({ from: '2026-03-10T14:00:00Z' }));
  });

  it('is not empty if it has a filter, a negated filter, or a time', () => {
    expect(asksSomething(asking({}))).toBe(false);
    expect(asksSomething(asking({ noSystem: 'false' }))).toBe(false);
    for (const parameters of [
      { noSystem: 'true' },
      { notVerb: 'get' },
      { from: '2026-03-10T00:00:00Z' },
      { to: '2026-03-10T00:00:00Z' },
      { firstSeenSince: '2026-03-10T00:00:00Z' },
    ])
      expect(asksSomething(asking(parameters))).toBe(true);
  });
});

describe('a time range', () => {
  it.each([
    ['2026-03-10T12:00:00.000001Z', true],
    ['2026-03-10T12:00:00.0000014Z', true],
    ['2026-03-10T12:00:00.0000006Z', true],
    ['2026-03-10T12:00:00Z', false],
    ['2026-03-10T12:00:00.000003Z', false],
    ['2026-03-10T13:00:00.000002+01:00', true],
    ['yesterday', false],
    [undefined, false],
  ])('includes its ends, to the microsecond: %s %s', (time, isIn) => {
    const { range } = asking({ from: '2026-03-10T12:00:00.000001Z', to: '2026-03-10T12:00:00.000002Z' });
    expect(isInRange({ time }, range)).toBe(isIn);
  });

  it('excludes records from before 1970, whose time the tables do not store; without a range all are included', () => {
    expect(isInRange({ time: '1969-12-31T23:59:59Z' }, asking({ from: '1960-01-01T00:00:00Z' }).range)).toBe(false);
    for (const time of ['1969-12-31T23:59:59Z', 'yesterday', undefined]) expect(isInRange({ time }, {})).toBe(true);
  });
});
