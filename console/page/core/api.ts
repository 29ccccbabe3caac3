import { signal } from '@preact/signals';
import { SECOND } from '../../../lib/time.ts';
import { ceilingEntriesIn, ceilingText } from '../../../lib/usecases/query/ceiling-gaps.ts';
import { learnActors } from './people.ts';
import { authorize, settings, signOut } from './session.ts';
import { writtenText } from './visible.ts';

/** The error for a request that the service refused. The message says what happened and what to do. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The name of the wrong parameter, if the service names one. */
  readonly parameter: string | undefined;
  /** The body of the response, not checked. */
  readonly body: unknown;

  constructor(status: number, detail: string, parameter?: string, body?: unknown) {
    super(detail);
    this.status = status;
    this.parameter = parameter;
    this.body = body;
  }
}

/**
 * The reason why requests get no answer at the moment, in a sentence; undefined if they do. The page retries by itself.
 */
export const outage = signal<string | undefined>(undefined);

/** The clusters that the service shows to this user, as it states them; undefined if it shows all. */
export const visibleClusters = signal<string | undefined>(undefined);

/**
 * Sentences about the events that the latest answers lack, because accounts were over their ceiling. Another view
 * begins with none.
 */
export const ceilingGaps = signal<readonly string[]>([]);

/** Query parameters, in order; a name may occur several times. */
export type Params = readonly (readonly [name: string, value: string])[];

/** Waits before retries, in milliseconds. The last one repeats. */
const WAITS = [1, 2, 5, 10, 20].map((seconds) => seconds * SECOND);
const NEVER = new AbortController().signal;
/** The time-out of a request, in milliseconds. A Lambda function may take half a minute, and a slow network longer. */
const ANSWER_WITHIN = 45 * SECOND;

/**
 * Sends a GET request and returns the body. Retries while the service throttles, fails or cannot be reached, and says
 * so in `outage`, until the signal aborts. The body is not checked against `T`.
 * @throws ApiProblem if the service refuses the request or the user.
 * @throws AbortError if the signal aborts.
 */
export async function ask<T>(path: string, params: Params, signal = NEVER): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await tryOnce<T>(path, params, signal);
    if ('answer' in outcome) {
      outage.value = undefined;
      learnActors(outcome.answer);
      return outcome.answer;
    }
    outage.value = outcome.why;
    await pause(outcome.wait ?? WAITS[Math.min(attempt, WAITS.length - 1)] ?? 0, signal);
  }
}

/**
 * Sends a POST request once, without retries, and returns what the service stored.
 * @throws ApiProblem if the service refused it, or did not answer: then it may have stored it.
 */
export async function post<T>(path: string, body: object): Promise<T> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const outcome = await tryOnce<T>(path, [], NEVER, request);
  if ('answer' in outcome) return outcome.answer;
  throw new ApiProblem(0, 'The service did not answer. Send the note again: the same note is stored only once.');
}

type Outcome<T> = { readonly answer: T } | { readonly why: string; readonly wait: number | undefined };

async function tryOnce<T>(
  path: string,
  params: Params,
  signal: AbortSignal,
  request?: RequestInit,
): Promise<Outcome<T>> {
  const query = new URLSearchParams(params.map(([name, value]) => [name, value]));
  const answer = await fetchAnswer(`.${path}?${query}`, signal, request);
  if (typeof answer === 'string') return { why: answer, wait: undefined };
  if (answer.ok) visibleClusters.value = clustersIn(answer.headers);
  const body: unknown = await answer.json().catch(() => undefined);
  const gaps = ceilingEntriesIn(body).map(ceilingText);
  if (gaps.length > 0) ceilingGaps.value = [...new Set([...ceilingGaps.value, ...gaps])];
  if (answer.ok && body !== undefined) return { answer: body as T };
  const { detail, parameter } = problemIn(body);
  const wait = Number(answer.headers.get('retry-after')) * SECOND || undefined;
  if (answer.status === 429) return { why: 'The service is receiving too many requests. Retrying …', wait };
  if (answer.status >= 500)
    return {
      why: `The service can't answer (${answer.status})${detail === undefined ? '.' : `: ${detail}`} Retrying …`,
      wait,
    };
  if (answer.status === 401) signOut();
  throw new ApiProblem(answer.status, refusalWords(answer.status, detail), parameter, body);
}

/** Returns the response, or why there is none, in a sentence. */
async function fetchAnswer(url: string, signal: AbortSignal, request: RequestInit = {}): Promise<Response | string> {
  const late = AbortSignal.timeout(ANSWER_WITHIN);
  try {
    const headers = { ...request.headers, accept: 'application/json', ...(await authorize()) };
    return await fetch(url, {
      ...request,
      headers,
      signal: AbortSignal.any([signal, late]),
      credentials: 'omit',
      cache: 'no-store',
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiProblem) throw error;
    if (late.aborted) return 'The service is slow to answer. Retrying …';
    return "Can't reach the service. Retrying …";
  }
}

function clustersIn(headers: Headers): string | undefined {
  const text = headers.get('eks-whois-clusters') ?? undefined;
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text;
  }
}

function problemIn(body: unknown): { readonly detail?: string; readonly parameter?: string } {
  if (typeof body !== 'object' || body === null) return {};
  const text = (name: string) => {
    const value: unknown = Reflect.get(body, name);
    return typeof value === 'string' ? writtenText(value) : undefined;
  };
  const [detail, parameter] = [text('detail') ?? text('message'), text('parameter')];
  return { ...(detail !== undefined && { detail }), ...(parameter !== undefined && { parameter }) };
}

/**
 * Waits so many milliseconds, or until the network is back.
 * @throws AbortError if the signal aborts.
 */
export function pause(wait: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(done, wait);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}

/** Messages of API Gateway (`{"message":"Forbidden"}`) that say no more than the status. */
const BARE: ReadonlySet<string> = new Set(['Unauthorized', 'Forbidden', 'Missing Authentication Token', 'Not Found']);

/** Returns what happened and what to do, in the service's own words if it gave any. */
function refusalWords(status: number, detail: string | undefined): string {
  const own = detail !== undefined && !BARE.has(detail) ? detail : undefined;
  if (status === 401)
    return `The service refused the request (401): ${own ?? 'it does not accept your credentials.'} ${adviceFor(status)}`;
  if (status === 403)
    return `The service refused the request (403): ${own ?? 'you do not have access.'} ${adviceFor(status)}`;
  return own ?? (status === 404 ? 'Nothing found.' : `The service answered with status ${status}. Check its logs.`);
}

function adviceFor(status: number): string {
  if (settings.signIn !== 'oidc') return 'Check the credentials that this page was started with, then try again.';
  if (status === 401) return 'Sign in again.';
  return 'Sign in with another account, or ask whoever runs this service for access.';
}
