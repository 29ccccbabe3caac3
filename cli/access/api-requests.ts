import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { present } from '../../lib/json.ts';
import { CommandError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { awsSettings } from '../options/aws-options.ts';
import { readEnvironment } from '../options/environment.ts';

/** By whom the requests are signed, and where the tables are, where it is not as the environment says. */
export interface ApiCaller {
  readonly profile?: string;
  readonly region?: string;
}

/** An API, and what named it. */
export interface ApiTarget {
  readonly url: string;
  readonly from: string;
}

/** The API of `npm start`. */
export const LOCAL_API = 'http://127.0.0.1:3000';

/** A bearer token for an API with a JWT authorizer; without one requests are signed with SigV4. */
export const TOKEN = 'EKS_WHOIS_TOKEN';
const ANSWER_WITHIN = 60_000;

/** A request of the HTTP interface. */
export interface ApiRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** JSON that is sent; without one it is a question. */
  readonly body?: string | undefined;
}

/**
 * Sends requests to an API as whoever asks is known: with the bearer token of the environment, else signed.
 * @throws ServiceError where nothing answers, CommandError where nobody can sign.
 */
export type ApiRequests = (request: ApiRequest, signal?: AbortSignal) => Promise<Response>;

/** @throws CommandError where it is no address. */
export function apiRequests({ url: api, from }: ApiTarget, as: ApiCaller): ApiRequests {
  const base = URL.parse(api.endsWith('/') ? api : `${api}/`);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw wrongUsage(`${from} ${api} is not a URL. Give one like https://abc.execute-api.eu-west-1.amazonaws.com.`);
  }
  return async ({ path, query, body }, signal) => {
    const url = new URL(path.slice(1), base);
    url.search = query.toString().replaceAll('+', '%20'); // as SigV4 writes a blank
    return requested({ url, from, body, headers: await headersFor(url, as, body) }, signal);
  };
}

interface SentRequest {
  readonly url: URL;
  readonly from: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

async function requested({ url, from, headers, body }: SentRequest, given?: AbortSignal): Promise<Response> {
  const sent = body === undefined ? { headers } : { headers, method: 'POST', body };
  try {
    const signals = [AbortSignal.timeout(ANSWER_WITHIN), ...(given === undefined ? [] : [given])];
    return await fetch(url, { ...sent, signal: AbortSignal.any(signals) });
  } catch (error) {
    throw new ServiceError(cannotAsk(url, from, reasonOf(error)), { cause: error });
  }
}

/** What to do about it: on this machine nothing is in the way but a service that does not run. */
function cannotAsk(url: URL, from: string, why: string): string {
  if (!isHere(url)) return `${url.origin} cannot be asked (${why}). Check ${from}, the network and your credentials.`;
  if (!why.includes('ECONNREFUSED'))
    return `${url.origin} cannot be reached (${why}). Check ${from}, and whether the service runs there.`;
  const start = url.origin === LOCAL_API ? 'npm start' : `npm start -- --port ${url.port || '80'}`;
  return `No service answers at ${url.origin} (${why}). Start it with ${start}, or give another service with --api or --table.`;
}

/** What lies under a failed request, in the system's words. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || String(codeOf(cause)) : String(cause); // none where it tried IPv4 and 6
}

async function headersFor(url: URL, as: ApiCaller, body: string | undefined): Promise<Record<string, string>> {
  const ofBody = body === undefined ? {} : { 'content-type': 'application/json' };
  const token = readEnvironment()[TOKEN];
  if (token !== undefined) return { ...ofBody, authorization: `Bearer ${token}` };
  if (isHere(url)) return ofBody;
  const { signedHeaders } = await import('../../lib/adapters/aws/signer.ts');
  try {
    return await signedHeaders(url, signInOf(as), body);
  } catch (error) {
    const why = reasonOf(error).replace(/\.$/, '');
    throw new CommandError(
      `The request cannot be signed (${why}). Sign in, give --profile or AWS_PROFILE, or put a token into ${TOKEN}.`,
      1,
      { cause: error },
    );
  }
}

/** On this machine, where nobody signs. */
function isHere(url: URL): boolean {
  return /^(?:127\.|localhost$|\[::1\]$)/.test(url.hostname);
}

/** As the SDK takes it. */
export function signInOf(as: ApiCaller): SignIn {
  const { profile, region, credentials } = awsSettings(as);
  return present<SignIn>({ profile, region, credentials, logger: SILENT });
}

/** The SDK would warn on standard error of keys in the environment beside a profile that was given on purpose. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
