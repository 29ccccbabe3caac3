import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FormatName } from '../format/formats.ts';

/** As every command that answers in several formats has them from `withOutput`. */
export interface OutputOptions<Format extends string> {
  readonly format: Format;
  readonly outputFile?: string;
}

/** In which formats a command can answer, and which is taken where nobody says; `says` what is written. */
export interface Formats {
  readonly says: string;
  readonly formats: readonly FormatName[];
  readonly unless: FormatName;
}

/**
 * `-o, --output` is the format, as in kubectl and the AWS CLI, and `--format` the same; a file is named by
 * `--output-file` alone, so that no format ever becomes a file's name.
 */
export function withOutput(command: Command, { says, formats, unless }: Formats): Command {
  return command
    .addOption(new FormatOption('-o, --output <format>', says, formats).default(unless))
    .addOption(new FormatOption('--format <format>', 'the same as --output', formats))
    .option('--output-file <file>', 'write it to this file instead of to standard output: whole, or not at all');
}

class FormatOption extends Option {
  constructor(flags: string, says: string, formats: readonly string[]) {
    super(flags, says);
    this.choices(formats).argParser((given: string) => formatOf(given, formats));
  }

  override attributeName(): string {
    return 'format';
  }
}

function formatOf(given: string, formats: readonly string[]): string {
  if (formats.includes(given)) return given;
  throw new InvalidArgumentError(`Allowed choices are ${formats.join(', ')}. A file is given by --output-file.`);
}
