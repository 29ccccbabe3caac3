import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FormatName } from '../format/formats.ts';
import { GROUPS } from '../help/command-help.ts';

/** The options that `withOutput` adds. */
export interface OutputOptions<Format extends string> {
  readonly format: Format;
  readonly outputFile?: string;
}

/** The formats of a command, its default format, and the description of the option (`says`). */
export interface Formats {
  readonly says: string;
  readonly formats: readonly FormatName[];
  readonly unless: FormatName;
}

/**
 * Adds `-o, --output` for the format, as in kubectl and the AWS CLI, and `--format`, which is the same. Only
 * `--output-file` names a file, so that no format ever becomes the name of a file.
 */
export function withOutput(command: Command, { says, formats, unless }: Formats): Command {
  return command
    .addOption(new FormatOption('-o, --output <format>', says, formats).default(unless))
    .addOption(new FormatOption('--format <format>', 'the same as --output', formats))
    .addOption(
      new Option('--output-file <file>', 'write the result to this file, completely or not at all').helpGroup(
        GROUPS.output,
      ),
    );
}

class FormatOption extends Option {
  constructor(flags: string, says: string, formats: readonly string[]) {
    super(flags, says);
    this.choices(formats)
      .argParser((given: string) => formatOf(given, formats))
      .helpGroup(GROUPS.output);
  }

  override attributeName(): string {
    return 'format';
  }
}

function formatOf(given: string, formats: readonly string[]): string {
  if (formats.includes(given)) return given;
  throw new InvalidArgumentError(`Give one of ${formats.join(', ')}. To write to a file: --output-file.`);
}
