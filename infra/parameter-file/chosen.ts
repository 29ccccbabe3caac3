import type { Checked } from '../parameter-kinds.ts';
import { type ParameterName, type Parameters, readParameters } from '../parameters.ts';
import type { ParameterFile, Section } from './parameter-file.ts';
import type { FileValue } from './values.ts';

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
