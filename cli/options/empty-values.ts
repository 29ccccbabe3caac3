import type { Command } from 'commander';
import { wrongUsage } from '../failures/command-error.ts';

/**
 * Refuses empty values of all options of the command, or of these flags. Most often a shell variable was not set. An
 * empty name would match nothing, or count as if the option were missing.
 */
export function refuseEmptyValues(command: Command, flags?: readonly string[]): Command {
  return command.hook('preAction', () => {
    const options = command.options.filter(({ long }) => flags === undefined || flags.includes(long ?? ''));
    for (const option of options) {
      const given: unknown = command.getOptionValue(option.attributeName());
      if ([given].flat().some(isEmpty))
        throw wrongUsage(
          `${option.long} is empty. Give a value, or leave the option out. Perhaps a shell variable is not set.`,
        );
    }
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}
