/** What a parameter turned out to be, or in words why it can't be used. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

export type Reader<T> = (value: unknown) => Checked<T>;

const right = <T>(value: T): Checked<T> => ({ ok: true, value });
const wrong = (problem: string) => ({ ok: false, problems: [problem] }) as const;

/** `--param` gives texts, `serverless.yml` numbers and booleans too; absent, null and '' are the same. */
function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return (value) => {
    const found = words.find((known) => known === textOf(value));
    return found === undefined ? wrong(`must be one of ${words.join(', ')}`) : right(found);
  };
}

export const flag: Reader<boolean> = (value) => {
  const read = word(['true', 'false'])(value);
  return read.ok ? right(read.value === 'true') : read;
};

export function text(shape: RegExp, meaning: string): Reader<string> {
  return (value) => (shape.test(textOf(value)) ? right(textOf(value)) : wrong(`must be ${meaning}`));
}

export function optionalText(shape: RegExp, meaning: string): Reader<string | undefined> {
  return (value) => (textOf(value) === '' ? right(undefined) : text(shape, meaning)(value));
}

export function whole(least: number, most: number): Reader<number> {
  return (value) => {
    const number = Number(textOf(value) || Number.NaN);
    const fits = Number.isInteger(number) && number >= least && number <= most;
    return fits ? right(number) : wrong(`must be a whole number from ${least} to ${most}`);
  };
}

/** A YAML list, or texts with commas between; each once, in the order given. */
export function list(shape: RegExp, meaning: string): Reader<readonly string[]> {
  return (value) => {
    const entries = (Array.isArray(value) ? value : textOf(value).split(','))
      .map(textOf)
      .filter((entry) => entry !== '');
    const odd = entries.find((entry) => !shape.test(entry));
    return odd === undefined
      ? right([...new Set(entries)])
      : wrong(`must list ${meaning}; ${JSON.stringify(odd)} is none`);
  };
}

/** A list of which every entry is one of the words. */
export function words<const W extends string>(known: readonly W[]): Reader<readonly W[]> {
  return (value) => {
    const read = list(/^/, '')(value);
    if (!read.ok) return read;
    const fits = known.filter((entry) => read.value.includes(entry));
    return fits.length === read.value.length ? right(fits) : wrong(`must list some of ${known.join(', ')}`);
  };
}

export const kmsKey = optionalText(
  /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'the ARN of a KMS key (arn:…:kms:…:key/…, no alias)',
);

/** Reads every parameter, so that whoever deploys hears of all mistakes at once. */
export function readAll<T>(
  readers: { readonly [K in keyof T]: Reader<T[K]> },
  given: Readonly<Record<string, unknown>>,
): Checked<T> {
  const problems: string[] = [];
  const values: Partial<T> = {};
  for (const name in readers) {
    const read = readers[name](given[name]);
    if (read.ok) values[name] = read.value;
    else problems.push(...read.problems.map((problem) => `${name}: ${problem}.`));
  }
  return problems.length === 0 ? right(values as T) : { ok: false, problems };
}
