import { checkSignIn } from '../access/aws-profiles.ts';
import { SERVICE_PARTS } from '../access/configuration.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from '../access/service-access.ts';
import { chosenService, type ServiceQuestion } from '../access/service-choice.ts';
import { wrongUsage } from '../failures/command-error.ts';

const OPTIONS = [...SERVICE_PARTS, 'service'] as const;

/**
 * The service that the words of a line name, else the environment, else the configuration: as its command would ask it, but for
 * the one on this machine, which is asked only where something says so. Undefined where nothing does.
 * @throws CommandError as the command would.
 */
export async function askedService(words: readonly string[]): Promise<ServiceAccess | undefined> {
  const given = serviceOptionsIn(words);
  const options = { ...(await chosenService(given)), ...given };
  if ((options.api ?? options.table) === undefined) return undefined;
  await checkSignIn(options);
  return serviceAccess(options);
}

/** The first value of each, as the shell has it before it expands anything. */
function serviceOptionsIn(words: readonly string[]): ServiceQuestion & ServiceOptions {
  const found = OPTIONS.flatMap((name): [string, string][] => {
    const value = valueIn(words, `--${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

function valueIn(words: readonly string[], option: string): string | undefined {
  const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`));
  const word = words[at];
  const value = word === option ? words[at + 1] : word?.slice(option.length + 1);
  if (value === undefined) return undefined;
  const text = value.replace(/^(["'])(.*)\1$/, '$2');
  if (/[$`\\'"~]/.test(text)) throw wrongUsage(`${option} ${text} means something only where the shell expanded it.`);
  return text;
}
