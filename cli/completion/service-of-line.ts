import { checkSignIn } from '../access/aws-profiles.ts';
import { SERVICE_PARTS } from '../access/configuration.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from '../access/service-access.ts';
import { chosenService, type ServiceQuestion } from '../access/service-choice.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { isExpanded, valuesIn } from './line-words.ts';

const OPTIONS = [...SERVICE_PARTS, 'service'] as const;

/**
 * Returns the service that the words of a line name, or else that of the environment or the configuration. The command
 * itself chooses in the same way. The service on this machine counts only if it is named. Undefined if nothing names a
 * service.
 * @throws CommandError as the command would.
 */
export async function serviceOfLine(words: readonly string[]): Promise<ServiceAccess | undefined> {
  const given = serviceOptionsIn(words);
  const options = { ...(await chosenService(given)), ...given };
  if ((options.api ?? options.table) === undefined) return undefined;
  await checkSignIn(options);
  return serviceAccess(options);
}

/** Returns the first value of each option, as the shell has it before it expands anything. */
function serviceOptionsIn(words: readonly string[]): ServiceQuestion & ServiceOptions {
  const found = OPTIONS.flatMap((name): [string, string][] => {
    const [value] = valuesIn(words, `--${name}`);
    if (value === undefined) return [];
    if (isExpanded(value))
      throw wrongUsage(
        `--${name} ${value} is not expanded yet, so it names no service. Write its value out to complete names.`,
      );
    return [[name, value]];
  });
  return Object.fromEntries(found);
}
