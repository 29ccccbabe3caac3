import type { Caller } from './caller.ts';

/** A request as it came in, and what became of it. */
export interface LoggedRequest {
  /** Milliseconds of the clock that the throttle uses: for asserting how a client paces itself. */
  readonly arrivedAt: number;
  readonly accessKeyId: string | undefined;
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  /** The operation, such as `LookupEvents`. */
  readonly operation: string | undefined;
  /** The body as parsed JSON; undefined where it is none. */
  readonly input: unknown;
  /** `waiting` until decided; then `answered`, `garbage`, `reset`, `hang`, or the name of the error. */
  readonly outcome: string;
  /** How many events the answer holds. */
  readonly events: number;
}

/** A request in the log that is still being decided. */
export interface OpenRequest {
  /** Says what became of it. */
  settle(outcome: string, events?: number): void;
}

export interface RequestLog {
  /** Grows as requests arrive, in their order. */
  readonly requests: readonly LoggedRequest[];
  open(
    request: Omit<LoggedRequest, 'outcome' | 'events' | 'accessKeyId' | 'accountId' | 'region'>,
    caller?: Caller,
  ): OpenRequest;
}

export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = [];
  return {
    requests,
    open(request, caller) {
      const { accessKeyId, accountId, region } = caller ?? {};
      const place = requests.length;
      const base = { ...request, accessKeyId, accountId, region };
      requests.push({ ...base, outcome: 'waiting', events: 0 });
      return {
        settle(outcome, events = 0) {
          requests[place] = { ...base, outcome, events };
        },
      };
    },
  };
}
