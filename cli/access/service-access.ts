import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { isJsonObject, present, textAt } from '../../lib/json.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { CommandError, RefusedQuestionError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { readEnvironment } from '../options/environment.ts';
import { optionOf } from '../options/option-name.ts';
import { type AskedApi, type AskedAs, apiRequests, LOCAL_API, signInOf, TOKEN } from './api-requests.ts';
import { overHttp } from './http-access.ts';
import type { ServiceAccess } from './service-pages.ts';

export type { ServiceAccess } from './service-pages.ts';

export interface ServiceOptions extends AskedAs {
  readonly api?: string;
  readonly table?: string;
  /** What named it, where `--api` and `--table` did not: whoever mends it looks there. */
  readonly serviceFrom?: string;
}

/** As `serviceAccess`; where neither is given, the service that `npm start` runs here. */
export function serviceOrLocal(options: ServiceOptions): ServiceAccess {
  return serviceAccess(options) ?? apiAccess({ url: LOCAL_API, from: '--api' }, {});
}

/** `settings` are for the tables, which have none of their own; an API attributes by the service's. */
export function serviceAccess(
  { api, table, profile, region, serviceFrom = '--api' }: ServiceOptions,
  settings: AttributionSettings = DEFAULT_SETTINGS,
): ServiceAccess | undefined {
  if (api !== undefined && table !== undefined) throw wrongUsage('Give --api or --table, not both.');
  const as = present<AskedAs>({ profile, region });
  if (api !== undefined) return apiAccess({ url: api, from: serviceFrom }, as);
  return table === undefined ? undefined : tableAccess(table, settings, as);
}

function apiAccess(api: AskedApi, as: AskedAs): ServiceAccess {
  const request = apiRequests(api, as);
  return overHttp(async (path, query, signal) => {
    return bodyOf(await request({ path, query }, signal));
  });
}

/** The body of an answer. @throws CommandError where it is none. */
export async function bodyOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  throw refusal(answer, body);
}

function refusal(answer: Response, body: unknown): CommandError {
  const detail = isJsonObject(body) ? (textAt(body, 'detail') ?? textAt(body, 'message')) : undefined;
  const parameter = isJsonObject(body) ? textAt(body, 'parameter') : undefined;
  const about = parameter === undefined ? '' : `${optionOf(parameter)}: `;
  const said = `The service answered ${answer.status}: ${about}${detail ?? answer.statusText}`;
  if (answer.status === 401 || answer.status === 403) {
    const what = readEnvironment()[TOKEN] === undefined ? 'your AWS credentials' : `the token in ${TOKEN}`;
    return new CommandError(`${said.replace(/\.$/, '')}. It does not take ${what}.`, 1);
  }
  if (answer.status === 400) return refusedQuestion(said, parameter);
  return answer.status === 429 || answer.status >= 500 ? new ServiceError(said) : new CommandError(said, 1);
}

function refusedQuestion(said: string, parameter = ''): RefusedQuestionError {
  return new RefusedQuestionError(said, new QuestionError(parameter, said));
}

/** The deployed tables themselves, with the rules of the service: needs the analysts' policy, but no API. */
function tableAccess(name: string, settings: AttributionSettings, as: AskedAs): ServiceAccess {
  const prefix = tablePrefix(name);
  const asked = { prefix, as: signInOf(as), settings };
  const tables = async () => (await import('./table-access.ts')).tableService(asked);
  return {
    records: async (...question) => (await tables()).records(...question),
    sessions: async (question) => (await tables()).sessions(question),
    known: async (question) => (await tables()).known(question),
    whois: async (question) => (await tables()).whois(question),
    related: async (auditId, at) => (await tables()).related(auditId, at),
    unrecorded: async () => (await tables()).unrecorded(),
  };
}
