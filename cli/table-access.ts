import { WrongInput } from '../functions/http/problem.ts';
import { recordsRequest } from '../functions/http/records-request.ts';
import { sessionsAnswer, sessionsRequest } from '../functions/http/sessions-request.ts';
import { whoisRequest } from '../functions/http/whois-request.ts';
import { clock, stores } from '../functions/wiring/clients.ts';
import { DEFAULT_SETTINGS } from '../lib/attribution/settings.ts';
import { queryRecords } from '../lib/pipeline/records-query.ts';
import { listSessions } from '../lib/pipeline/sessions-query.ts';
import { whois } from '../lib/pipeline/whois.ts';
import { DAY, MINUTE } from '../lib/time.ts';
import { CommandFailure } from './failure.ts';

const FAULTS: ReadonlyMap<string, string> = new Map([
  ['ResourceNotFoundException', 'there is no such table in this account and Region: check --table and AWS_REGION'],
  ['AccessDeniedException', 'the permission is missing: the stack has a managed policy for analysts among its outputs'],
  ['CredentialsProviderError', 'there are no AWS credentials: sign in, or set AWS_PROFILE'],
  ['ExpiredTokenException', 'the AWS credentials have expired: sign in again'],
  ['UnrecognizedClientException', 'the AWS credentials are not accepted: sign in again'],
]);

/** Answers as the API does, from the tables `<prefix>-sessions`, `-claims` and `-records`. Writes nothing. */
export async function askTables(prefix: string, path: string, query: string): Promise<unknown> {
  const names = { sessions: `${prefix}-sessions`, claims: `${prefix}-claims`, records: `${prefix}-records` };
  const tables = stores({ tables: names, keep: { records: DAY, sessions: DAY } });
  const service = { ...tables, clock, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE, lookups: undefined };
  try {
    if (path === '/records') return await queryRecords(recordsRequest(query), tables);
    if (path === '/whois') return await whois(whoisRequest(query), service);
    const request = sessionsRequest(query);
    return sessionsAnswer(request, await listSessions(request.list, request, tables.claims));
  } catch (error) {
    if (error instanceof WrongInput)
      throw new CommandFailure(`${error.parameter}: ${error.message}`, 1, { cause: error });
    const name = error instanceof Error ? error.name : '';
    const why = FAULTS.get(name) ?? (error instanceof Error ? error.message : String(error));
    throw new CommandFailure(`The tables ${prefix}-… cannot be read: ${why}.`, 1, { cause: error });
  }
}
