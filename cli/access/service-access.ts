import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { isJsonObject, present, textAt } from '../../lib/json.ts';
import { CommandError, RefusedQuestionError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { awsSettings } from '../options/aws-options.ts';
import { readEnvironment } from '../options/environment.ts';
import { overHttp } from './http-access.ts';
import type { ServiceAccess } from './service-pages.ts';

export type { ServiceAccess } from './service-pages.ts';

export interface ServiceOptions extends AskedAs {
  readonly api?: string;
  readonly table?: string;
  /** What named it, where `--api` and `--table` did not: whoever mends it looks there. */
  readonly serviceFrom?: string;
}

/** By whom the requests are signed, and where the tables are, where it is not as the environment says. */
export interface AskedAs {
  readonly profile?: string;
  readonly region?: string;
}

/** An API, and what named it. */
interface AskedApi {
  readonly url: string;
  readonly from: string;
}

/** The API of `npm start`. */
export const LOCAL_API = 'http://127.0.0.1:3000';

/** As `serviceAccess`; where neither is given, the service that `npm start` runs here. */
export function serviceOrLocal(options: ServiceOptions): ServiceAccess {
  return serviceAccess(options) ?? apiAccess({ url: LOCAL_API, from: '--api' }, {});
}

/** A bearer token for an API with a JWT authorizer; without one requests are signed with SigV4. */
const TOKEN = 'EKS_WHOIS_TOKEN';
const ANSWER_WITHIN = 60_000;

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

function apiAccess({ url: api, from }: AskedApi, as: AskedAs): ServiceAccess {
  const base = URL.parse(api.endsWith('/') ? api : `${api}/`);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw wrongUsage(`${from} ${api} is no address: give one like https://abc.execute-api.eu-west-1.amazonaws.com.`);
  }
  return overHttp(async (path, query, signal) => {
    const url = new URL(path.slice(1), base);
    url.search = query.toString().replaceAll('+', '%20'); // as SigV4 writes a blank
    const answer = await requested({ url, from }, await headersFor(url, as), signal);
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return body;
    throw refusal(answer, body);
  });
}

async function requested(
  { url, from }: { readonly url: URL; readonly from: string },
  headers: Record<string, string>,
  given?: AbortSignal,
): Promise<Response> {
  try {
    const signals = [AbortSignal.timeout(ANSWER_WITHIN), ...(given === undefined ? [] : [given])];
    return await fetch(url, { headers, signal: AbortSignal.any(signals) });
  } catch (error) {
    throw new ServiceError(cannotAsk(url, from, reasonOf(error)), { cause: error });
  }
}

/** What to do about it: on this machine nothing is in the way but a service that does not run. */
function cannotAsk(url: URL, from: string, why: string): string {
  if (!isHere(url)) return `${url.origin} cannot be asked (${why}). Check ${from}, the network and your credentials.`;
  if (!why.includes('ECONNREFUSED'))
    return `${url.origin} cannot be asked (${why}). Check ${from}, and what runs there.`;
  const start = url.origin === LOCAL_API ? 'npm start' : `npm start -- --port ${url.port || '80'}`;
  return `Nothing answers at ${url.origin} (${why}): start it with ${start}, or name another service with --api or --table.`;
}

/** What lies under a failed request, in the system's words. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || String(codeOf(cause)) : String(cause); // none where it tried IPv4 and 6
}

async function headersFor(url: URL, as: AskedAs): Promise<Record<string, string>> {
  const token = readEnvironment()[TOKEN];
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (isHere(url)) return {};
  const { signedHeaders } = await import('../../lib/adapters/aws/signed-headers.ts');
  try {
    return await signedHeaders(url, signInOf(as));
  } catch (error) {
    const why = reasonOf(error).replace(/\.$/, '');
    throw new CommandError(
      `The request cannot be signed (${why}): sign in, give --profile or AWS_PROFILE, or give a token in ${TOKEN}.`,
      1,
      { cause: error },
    );
  }
}

/** On this machine, where nobody signs. */
function isHere(url: URL): boolean {
  return /^(?:127\.|localhost$|\[::1\]$)/.test(url.hostname);
}

function refusal(answer: Response, body: unknown): CommandError {
  const detail = isJsonObject(body) ? (textAt(body, 'detail') ?? textAt(body, 'message')) : undefined;
  const parameter = isJsonObject(body) ? textAt(body, 'parameter') : undefined;
  const about = parameter === undefined ? '' : `${parameter}: `;
  const said = `The service answered ${answer.status}: ${about}${detail ?? answer.statusText}`;
  if (answer.status === 401 || answer.status === 403) {
    const what = readEnvironment()[TOKEN] === undefined ? 'your AWS credentials' : `the token in ${TOKEN}`;
    return new CommandError(`${said.replace(/\.$/, '')}. It does not take ${what}.`, 1);
  }
  if (answer.status === 400) return new RefusedQuestionError(said, 1);
  return answer.status === 429 || answer.status >= 500 ? new ServiceError(said) : new CommandError(said, 1);
}

function signInOf(as: AskedAs): SignIn {
  const { profile, region, credentials } = awsSettings(as);
  return present<SignIn>({ profile, region, credentials, logger: SILENT });
}

/** The SDK would warn on standard error of keys in the environment beside a profile that was given on purpose. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

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
    related: async (auditId) => (await tables()).related(auditId),
  };
}
