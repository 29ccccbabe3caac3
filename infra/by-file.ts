import { nearest } from '../lib/nearness.ts';
import { escapeForTerminal } from '../lib/words/escape.ts';
import { ROOT, startFolder, useParameterFile } from './osls.ts';
import {
  DEFAULT_STAGE,
  findParameterFile,
  readParameterFile,
  seenFrom,
  settingsOf,
} from './parameter-file/parameter-file.ts';
import type { ParameterFile } from './parameter-file/text.ts';
import type { ReadResult } from './parameter-kinds.ts';

/** The options for osls that follow from `eks-whois.yaml`. */
export interface FileOptions {
  /** The options from the command line, with the file's stage and Region if the command line has none. */
  readonly options: readonly string[];
  /** A sentence for a person that says which values come from which file. */
  readonly notice: string;
}

/**
 * Returns the options for osls, from the command line and from the file, which `infra/stack.ts` reads again.
 * Returns undefined if something is wrong, and prints the reason on standard error.
 */
export async function optionsByFile(
  words: readonly string[],
  { namesStage = true } = {},
): Promise<readonly string[] | undefined> {
  const typed = readTyped(words);
  const folder = startFolder();
  const found = await findParameterFile(typed.config, [folder, ROOT]);
  if (!found.ok) return reportProblems(found.problems);
  useParameterFile(found.value);
  if (found.value === undefined) return typed.options;
  const file = await readParameterFile(found.value, seenFrom(folder, found.value));
  const by = file.ok ? optionsWithFile(typed, file.value, { namesStage }) : file;
  if (!by.ok) return reportProblems(by.problems);
  console.error(escapeForTerminal(by.value.notice));
  return by.value.options;
}

function reportProblems(problems: readonly string[]): undefined {
  for (const problem of problems) console.error(`✖ ${escapeForTerminal(problem)}`);
  return undefined;
}

/**
 * Returns the options for osls from the command line and from the file, or why there are none.
 * @param namesStage whether the file may choose the stage.
 */
export function optionsWithFile(
  typed: TypedOptions,
  file: ParameterFile,
  { namesStage }: { readonly namesStage: boolean },
): ReadResult<FileOptions> {
  if (typed.stage === undefined && file.stage !== undefined && !namesStage)
    return {
      ok: false,
      problems: [`Which stage? ${file.path} names the stage ${file.stage}. If you mean it, add --stage ${file.stage}.`],
    };
  const { stage, region, parameters } = settingsOf(file, typed.stage);
  const mistyped = unnamedStage(typed, file) ?? mistypedStage(file, stage);
  if (mistyped !== undefined) return { ok: false, problems: [mistyped] };
  const isOfFile = typed.region === undefined && region !== undefined;
  const options = [
    ...typed.options,
    ...(typed.stage === undefined ? ['--stage', stage] : []),
    ...(isOfFile ? ['--region', region] : []),
  ];
  const overridden = namesIn(typed.params);
  const names = Object.keys(parameters).filter((name) => !overridden.includes(name));
  const notice = `Using ${file.path}, stage ${stage}${isOfFile ? `, Region ${region}` : ''}: ${names.join(', ') || 'no parameter'}.`;
  return { ok: true, value: { options, notice } };
}

/**
 * Returns a question if no stage is named. The settings for all stages alone would create a stack that nobody wants.
 */
function unnamedStage(typed: TypedOptions, { path, stage, stages }: ParameterFile): string | undefined {
  if ((typed.stage ?? stage) !== undefined || stages.size === 0 || stages.has(DEFAULT_STAGE)) return undefined;
  return `Which stage? ${path} has ${[...stages.keys()].join(', ')}. Add --stage, or write stage: in the file.`;
}

/** Returns a question if the stage looks mistyped. It would be a new stack, with the settings for all stages alone. */
function mistypedStage({ path, stages }: ParameterFile, stage: string): string | undefined {
  if (stages.has(stage)) return undefined;
  const [near] = nearest(stage, stages.keys());
  if (near === undefined) return undefined;
  return `${path} has no stage ${stage}. Did you mean ${near}? If not, add ${stage}: below stages in the file.`;
}

/** The options after `npm run deploy --` as osls reads them, and `--config FILE`, which osls does not get. */
export interface TypedOptions {
  /** The options without `--config`. */
  readonly options: readonly string[];
  readonly config?: string;
  readonly stage?: string;
  readonly region?: string;
  /** The values of `--param`, `key=value` each. */
  readonly params: readonly string[];
}

/** Parses the words of the command line. */
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

interface OptionValue {
  readonly value: string;
  /** The positions of the option's words in the command line. */
  readonly places: readonly number[];
}

/**
 * Returns the values of these flags: `--stage prod` and `--stage=prod`. A flag without a value counts as an empty one.
 */
function valuesOf(words: readonly string[], flags: readonly string[]): readonly OptionValue[] {
  return words.flatMap((word, at): OptionValue[] => {
    const flag = flags.find((each) => word === each || word.startsWith(`${each}=`));
    if (flag === undefined) return [];
    if (word !== flag) return [{ value: word.slice(flag.length + 1), places: [at] }];
    return [{ value: words[at + 1] ?? '', places: [at, at + 1] }];
  });
}

/** Returns the names in `key=value`. */
function namesIn(params: readonly string[]): readonly string[] {
  return params.map((text) => text.split('=', 1)[0] ?? '');
}
