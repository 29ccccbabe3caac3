import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import type { Checked } from '../parameter-kinds.ts';
import { type ParameterName, type Parameters, readParameters } from '../parameters.ts';
import { type FileValue, type ParameterFile, parseParameterFile, type Section } from './text.ts';

/** What the file is called where nobody names one. */
export const PARAMETER_FILE = 'eks-whois.yaml';

/** Reads the file at `path`; `shown` is its path as a person knows it. */
export async function readParameterFile(path: string, shown = path): Promise<Checked<ParameterFile>> {
  try {
    const text = await readConfigText(path);
    if (text === undefined) return { ok: false, problems: [`${shown}: there is no such file. Check the path.`] };
    return parseParameterFile(shown, text);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { ok: false, problems: [error.message.replace(path, shown)] };
  }
}

/**
 * The path of the file that counts: the one that is named, seen from the first folder, else the one that lies in one of the folders.
 * Of two nobody could tell which is meant.
 */
export async function findParameterFile(
  named: string | undefined,
  folders: readonly string[],
): Promise<Checked<string | undefined>> {
  const [first = '.'] = folders;
  if (named !== undefined) return { ok: true, value: resolve(first, named) };
  const places = [...new Set(folders.map((folder) => resolve(folder, PARAMETER_FILE)))];
  const found: string[] = [];
  for (const path of places) if (await isThere(path)) found.push(path);
  if (found.length < 2) return { ok: true, value: found[0] };
  return { ok: false, problems: [`There are ${found.join(' and ')}: say which of them is meant, --config FILE.`] };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A path as it is seen from the folder, where that is shorter. */
export function seenFrom(folder: string, path: string): string {
  const seen = relative(folder, path);
  return seen.startsWith('..') ? path : join(seen);
}

/** What a file says of one stage. */
export interface Chosen {
  readonly path: string;
  readonly stage: string;
  readonly region?: string;
  readonly parameters: Readonly<Partial<Record<ParameterName, FileValue>>>;
}

/** As `serverless.yml` has it where nobody names a stage. */
export const DEFAULT_STAGE = 'dev';

/** What the file says of the stage that is named, else of its own, else of the one that `serverless.yml` takes. */
export function chosenFrom(file: ParameterFile, named?: string): Chosen {
  const stage = named ?? file.stage ?? DEFAULT_STAGE;
  const own = file.stages.get(stage);
  const region = own?.region ?? file.common.region;
  const parameters = Object.fromEntries([...file.common.parameters, ...(own?.parameters ?? [])]);
  return { path: file.path, stage, ...(region === undefined ? {} : { region }), parameters };
}

/** The stages that can be meant: the one that the file names, and those of which it says something; the first of them first. */
export function stagesOf({ stage, stages }: ParameterFile): readonly [string, ...string[]] {
  const [first = DEFAULT_STAGE, ...others] = new Set([...(stage === undefined ? [] : [stage]), ...stages.keys()]);
  return [first, ...others];
}

/** All parameters of the stage; or why they can't be deployed together, each with the line of what the file says of it. */
export function parametersOf(file: ParameterFile, stage: string): Checked<Parameters> {
  const read = readParameters(chosenFrom(file, stage).parameters);
  if (read.ok) return read;
  const where = file.stages.has(stage) ? `stage ${stage}: ` : '';
  const told = read.problems.map((problem) => `${placeIn(file, stage, problem)}: ${where}${problem}`);
  return { ok: false, problems: told };
}

/** Where the file has one of the parameters that a problem names: `<path>:<line>`, or the path alone. */
export function placeIn(file: ParameterFile, stage: string, problem: string): string {
  return placeOf(file.path, problem, [file.stages.get(stage), file.common]);
}

function placeOf(path: string, problem: string, sections: readonly (Section | undefined)[]): string {
  const words = problem.match(/\w+/g) ?? [];
  const lines = sections.flatMap((section) => words.flatMap((word) => section?.lines.get(word) ?? []));
  return lines[0] === undefined ? path : `${path}:${lines[0]}`;
}
