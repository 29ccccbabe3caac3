import { type Command, InvalidArgumentError } from 'commander';
import { LOCAL_API } from '../access/service-access.ts';

/** Gives the command the options that say which service is asked, and as whom. */
export function withService(command: Command): Command {
  return command
    .option('--api <url>', `the service's address (default: ${LOCAL_API}, where npm start serves)`)
    .option('--table <name>', 'ask the deployed tables themselves: the name of one, or their common prefix')
    .option('--profile <profile>', 'the AWS profile that signs in (else as the environment says)')
    .option('--region <region>', "the tables' Region (else AWS_REGION, or the profile's)");
}

export function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return Number(text);
}
