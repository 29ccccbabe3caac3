import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { asLookupError, isWorthRetrying, type LookupError } from './lookup-error.ts';
import type { Pacer, PaceTimer } from './pacer.ts';
import type { Slots } from './slots.ts';

/** One page of LookupEvents: newest first, at most 50 events (FACTS). */
export interface LookupPage {
  /** `CloudTrailEvent` of each event: the record as a JSON text. */
  readonly records: readonly string[];
  readonly nextToken: string | undefined;
}

export interface LookupRequest {
  readonly attribute: LookupAttributeKey;
  readonly value: string;
  readonly from: Date;
  readonly to: Date;
}

/** A function that sends one request, as the SDK does. */
export type SendLookup = (
  request: LookupRequest,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<LookupPage>;

/** CloudTrail of one account in one Region, with its pace and its retries. */
export interface LookupScope {
  readonly account: string;
  readonly region: string;
  readonly send: SendLookup;
  readonly pacer: Pacer;
  /** Limit that all scopes of a process share. */
  readonly slots: Slots;
}

/** Returns account and Region for display; the Region alone for one's own account. */
export function scopeName({ account, region }: Pick<LookupScope, 'account' | 'region'>): string {
  return account === '' ? region : `${account} ${region}`;
}

export interface LookupOptions {
  readonly waiting: PaceTimer;
  readonly signal?: AbortSignal | undefined;
  /** The maximum number of attempts; fewer than usual if the request is repeated in a minute anyway. */
  readonly mostAttempts?: number | undefined;
}

const MOST_ATTEMPTS = 5;
const FIRST_BACK_OFF = 400;
const LONGEST_BACK_OFF = 8_000;

/**
 * Reads one page. Retries throttling, 5xx and broken connections after a growing delay.
 * @throws LookupError if retries failed or cannot help; the signal's reason if it aborts first. If an attempt failed
 * before the signal aborted, it throws LookupError, so that running out of time does not hide the failure.
 */
export async function lookupPage(
  scope: LookupScope,
  request: LookupRequest,
  token: string | undefined,
  { waiting, signal, mostAttempts = MOST_ATTEMPTS }: LookupOptions,
): Promise<LookupPage> {
  let failure: LookupError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await backOff(attempt, waiting, signal);
      return await sendInTurn(scope, request, token, signal);
    } catch (error) {
      if (signal?.aborted) throw failure ?? signal.reason;
      failure = asLookupError(error);
      if (!isWorthRetrying(failure) || attempt >= mostAttempts) throw failure;
    }
  }
}

/** Sends the request when it is the turn of this account and Region. */
async function sendInTurn(
  scope: LookupScope,
  request: LookupRequest,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<LookupPage> {
  await scope.pacer.turn(signal);
  const page = await scope.slots.run(scope.region, signal, () => {
    scope.pacer.sent();
    return unlessAborted(() => scope.send(request, token, signal), signal);
  });
  scope.pacer.answered();
  return page;
}

/**
 * Runs the work unless the signal aborts. The SDK passes the signal to the request only. Before that it may wait for
 * credentials that another request began to fetch.
 * @throws the signal's reason.
 */
export function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  work()
    .then(resolve, reject)
    .finally(() => signal.removeEventListener('abort', abort));
  return promise;
}

/**
 * Waits for a random time before the second and later attempts, so that accounts and Regions do not all retry at once.
 */
async function backOff(attempt: number, waiting: PaceTimer, signal: AbortSignal | undefined): Promise<void> {
  if (attempt === 1) return;
  const longest = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (attempt - 1));
  await waiting.wait(longest * (0.5 + Math.random() / 2), signal);
}
