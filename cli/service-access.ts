import { isJsonObject, textAt } from '../lib/json.ts';
import { CommandFailure, wrongUsage } from './failure.ts';

/** The deployed or local service, asked as its HTTP interface is: by path and query. */
export interface ServiceAccess {
  /** @throws CommandFailure with the service's own words where it refuses or cannot answer. */
  get(path: '/whois' | '/records' | '/sessions', query: URLSearchParams): Promise<unknown>;
}

export interface ServiceOptions {
  readonly api?: string;
  readonly table?: string;
}

/** A bearer token for an API with a JWT authorizer; without one requests are signed with SigV4. */
const TOKEN = 'EKS_WHOIS_TOKEN';
const ANSWER_WITHIN = 60_000;

export function serviceAccess({ api, table }: ServiceOptions): ServiceAccess | undefined {
  if (api !== undefined && table !== undefined) throw wrongUsage('Give --api or --table, not both.');
  if (api !== undefined) return apiAccess(api);
  return table === undefined ? undefined : tableAccess(table);
}

function apiAccess(api: string): ServiceAccess {
  const base = URL.parse(api.endsWith('/') ? api : `${api}/`);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw wrongUsage(`--api ${api} is no address: give one like https://abc.execute-api.eu-west-1.amazonaws.com.`);
  }
  return {
    async get(path, query) {
      const url = new URL(path.slice(1), base);
      url.search = query.toString();
      const answer = await requested(url);
      const body: unknown = await answer.json().catch(() => undefined);
      if (answer.ok) return body;
      throw refusal(answer, body);
    },
  };
}

async function requested(url: URL): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    return await fetch(url, { headers: await headersFor(url), signal });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(
      `${url.origin} cannot be asked (${why}). Check --api, the network and your credentials.`,
      1,
      {
        cause: error,
      },
    );
  }
}

async function headersFor(url: URL): Promise<Record<string, string>> {
  const token = process.env[TOKEN];
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (/^(?:127\.|localhost$|\[::1\]$)/.test(url.hostname)) return {};
  const { signedHeaders } = await import('../lib/adapters/api/sign.ts');
  return signedHeaders(url);
}

function refusal(answer: Response, body: unknown): CommandFailure {
  const detail = isJsonObject(body) ? (textAt(body, 'detail') ?? textAt(body, 'message')) : undefined;
  const parameter = isJsonObject(body) ? textAt(body, 'parameter') : undefined;
  const about = parameter === undefined ? '' : `${parameter}: `;
  return new CommandFailure(`The service answered ${answer.status}: ${about}${detail ?? answer.statusText}`, 1);
}

/** The deployed tables themselves, with the rules of the service: needs the analysts' policy, but no API. */
function tableAccess(name: string): ServiceAccess {
  const prefix = name.replace(/-(?:sessions|claims|records)$/, '');
  return {
    async get(path, query) {
      const { askTables } = await import('./table-access.ts');
      return askTables(prefix, path, query.toString());
    },
  };
}
