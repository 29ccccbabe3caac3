import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../functions/http/problem.ts';
import { recordsRequest } from '../../functions/http/records-request.ts';
import { LISTED_STATUSES } from '../../lib/claims/claim.ts';
import { LOCAL_API } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { PAGE } from './pages.ts';

/** Which records are asked for. */
export interface QuestionOptions {
  readonly actor?: string;
  readonly session?: string;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly auditId?: string;
  readonly status?: string;
}

export function withService(command: Command): Command {
  return command
    .option('--api <url>', `the service's address (default: ${LOCAL_API}, where npm start serves)`)
    .option('--table <name>', 'ask the deployed tables themselves: the name of one, or their common prefix')
    .option('--profile <profile>', 'the AWS profile that signs in (else as the environment says)')
    .option('--region <region>', "the tables' Region (else AWS_REGION, or the profile's)");
}

export function statusOption(words: string): Option {
  return new Option('--status <status>', words).choices(LISTED_STATUSES);
}

/**
 * The query of a question, as `/records` takes it.
 * @throws CommandError naming the option where the service would refuse it: before anything is asked.
 */
export function queryOf(
  { actor, session, cluster, namespace, auditId, status }: QuestionOptions,
  range: { readonly from?: string; readonly to?: string },
  most = PAGE,
): URLSearchParams {
  const limit = String(Math.min(PAGE, most));
  const asked = { actor, session, cluster, namespace, auditId, status, ...range, limit };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
  try {
    recordsRequest(query.toString());
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const flag = `--${error.parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw wrongUsage(`${flag}: ${error.message}`);
  }
  return query;
}

/** Whether anything says which records are meant. */
export function asksSomething({ actor, session, cluster, namespace, auditId, status }: QuestionOptions): boolean {
  return [actor, session, cluster, namespace, auditId, status].some((given) => given !== undefined);
}

/** In words, for what a command says that it read. */
export function questionText({ actor, session, cluster, namespace, auditId, status }: QuestionOptions): string {
  if (actor !== undefined) return `of the actor ${actor}`;
  if (session !== undefined) return `of the session ${session}`;
  if (auditId !== undefined) return `of the audit id ${auditId}`;
  if (status !== undefined) return `of the status ${status}`;
  return `of cluster ${cluster}, namespace ${namespace}`;
}

export function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return Number(text);
}
