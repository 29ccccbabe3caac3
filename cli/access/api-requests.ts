import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { present } from '../../lib/json.ts';
import { CommandError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { awsSettings } from '../options/aws-options.ts';
import { readEnvironment } from '../options/environment.ts';

/** The identity that signs the requests, and the Region of the tables, if they differ from the environment. */
export interface ApiCaller {
  readonly profile?: string;
  readonly region?: string;
}

/** The URL of an API, and the option or setting that gave it. */
export interface ApiTarget {
  readonly url: string;
  readonly from: string;
}

/** The API of `npm start`. */
export const LOCAL_API = 'http://127.0.0.1:3000';

/**
 * The environment variable with a bearer token, for an API with a JWT authorizer. Without it, requests are signed with
 * SigV4.
 */
export const TOKEN = 'EKS_WHOIS_TOKEN';
const ANSWER_WITHIN = 60_000;

/** A request of the HTTP interface. */
export interface ApiRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The JSON to send with POST. Absent for a question, which is a GET. */
  readonly body?: string | undefined;
}

/**
 * Sends requests to an API with the caller's credentials: the bearer token from the environment, or else a signature.
 * @throws ServiceError if the API does not answer, CommandError if the request cannot be signed.
 */
export type ApiRequests = (request: ApiRequest, signal?: AbortSignal) => Promise<Response>;

/**
 * Returns the function that sends requests to this API.
 * @throws CommandError if the URL is invalid.
 */
export function apiRequests({ url: api, from }: ApiTarget, as: ApiCaller): ApiRequests {
  const base = URL.parse(api.endsWith('/') ? api : `${api}/`);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw wrongUsage(
      `${from} ${api} is not an http or https URL. Give one like https://abc.execute-api.eu-west-1.amazonaws.com.`,
    );
  }
  return async ({ path, query, body }, signal) => {
    const url = new URL(path.slice(1), base);
    url.search = query.toString().replaceAll('+', '%20'); // SigV4 signs a blank as %20
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

/** Returns what failed and what to do. On this machine, the usual reason is that the service does not run. */
function cannotAsk(url: URL, from: string, why: string): string {
  if (why === 'bad port')
    return `${url.origin} cannot be reached: HTTP clients refuse port ${url.port}, because another protocol uses it. Check ${from}, and give another port.`;
  if (!isHere(url)) return `${url.origin} cannot be reached (${why}). Check ${from}, the network and your credentials.`;
  if (!why.includes('ECONNREFUSED'))
    return `${url.origin} cannot be reached (${why}). Check ${from}, and whether the service runs there.`;
  const start = url.origin === LOCAL_API ? 'npm start' : `npm start -- --port ${url.port || '80'}`;
  return `No service answers at ${url.origin} (${why}). Start it with ${start}, or give another service with --api or --table.`;
}

/** Returns the system's own reason for a failed request. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // the message is empty if both IPv4 and IPv6 failed
  return cause instanceof Error ? cause.message || String(codeOf(cause)) : String(cause);
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

/** Returns whether the service runs on this machine. Its requests are not signed. */
function isHere(url: URL): boolean {
  return /^(?:127\.|localhost$|\[::1\]$)/.test(url.hostname);
}

/** Returns the sign-in in the form that the SDK takes. */
export function signInOf(as: ApiCaller): SignIn {
  const { profile, region, credentials } = awsSettings(as);
  return present<SignIn>({ profile, region, credentials, logger: SILENT });
}

/**
 * A logger that writes nothing. The SDK would warn on standard error if there are keys in the environment besides the
 * given profile.
 */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
