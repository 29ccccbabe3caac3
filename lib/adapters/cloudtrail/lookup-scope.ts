import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { asLookupError, isWorthRetrying, type LookupError } from './lookup-error.ts';
import type { Pacer, Waiting } from './pacer.ts';
import type { Slots } from './slots.ts';

/** One request's worth of LookupEvents: newest first, at most 50 events (FACTS). */
export interface LookupPage {
  /** `CloudTrailEvent` of each: the record as a JSON text. */
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

/** One account's CloudTrail in one Region: paced, and asked again where that may help. */
export interface LookupScope {
  readonly account: string;
  readonly region: string;
  readonly send: SendLookup;
  readonly pacer: Pacer;
  /** Shared by all scopes of a process. */
  readonly slots: Slots;
}

/** Account and Region, as a person calls them; the Region alone for the account that asks. */
export function scopeName({ account, region }: Pick<LookupScope, 'account' | 'region'>): string {
  return account === '' ? region : `${account} ${region}`;
}

export interface LookupManner {
  readonly waiting: Waiting;
  readonly signal?: AbortSignal | undefined;
  /** Fewer where it is asked again in a minute. */
  readonly mostAttempts?: number | undefined;
}

const MOST_ATTEMPTS = 5;
const FIRST_BACK_OFF = 400;
const LONGEST_BACK_OFF = 8_000;

/**
 * One page, with throttling, 5xx and broken connections asked again after a growing wait.
 * @throws LookupError where that did not help, or could not; the signal's reason where it came first. A place that
 * failed until then failed: the time does not excuse it.
 */
export async function lookupPage(
  scope: LookupScope,
  request: LookupRequest,
  token: string | undefined,
  { waiting, signal, mostAttempts = MOST_ATTEMPTS }: LookupManner,
): Promise<LookupPage> {
  let failure: LookupError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await backOff(attempt, waiting, signal);
      return await askOnce(scope, request, token, signal);
    } catch (error) {
      if (signal?.aborted) throw failure ?? signal.reason;
      failure = asLookupError(error);
      if (!isWorthRetrying(failure) || attempt >= mostAttempts) throw failure;
    }
  }
}

/** When it is the place's turn. */
async function askOnce(
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
 * The SDK gives the signal to the request itself, and not to what it does before: it may wait for credentials, which
 * another request began to fetch. @throws the signal's reason.
 */
function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
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

/** Waits before the attempt, from the second on: for a drawn time, so that places do not ask again all at once. */
async function backOff(attempt: number, waiting: Waiting, signal: AbortSignal | undefined): Promise<void> {
  if (attempt === 1) return;
  const longest = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (attempt - 1));
  await waiting.wait(longest * (0.5 + Math.random() / 2), signal);
}
