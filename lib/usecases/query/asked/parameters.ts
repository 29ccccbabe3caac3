import { type EpochMillis, HOUR, parseInstant } from '../../../time.ts';
import { LONGEST_VALUE, QuestionError } from '../question.ts';

/** Cursors may hold a list of sessions. */
const LONGEST_CURSOR = 6_000;

/** A parameter as it was given: each may come several times. */
export type Pair = readonly [name: string, value: string];

/** The parameters of a query, as they were given. @throws QuestionError where one is not percent-encoded. */
export function pairsOf(query: string): readonly Pair[] {
  checkEncoding(query);
  return [...new URLSearchParams(query)];
}

/** The query parameters of a request, each at most once but for lists, none empty. */
export class Parameters {
  readonly #given: ReadonlyMap<string, readonly string[]>;

  /**
   * `longest`: of parameters that may be longer than others; `lists`: those that may come several times.
   * @throws QuestionError where a parameter is not known, given twice, empty or too long.
   */
  constructor(
    pairs: Iterable<Pair>,
    known: readonly string[],
    longest: ReadonlyMap<string, number> = new Map(),
    lists: readonly string[] = [],
  ) {
    const given = new Map<string, readonly string[]>();
    for (const [name, value] of pairs) {
      if (!known.includes(name))
        throw new QuestionError(name, `There is no parameter of this name; known: ${known.join(', ')}.`);
      const before = given.get(name) ?? [];
      if (before.length > 0 && !lists.includes(name)) throw new QuestionError(name, 'Give it once.');
      const most = longest.get(name) ?? longestOf(name);
      if (value === '' || value.length > most) throw new QuestionError(name, `Give 1 to ${most} characters.`);
      given.set(name, [...before, value]);
    }
    this.#given = given;
  }

  text(name: string): string | undefined {
    return this.#given.get(name)?.[0];
  }

  /** Which of the parameters are given, in the order asked. */
  among(names: readonly string[]): string[] {
    return names.filter((name) => this.#given.has(name));
  }

  instant(name: string): EpochMillis | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    // An unescaped `+` of an offset arrives as a blank.
    const at = parseInstant(text.replace(/ (\d\d:?\d\d)$/, '+$1'));
    if (at === undefined) throw new QuestionError(name, 'Give a time as in RFC 3339, 2026-03-10T14:03:00Z.');
    return at;
  }

  whole(name: string, otherwise: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw new QuestionError(name, `Give a whole number from 1 to ${most}.`);
    return value;
  }

  /** Hours, in milliseconds. */
  hours(name: string, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
    if (value <= 0 || value > most) throw new QuestionError(name, `Give hours, more than 0 and at most ${most}.`);
    return value * HOUR;
  }

  isTrue(name: string): boolean {
    return this.oneOf(name, ['true', 'false']) === 'true';
  }

  oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
    return this.someOf(name, words)[0];
  }

  /** Each value that was given, in that order, once. */
  someOf<const W extends string>(name: string, words: readonly W[]): readonly W[] {
    return [...new Set(this.#given.get(name))].map((text) => {
      const word = words.find((each) => each === text);
      if (word === undefined) throw new QuestionError(name, `Give one of ${words.join(', ')}.`);
      return word;
    });
  }
}

function longestOf(name: string): number {
  return name === 'cursor' ? LONGEST_CURSOR : LONGEST_VALUE;
}

/** `%zz` would be asked for as it stands, and found nowhere: an answer that sounds like "nobody". */
function checkEncoding(query: string): void {
  for (const pair of query.split('&')) {
    try {
      decodeURIComponent(pair);
    } catch {
      const [name = ''] = pair.split('=');
      throw new QuestionError(name, 'It is not percent-encoded as UTF-8: write a % as %25.');
    }
  }
}
