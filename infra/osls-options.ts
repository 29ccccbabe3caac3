/** What is typed behind `npm run deploy --`, as osls reads it, and `--config FILE`, which is not osls's here. */
export interface TypedOptions {
  /** Without `--config`. */
  readonly options: readonly string[];
  readonly config?: string;
  readonly stage?: string;
  readonly region?: string;
  /** `key=value`, as typed. */
  readonly params: readonly string[];
}

export function readTyped(typed: readonly string[]): TypedOptions {
  const configs = valuesOf(typed, ['--config', '-c']);
  const others = typed.filter((_, at) => !configs.some(({ places }) => places.includes(at)));
  const last = (flags: readonly string[]) => valuesOf(others, flags).at(-1)?.value;
  const [config, stage, region] = [configs.at(-1)?.value, last(['--stage', '-s']), last(['--region', '-r'])];
  return {
    options: others,
    ...(config === undefined ? {} : { config }),
    ...(stage === undefined ? {} : { stage }),
    ...(region === undefined ? {} : { region }),
    params: valuesOf(others, ['--param']).map(({ value }) => value),
  };
}

interface Typed {
  readonly value: string;
  /** Which words it takes. */
  readonly places: readonly number[];
}

/** `--stage prod` and `--stage=prod`; one without a value is as if it had none. */
function valuesOf(words: readonly string[], flags: readonly string[]): readonly Typed[] {
  return words.flatMap((word, at): Typed[] => {
    const flag = flags.find((each) => word === each || word.startsWith(`${each}=`));
    if (flag === undefined) return [];
    if (word !== flag) return [{ value: word.slice(flag.length + 1), places: [at] }];
    return [{ value: words[at + 1] ?? '', places: [at, at + 1] }];
  });
}

/** The names in `key=value`. */
export function namesIn(params: readonly string[]): readonly string[] {
  return params.map((text) => text.split('=', 1)[0] ?? '');
}
