import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import type { ReadResult } from '../parameter-kinds.ts';
import { type ParameterName, type Parameters, readParameters } from '../parameters.ts';
import { type FileValue, type ParameterFile, parseParameterFile, type Section } from './text.ts';

/** The default name of the file. */
export const PARAMETER_FILE = 'eks-whois.yaml';

/** Reads the file at `path`. `shown` is the path that error messages use. */
export async function readParameterFile(path: string, shown = path): Promise<ReadResult<ParameterFile>> {
  try {
    const text = await readConfigText(path);
    if (text === undefined) return { ok: false, problems: [`${shown} does not exist. Check the path.`] };
    return parseParameterFile(shown, text);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { ok: false, problems: [error.message.replace(path, shown)] };
  }
}

/**
 * Returns the path of the file to use. That is the named file, relative to the first folder, or else the file in one of
 * the folders. Undefined if there is none. Returns a problem if there are two, because either could be the right one.
 */
export async function findParameterFile(
  named: string | undefined,
  folders: readonly string[],
): Promise<ReadResult<string | undefined>> {
  const [first = '.'] = folders;
  if (named !== undefined) return { ok: true, value: resolve(first, named) };
  const places = [...new Set(folders.map((folder) => resolve(folder, PARAMETER_FILE)))];
  const found: string[] = [];
  for (const path of places) if (await isThere(path)) found.push(path);
  if (found.length < 2) return { ok: true, value: found[0] };
  return { ok: false, problems: [`There are two files: ${found.join(' and ')}. Choose one with --config FILE.`] };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Returns the path relative to the folder, if it lies in it; otherwise the path itself. */
export function seenFrom(folder: string, path: string): string {
  const seen = relative(folder, path);
  return seen.startsWith('..') ? path : join(seen);
}

/** The settings of one stage in a file. */
export interface StageSettings {
  readonly path: string;
  readonly stage: string;
  readonly region?: string;
  readonly parameters: Readonly<Partial<Record<ParameterName, FileValue>>>;
}

/** The stage that `serverless.yml` uses if none is named. */
export const DEFAULT_STAGE = 'dev';

/**
 * Returns the file's settings of a stage: the named one, or else the file's own, or else the default stage. A stage's
 * own values override common ones.
 */
export function settingsOf(file: ParameterFile, named?: string): StageSettings {
  const stage = named ?? file.stage ?? DEFAULT_STAGE;
  const own = file.stages.get(stage);
  const region = own?.region ?? file.common.region;
  const parameters = Object.fromEntries([...file.common.parameters, ...(own?.parameters ?? [])]);
  return { path: file.path, stage, ...(region === undefined ? {} : { region }), parameters };
}

/** Returns the file's stages: the default one first, then those that have a section. */
export function stagesOf({ stage, stages }: ParameterFile): readonly [string, ...string[]] {
  const [first = DEFAULT_STAGE, ...others] = new Set([...(stage === undefined ? [] : [stage]), ...stages.keys()]);
  return [first, ...others];
}

/**
 * Returns all parameters of the stage. If they cannot be deployed together, returns the reasons, each with its line in
 * the file.
 */
export function parametersOf(file: ParameterFile, stage: string): ReadResult<Parameters> {
  const read = readParameters(settingsOf(file, stage).parameters);
  if (read.ok) return read;
  const where = file.stages.has(stage) ? `stage ${stage}: ` : '';
  const problems = read.problems.map((problem) => `${placeIn(file, stage, problem)}: ${where}${problem}`);
  return { ok: false, problems };
}

/** Returns the place in the file of a parameter that the problem names: `<path>:<line>`, or the path alone. */
export function placeIn(file: ParameterFile, stage: string, problem: string): string {
  return placeOf(file.path, problem, [file.stages.get(stage), file.common]);
}

function placeOf(path: string, problem: string, sections: readonly (Section | undefined)[]): string {
  const words = problem.match(/\w+/g) ?? [];
  const lines = sections.flatMap((section) => words.flatMap((word) => section?.lines.get(word) ?? []));
  return lines[0] === undefined ? path : `${path}:${lines[0]}`;
}
