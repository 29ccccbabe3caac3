import { clock, stores } from '../../functions/wiring/clients.ts';
import { type AwsErrorKind, codeOf, kindOf, mayPass } from '../../lib/adapters/aws/error-kinds.ts';
import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { FEW_REQUESTS, RequestBudget, RequestBudgetError } from '../../lib/ports/budget.ts';
import { DAY } from '../../lib/time.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { whois, whoisRequestOf } from '../../lib/usecases/query/whois.ts';
import { related } from '../../lib/usecases/related/related.ts';
import { storedSource } from '../../lib/usecases/related/stored-source.ts';
import { CommandError, RefusedQuestionError, ServiceError } from '../failures/command-error.ts';
import { optionOf } from '../options/option-name.ts';
import type { ServiceAccess } from './service-pages.ts';

/** The tables `<prefix>-sessions`, `-claims` and `-records`, as whom they are asked, and the rules, which they do not have. */
export interface AskedTables {
  readonly prefix: string;
  readonly as: SignIn;
  readonly settings: AttributionSettings;
}

/** Answers as the API does, by the same use cases. Writes nothing. */
export function tableService(asked: AskedTables): ServiceAccess {
  const { prefix, settings } = asked;
  const stores = tablesOf(asked);
  const asking = (most?: number) => stores.within(new RequestBudget().try(most));
  const service = () => ({ ...asking(), clock, settings, deadline: DEFAULT_DEADLINE, lookups: undefined });
  const told = async <T>(answer: () => Promise<T>): Promise<T> => {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof QuestionError)
        throw new RefusedQuestionError(`${optionOf(error.parameter)}: ${error.message}`, error);
      if (error instanceof RequestBudgetError) throw new RefusedQuestionError(error.message, error);
      throw tableFailure(error, prefix);
    }
  };
  return {
    records: (question) =>
      told(() => queryRecords(question, asking(question.isQuick === true ? FEW_REQUESTS : undefined))),
    sessions: ({ status, limit = PAGE, cursor }) =>
      told(async () => {
        const { sessions, ...page } = await listSessions({ status, limit, cursor }, asking().claims);
        return { ...page, sessions: sessions.map(jsonOf).filter((row) => row !== undefined) };
      }),
    known: ({ kind, prefix: begin = '', limit = PAGE, cursor }) =>
      told(() => listKnown(kind, begin, { limit, position: cursor }, asking().directory)),
    whois: (question) => told(async () => jsonOf(await whois(whoisRequestOf(question), service()))),
    unrecorded: () => told(async () => (await asking().counts.lastIngest())?.omits ?? []),
    related: (auditId, at) =>
      told(async () => jsonOf(await related({ auditId: auditIdOf(auditId), at }, storedSource(asking())))),
  };
}

const PAGE = 1_000;

/** As the API would have written it: a program reads both alike. */
function jsonOf(answer: object | undefined): JsonObject | undefined {
  const value: unknown = answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
  return isJsonObject(value) ? value : undefined;
}

/** One client for all requests: another would sign in, and assume its role, anew each time. */
const opened = new Map<string, ReturnType<typeof stores>>();

/** The tables of that prefix, asked as somebody. */
export function tablesOf({ prefix, as }: AskedTables): ReturnType<typeof stores> {
  const key = JSON.stringify([prefix, as.profile, as.region]);
  const tables = opened.get(key) ?? stores({ tables: tableNames(prefix), keep: { records: DAY, sessions: DAY } }, as);
  opened.set(key, tables);
  return tables;
}

/** What of the tables could not be read, in a sentence; a ServiceError where they may be asked again. */
export function tableFailure(error: unknown, prefix: string): CommandError {
  const kind = kindOf(error);
  const why = WORDS[kind] ?? wordsOf(error);
  const said = `The tables ${prefix}-… cannot be read: ${why.replace(/\.$/, '')}.`;
  return mayPass(kind) ? new ServiceError(said, { cause: error }) : new CommandError(said, 1, { cause: error });
}

/** What is said of the tables by kind; of all else the error's own words. */
const WORDS: Readonly<Partial<Record<AwsErrorKind, string>>> = {
  'not-found': 'there is no such table in this account and Region: check --table, and --region or AWS_REGION',
  denied: 'the permission is missing: the stack has a managed policy for analysts among its outputs',
  'no-credentials': 'there are no AWS credentials: sign in, or give --profile or AWS_PROFILE',
  'expired-credentials': 'the AWS credentials have expired: sign in again',
  'unknown-credentials': 'the AWS credentials are not accepted: sign in again',
  'no-region': 'no Region is known: set AWS_REGION, or give --region',
  'no-answer': 'what answers is not DynamoDB: check AWS_ENDPOINT_URL and the proxy',
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error);
}
