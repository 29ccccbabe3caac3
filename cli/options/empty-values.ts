import type { Command } from 'commander';
import { wrongUsage } from '../failures/command-error.ts';

/**
 * An option whose value is empty is wrong usage: most often a variable of the shell was not set, and an empty name would be
 * asked for, or taken as if the option were not there. All options of the command, or these.
 */
export function refuseEmptyValues(command: Command, flags?: readonly string[]): Command {
  return command.hook('preAction', () => {
    const options = command.options.filter(({ long }) => flags === undefined || flags.includes(long ?? ''));
    for (const option of options) {
      const given: unknown = command.getOptionValue(option.attributeName());
      if ([given].flat().some(isEmpty))
        throw wrongUsage(
          `${option.long} is empty. Give a value, or leave the option out. A shell variable may not be set.`,
        );
    }
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}
