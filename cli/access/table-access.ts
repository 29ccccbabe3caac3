import { clock, stores } from '../../functions/wiring/clients.ts';
import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { DAY } from '../../lib/time.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { whois, whoisRequestOf } from '../../lib/usecases/query/whois.ts';
import { CommandError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { optionOf } from '../options/option-name.ts';
import type { ServiceAccess } from './service-access.ts';

const FAULTS: ReadonlyMap<string, string> = new Map([
  [
    'ResourceNotFoundException',
    'there is no such table in this account and Region: check --table, and --region or AWS_REGION',
  ],
  ['AccessDeniedException', 'the permission is missing: the stack has a managed policy for analysts among its outputs'],
  ['CredentialsProviderError', 'there are no AWS credentials: sign in, or give --profile or AWS_PROFILE'],
  ['ExpiredToken', 'the AWS credentials have expired: sign in again'],
  ['ExpiredTokenException', 'the AWS credentials have expired: sign in again'],
  ['UnrecognizedClientException', 'the AWS credentials are not accepted: sign in again'],
]);

/** The tables `<prefix>-sessions`, `-claims` and `-records`, as whom they are asked, and the rules, which they do not have. */
export interface AskedTables {
  readonly prefix: string;
  readonly as: SignIn;
  readonly settings: AttributionSettings;
}

/** Answers as the API does, by the same use cases. Writes nothing. */
export function tableService(asked: AskedTables): ServiceAccess {
  const { prefix, settings } = asked;
  const tables = tablesOf(asked);
  const service = { ...tables, clock, settings, deadline: DEFAULT_DEADLINE, lookups: undefined };
  const told = async <T>(answer: () => Promise<T>): Promise<T> => {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof QuestionError) throw wrongUsage(`${optionOf(error.parameter)}: ${error.message}`);
      throw failureOf(error, prefix);
    }
  };
  return {
    records: (question) => told(() => queryRecords(question, tables)),
    sessions: ({ status, limit = PAGE, cursor }) =>
      told(async () => {
        const { sessions, ...page } = await listSessions({ status, limit, cursor }, tables.claims);
        return { ...page, sessions: sessions.map(jsonOf).filter((row) => row !== undefined) };
      }),
    known: ({ kind, prefix: begin = '', limit = PAGE, cursor }) =>
      told(() => listKnown(kind, begin, { limit, position: cursor }, tables.directory)),
    whois: (question) => told(async () => jsonOf(await whois(whoisRequestOf(question), service))),
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

function tablesOf({ prefix, as }: AskedTables): ReturnType<typeof stores> {
  const names = { sessions: `${prefix}-sessions`, claims: `${prefix}-claims`, records: `${prefix}-records` };
  const key = JSON.stringify([prefix, as.profile, as.region]);
  const tables = opened.get(key) ?? stores({ tables: names, keep: { records: DAY, sessions: DAY } }, as);
  opened.set(key, tables);
  return tables;
}

function failureOf(error: unknown, prefix: string): CommandError {
  const name = error instanceof Error ? error.name : '';
  const why = FAULTS.get(name) ?? wordsOf(error);
  const said = `The tables ${prefix}-… cannot be read: ${why.replace(/\.$/, '')}.`;
  return mayPass(error) ? new ServiceError(said, { cause: error }) : new CommandError(said, 1, { cause: error });
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (/^Region is missing|region=""/.test(error.message)) return 'no Region is known: set AWS_REGION, or give --region';
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

/** Trouble of the network or of DynamoDB itself, and throttling: not what it refuses for good. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error) || FAULTS.has(error.name)) return false;
  if (/Throttl|ThroughputExceeded|RequestLimit|^TimeoutError$/.test(error.name)) return true;
  if ('$fault' in error) return error.$fault === 'server';
  return 'code' in error && /^(?:E[A-Z_]+|unprocessed-items)$/.test(String(error.code));
}
