import {
  PARAMETER_FILE,
  parametersOf,
  readParameterFile,
  type StageSettings,
  settingsOf,
  stagesOf,
} from '../../infra/parameter-file/parameter-file.ts';
import type { ParameterFile } from '../../infra/parameter-file/text.ts';
import { givenToTemplate } from '../../infra/plain/parameters.ts';
import { present } from '../../lib/json.ts';
import { escapeLines, plainJson } from '../../lib/words/escape.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { printed } from '../terminal/text-output.ts';
import { textTable } from '../terminal/text-table.ts';

type CheckFormat = 'table' | 'json' | 'cloudformation';

interface CheckOptions extends Partial<OutputOptions<CheckFormat>> {
  readonly stage?: string;
}

/**
 * Checks every stage of the file, and prints the settings of one.
 * @throws CommandError that lists the mistakes.
 */
export async function checkAction(path: string | undefined, options: CheckOptions): Promise<void> {
  const { format = 'table', outputFile, stage } = options;
  const file = await checked(path ?? PARAMETER_FILE);
  const stages = stagesOf(file);
  if (stage !== undefined && !stages.includes(stage))
    throw wrongUsage(`--stage ${stage}: ${file.path} has no such stage. It has ${stages.join(', ')}.`);
  const problems = stages.flatMap((each) => {
    const read = parametersOf(file, each);
    return read.ok ? [] : read.problems;
  });
  if (problems.length > 0) throw mistakes(file.path, problems);
  await printed(WRITERS[format](settingsOf(file, stage ?? stages[0])), outputFile);
  note(`${file.path} has no mistakes: ${stages.length === 1 ? 'stage' : 'stages'} ${stages.join(', ')}.`);
}

async function checked(path: string): Promise<ParameterFile> {
  const read = await readParameterFile(path);
  if (!read.ok) throw mistakes(path, read.problems);
  return read.value;
}

function mistakes(path: string, problems: readonly string[]): CommandError {
  const isRead = problems.some((problem) => problem.startsWith(`${path}:`));
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  return new CommandError(escapeLines([...(isRead ? [`${count} in ${path}:`] : []), ...problems].join('\n')), 1);
}

const WRITERS: Readonly<Record<CheckFormat, (chosen: StageSettings) => string>> = {
  table: ({ stage, region = '', parameters }) =>
    textTable(
      ['KEY', 'VALUE'],
      [
        ['stage', stage],
        ...(region === '' ? [] : [['region', region]]),
        ...Object.entries(parameters).map(([name, value]) => [name, [value].flat().join(' ') || '(none)']),
      ],
    ),
  json: ({ stage, region, parameters }) => `${plainJson(present({ stage, region, parameters }), 2)}\n`,
  cloudformation: (chosen) => {
    const given = givenToTemplate(chosen);
    if (!given.ok) throw mistakes(chosen.path, given.problems);
    return `${plainJson(given.value, 2)}\n`;
  },
};
