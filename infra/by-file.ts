import { nearest } from '../lib/nearness.ts';
import { escapeForTerminal } from '../lib/words/escape.ts';
import { ROOT, startFolder, useParameterFile } from './osls.ts';
import {
  chosenFrom,
  DEFAULT_STAGE,
  findParameterFile,
  readParameterFile,
  seenFrom,
} from './parameter-file/parameter-file.ts';
import type { ParameterFile } from './parameter-file/text.ts';
import type { Checked } from './parameter-kinds.ts';

/** How osls is to be called where `eks-whois.yaml` counts. */
export interface ByFile {
  /** What is typed, and the stage and the Region of the file where they are not. */
  readonly options: readonly string[];
  /** For a person: what is taken from where. */
  readonly said: string;
}

/**
 * The options for osls by what is typed and by the file, which `infra/stack.ts` reads again; undefined where something is wrong,
 * which is told on standard error.
 */
export async function optionsByFile(
  words: readonly string[],
  { namesStage = true } = {},
): Promise<readonly string[] | undefined> {
  const typed = readTyped(words);
  const folder = startFolder();
  const found = await findParameterFile(typed.config, [folder, ROOT]);
  if (!found.ok) return tellWrong(found.problems);
  useParameterFile(found.value);
  if (found.value === undefined) return typed.options;
  const file = await readParameterFile(found.value, seenFrom(folder, found.value));
  const by = file.ok ? byFile(typed, file.value, { namesStage }) : file;
  if (!by.ok) return tellWrong(by.problems);
  console.error(escapeForTerminal(by.value.said));
  return by.value.options;
}

function tellWrong(problems: readonly string[]): undefined {
  for (const problem of problems) console.error(`✖ ${escapeForTerminal(problem)}`);
  return undefined;
}

/** `namesStage`: whether the file may name the stage, too. */
export function byFile(
  typed: TypedOptions,
  file: ParameterFile,
  { namesStage }: { readonly namesStage: boolean },
): Checked<ByFile> {
  if (typed.stage === undefined && file.stage !== undefined && !namesStage)
    return {
      ok: false,
      problems: [`Which stage? ${file.path} deploys ${file.stage}: give --stage ${file.stage}, if it is that.`],
    };
  const { stage, region, parameters } = chosenFrom(file, typed.stage);
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
  const said = `${file.path}: stage ${stage}${isOfFile ? `, ${region}` : ''}; from it ${names.join(', ') || 'no parameter'}.`;
  return { ok: true, value: { options, said } };
}

/** What counts for all stages alone would make a stack that nobody meant. */
function unnamedStage(typed: TypedOptions, { path, stage, stages }: ParameterFile): string | undefined {
  if ((typed.stage ?? stage) !== undefined || stages.size === 0 || stages.has(DEFAULT_STAGE)) return undefined;
  return `Which stage? ${path} has ${[...stages.keys()].join(', ')}: give --stage, or write stage: there.`;
}

/** It would be a new stack, with what counts for all stages alone. */
function mistypedStage({ path, stages }: ParameterFile, stage: string): string | undefined {
  if (stages.has(stage)) return undefined;
  const [near] = nearest(stage, stages.keys());
  if (near === undefined) return undefined;
  return `${path} knows no stage ${stage}. Did you mean ${near}? If not, write ${stage}: below stages there.`;
}

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
function namesIn(params: readonly string[]): readonly string[] {
  return params.map((text) => text.split('=', 1)[0] ?? '');
}
