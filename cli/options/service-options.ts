import { type Command, InvalidArgumentError, Option } from 'commander';
import { LOCAL_API } from '../access/api-requests.ts';
import { type ServiceQuestion, withServiceChoice } from '../access/service-choice.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';

/**
 * Adds the options that choose a service and sign in to it. Unless `unless` returns true, the environment and the
 * configuration can choose it too (`withServiceChoice`).
 */
export function withService<Options extends ServiceQuestion>(
  command: Command,
  unless?: (options: Options) => boolean,
): Command {
  const options = [
    new Option('--api <url>', `query a service's API (default: ${LOCAL_API})`),
    tableOption(),
    serviceOption(),
    new Option('--profile <profile>', 'the AWS profile to sign in with (default: from the environment)'),
    new Option('--region <region>', "the Region of the tables (default: AWS_REGION, or the profile's)"),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.place));
  return withServiceChoice(command, unless);
}

/** Returns `--table`, the same for every command that queries a service. */
export function tableOption(): Option {
  return new Option('--table <name>', "query a service's tables: their prefix, or the name of one").helpGroup(
    GROUPS.place,
  );
}

/**
 * Returns `--service`, the same for every command that queries a service. A command that uses the service in another
 * way gives its own description.
 */
export function serviceOption(says = 'query a service by its name in eks-whois configure'): Option {
  return new Option('--service <name>', says).helpGroup(GROUPS.place);
}

/** Explains which service is queried, in the long help. */
export const SERVICE_TOPIC: Topic = {
  heading: 'Which service:',
  text: `
Without --api, --table and --service, the variable EKS_WHOIS_API or EKS_WHOIS_TABLE chooses the service. Without these, it is
the default of eks-whois configure, and without a default the service on this machine (npm start). At a
terminal, a message names it.`,
};

/** Parses a whole number of 1 or more. @throws InvalidArgumentError for any other text. */
export function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return Number(text);
}
