import { type Command, InvalidArgumentError, Option } from 'commander';
import { LOCAL_API } from '../access/api-requests.ts';
import { choosingService, type ServiceQuestion } from '../access/service-choice.ts';

/**
 * Gives the command the options that say which service is asked, and as whom; what else may say it counts too, but where
 * `unless` says that no service answers (`choosingService`).
 */
export function withService<Options extends ServiceQuestion>(
  command: Command,
  unless?: (options: Options) => boolean,
): Command {
  command
    .option('--api <url>', `the service's address (default: ${LOCAL_API}, where npm start serves)`)
    .option('--table <name>', 'ask the deployed tables themselves: the name of one, or their common prefix')
    .addOption(serviceOption())
    .option('--profile <profile>', 'the AWS profile that signs in (else as the environment says)')
    .option('--region <region>', "the tables' Region (else AWS_REGION, or the profile's)");
  return choosingService(command, unless);
}

/** `--service`, the same on every command. */
export function serviceOption(): Option {
  return new Option('--service <name>', 'ask the service that eks-whois configure keeps under this name');
}

/** For `--help` of a command that has them. */
export const SERVICE_HELP = `Without --api, --table and --service, EKS_WHOIS_API or EKS_WHOIS_TABLE says which service is asked, else the default of
eks-whois configure, else it is the one on this machine. At a terminal it is told which.`;

export function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return Number(text);
}
