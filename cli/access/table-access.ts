import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { clock, stores } from '../../functions/wiring/clients.ts';
import { type AwsErrorKind, codeOf, isTransient, kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { RequestBudgetError } from '../../lib/ports/budget.ts';
import { DAY } from '../../lib/time.ts';
import { ceilingText } from '../../lib/usecases/query/ceiling-gaps.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { CommandError, RefusedQuestionError, ServiceError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { optionOf } from '../options/option-name.ts';

/**
 * The tables `<prefix>-sessions`, `-claims` and `-records`, the credentials for them, and the rules, which the tables
 * do not store.
 */
export interface TableTarget {
  readonly prefix: string;
  readonly as: SignIn;
  readonly settings: AttributionSettings;
}

/** Answers a question of the HTTP interface with the API's own routes, but without CloudTrail. Writes nothing. */
export async function askTables(target: TableTarget, path: string, query: URLSearchParams): Promise<unknown> {
  const { prefix, settings } = target;
  const routes = routesOf({ tables: tablesOf(target), clock, settings, deadline: DEFAULT_DEADLINE }, 'all');
  try {
    const answer = await routes[path]?.(query.toString(), () => undefined);
    if (!(answer instanceof NotFoundAnswer)) return answer && JSON.parse(JSON.stringify(answer));
    for (const entry of answer.also.leftOutByCeiling ?? []) note(ceilingText(entry));
    return undefined;
  } catch (error) {
    if (error instanceof QuestionError)
      throw new RefusedQuestionError(`${optionOf(error.parameter)}: ${error.message}`, error);
    if (error instanceof RequestBudgetError) throw new RefusedQuestionError(error.message, error);
    throw tableFailure(error, prefix);
  }
}

/** One client for all requests. A new one would sign in, and assume its role, again. */
const opened = new Map<string, ReturnType<typeof stores>>();

/** Returns the tables of that prefix, with these credentials. */
export function tablesOf({ prefix, as }: TableTarget): ReturnType<typeof stores> {
  const key = JSON.stringify([prefix, as.profile, as.region]);
  const tables = opened.get(key) ?? stores({ tables: tableNames(prefix), keep: { records: DAY, sessions: DAY } }, as);
  opened.set(key, tables);
  return tables;
}

/**
 * Returns the error for tables that could not be read, with one sentence. It is a ServiceError if a later try may
 * succeed.
 */
export function tableFailure(error: unknown, prefix: string): CommandError {
  const kind = kindOf(error);
  const why = WORDS[kind] ?? wordsOf(error);
  const advice = kind === 'unreachable' ? ' Check the Region and the network.' : '';
  const message = `The tables ${prefix}-… cannot be read: ${why.replace(/\.$/, '')}.${advice}`;
  return isTransient(kind)
    ? new ServiceError(message, { cause: error })
    : new CommandError(message, 1, { cause: error });
}

/** The words for each kind of error. Other kinds show the error's own message. */
const WORDS: Readonly<Partial<Record<AwsErrorKind, string>>> = {
  'not-found': 'there is no such table in this account and Region. Check --table, and --region or AWS_REGION',
  denied: 'you do not have the permission. Ask for the managed policy for analysts, which is an output of the stack',
  'no-credentials': 'there are no AWS credentials. Sign in, or give --profile or AWS_PROFILE',
  'expired-credentials': 'the AWS credentials have expired. Sign in again',
  'unknown-credentials': 'AWS does not accept the credentials. Sign in again',
  'no-region': 'no AWS Region is set. Set AWS_REGION, or give --region',
  'no-answer': 'the answer is not from DynamoDB. Check AWS_ENDPOINT_URL and the proxy',
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error);
}
