import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { asLookupError, isWorthRetrying, type LookupError } from './lookup-error.ts';
import type { Pacer, PaceTimer } from './pacer.ts';
import type { Slots } from './slots.ts';

/** One page of LookupEvents: at most 50 events, the newest first (FACTS). */
export interface LookupPage {
  /** The `CloudTrailEvent` of each event, which is the record as a JSON text. */
  readonly records: readonly string[];
  readonly nextToken: string | undefined;
}

export interface LookupRequest {
  readonly attribute: LookupAttributeKey;
  readonly value: string;
  readonly from: Date;
  readonly to: Date;
}

/** Sends one request, as the SDK does. */
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
  /** The limit on requests, which all scopes of a process share. */
  readonly slots: Slots;
}

/** Returns the account and Region in words. For the service's or user's own account, only the Region. */
export function scopeName({ account, region }: Pick<LookupScope, 'account' | 'region'>): string {
  return account === '' ? region : `${account} ${region}`;
}

export interface LookupOptions {
  readonly waiting: PaceTimer;
  readonly signal?: AbortSignal | undefined;
  /** The maximum number of attempts. It is lower than usual if the request is repeated in a minute anyway. */
  readonly mostAttempts?: number | undefined;
}

const MOST_ATTEMPTS = 5;
const FIRST_BACK_OFF = 400;
const LONGEST_BACK_OFF = 8_000;

/**
 * Reads one page. After throttling, 5xx or a broken connection, it retries with a growing delay.
 * @throws LookupError if retries failed or cannot help. It is also thrown if an attempt failed before the signal
 * aborted. So a lack of time does not hide the failure.
 * @throws the signal's reason if it aborts before any attempt failed.
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

/** Sends the request when it is this account and Region's turn. */
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
 * Runs the work unless the signal aborts. The SDK heeds the signal only for the request. Before that, it may wait for
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

/** Waits for a random time before the second and later attempts. So not all accounts and Regions retry at once. */
async function backOff(attempt: number, waiting: PaceTimer, signal: AbortSignal | undefined): Promise<void> {
  if (attempt === 1) return;
  const longest = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (attempt - 1));
  await waiting.wait(longest * (0.5 + Math.random() / 2), signal);
}
