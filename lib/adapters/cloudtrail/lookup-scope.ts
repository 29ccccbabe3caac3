import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { isWorthRetrying, lookupFailure } from './lookup-failure.ts';
import type { Pacer, Waiting } from './pacer.ts';

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
}

const MOST_ATTEMPTS = 5;
const FIRST_BACK_OFF = 400;
const LONGEST_BACK_OFF = 8_000;

/**
 * One page, with throttling, 5xx and broken connections asked again after a growing wait.
 * @throws LookupFailure where that did not help, or could not.
 */
export async function lookupPage(
  scope: LookupScope,
  request: LookupRequest,
  token: string | undefined,
  { waiting, signal }: { readonly waiting: Waiting; readonly signal?: AbortSignal | undefined },
): Promise<LookupPage> {
  for (let attempt = 1; ; attempt += 1) {
    await scope.pacer.turn(signal);
    try {
      return await scope.send(request, token, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = lookupFailure(error);
      if (!isWorthRetrying(failure) || attempt === MOST_ATTEMPTS) throw failure;
      const backOff = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** attempt);
      await waiting.wait(backOff * (0.5 + Math.random() / 2), signal);
    }
  }
}
