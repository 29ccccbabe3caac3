import { signal } from '@preact/signals';
import { SECOND } from '../../../lib/time.ts';
import { authorize, settings, signedOut } from './session.ts';
import { writtenText } from './visible.ts';

/** Why a question was not answered, in a sentence, and what can be done. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The parameter that is wrong, where one is. */
  readonly parameter: string | undefined;
  /** What the service answered, of whatever shape. */
  readonly body: unknown;

  constructor(status: number, detail: string, parameter?: string, body?: unknown) {
    super(detail);
    this.status = status;
    this.parameter = parameter;
    this.body = body;
  }
}

/** What stands in the way of the service at the moment; undefined where nothing does. It is tried again by itself. */
export const hindrance = signal<string | undefined>(undefined);

export type Params = readonly (readonly [name: string, value: string])[];

/** Waits before a question is put again, in milliseconds; the last one again and again. */
const WAITS = [1, 2, 5, 10, 20].map((seconds) => seconds * SECOND);
/** Ends nothing. */
const NEVER = new AbortController().signal;
/** A function may take half a minute, and a slow line longer. */
const ANSWER_WITHIN = 45 * SECOND;

/**
 * The answer to a question. Throttling, an unavailable service and a network that is gone are waited out and said in
 * `hindrance`; the signal ends it.
 * @throws ApiProblem where the service refuses the question, or the person. @throws AbortError by the signal.
 */
export async function ask<T>(path: string, params: Params, signal = NEVER): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await tryOnce<T>(path, params, signal);
    if ('answer' in outcome) {
      hindrance.value = undefined;
      return outcome.answer;
    }
    hindrance.value = outcome.why;
    await pause(outcome.wait ?? WAITS[Math.min(attempt, WAITS.length - 1)] ?? 0, signal);
  }
}

/**
 * Tells the service something, once, and answers what it keeps: what got no answer may be kept all the same.
 * @throws ApiProblem where it was not kept, or nobody knows.
 */
export async function tell<T>(path: string, body: object): Promise<T> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const outcome = await tryOnce<T>(path, [], NEVER, request);
  if ('answer' in outcome) return outcome.answer;
  throw new ApiProblem(0, 'The service did not answer. Check whether it stored the note before you send it again.');
}

type Outcome<T> = { readonly answer: T } | { readonly why: string; readonly wait: number | undefined };

async function tryOnce<T>(
  path: string,
  params: Params,
  signal: AbortSignal,
  request?: RequestInit,
): Promise<Outcome<T>> {
  const query = new URLSearchParams(params.map(([name, value]) => [name, value]));
  const answer = await answered(`.${path}?${query}`, signal, request);
  if (typeof answer === 'string') return { why: answer, wait: undefined };
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return { answer: body as T };
  const { detail, parameter } = problemIn(body);
  const wait = Number(answer.headers.get('retry-after')) * SECOND || undefined;
  if (answer.status === 429) return { why: 'The service is receiving too many requests. Retrying …', wait };
  if (answer.status >= 500)
    return {
      why: `The service can't answer (${answer.status})${detail === undefined ? '.' : `: ${detail}`} Retrying …`,
      wait,
    };
  if (answer.status === 401) signedOut();
  throw new ApiProblem(answer.status, refusalWords(answer.status, detail), parameter, body);
}

/** The answer, or why there is none. */
async function answered(url: string, signal: AbortSignal, request: RequestInit = {}): Promise<Response | string> {
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

function problemIn(body: unknown): { readonly detail?: string; readonly parameter?: string } {
  if (typeof body !== 'object' || body === null) return {};
  const text = (name: string) => {
    const value: unknown = Reflect.get(body, name);
    return typeof value === 'string' ? writtenText(value) : undefined;
  };
  const [detail, parameter] = [text('detail') ?? text('message'), text('parameter')];
  return { ...(detail !== undefined && { detail }), ...(parameter !== undefined && { parameter }) };
}

/** Waits, or until the network is back. @throws AbortError by the signal. */
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

/** What API Gateway says of a refusal (`{"message":"Forbidden"}`): no more than the status does. */
const BARE: ReadonlySet<string> = new Set(['Unauthorized', 'Forbidden', 'Missing Authentication Token', 'Not Found']);

/** What happened, and what to do, where the service does not answer what it was asked: in its own words, where it has any. */
function refusalWords(status: number, detail: string | undefined): string {
  const own = detail !== undefined && !BARE.has(detail) ? detail : undefined;
  if (status === 401)
    return `The service refused the request (401): ${own ?? 'it does not accept your credentials.'} ${mendOf(status)}`;
  if (status === 403)
    return `The service refused the request (403): ${own ?? 'you do not have access.'} ${mendOf(status)}`;
  return own ?? (status === 404 ? 'Nothing found.' : `The service answered with status ${status}. Check its logs.`);
}

function mendOf(status: number): string {
  if (settings.signIn !== 'oidc') return 'Check the credentials that this page was started with, then try again.';
  if (status === 401) return 'Sign in again.';
  return 'Sign in with another account, or ask whoever runs this service for access.';
}
