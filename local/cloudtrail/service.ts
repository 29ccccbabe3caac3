import { parseJson } from '../../lib/json.ts';
import { type Accounts, type Caller, type Refusal, readCaller, refuse } from './caller.ts';
import { type FaultScript, RATE_EXCEEDED, refusalOf } from './faults.ts';
import { type EventHistory, type HistoryEvent, type NextTokens, type Page, pageOf, readLookup } from './lookup.ts';

/** The parts of an HTTP request that CloudTrail reads. */
export interface ServiceRequest {
  readonly authorization: string | undefined;
  /** `X-Amz-Target`: `CloudTrail_20131101.LookupEvents`. */
  readonly target: string | undefined;
  readonly body: string;
}

/** The result of a request: a response, or a fault that the HTTP server must carry out. */
export type Outcome =
  | Page
  | Refusal
  | { readonly kind: 'garbage'; readonly body: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** The state of the stand-in, without HTTP. */
export interface Service {
  readonly accounts: Accounts;
  readonly history: EventHistory;
  readonly faults: FaultScript;
  readonly throttle: Throttle;
  readonly tokens: NextTokens;
  readonly log: RequestLog;
  /** Returns the current time of the event history in epoch milliseconds. */
  readonly now: () => number;
  /** Returns the time of the throttle's clock in milliseconds. */
  readonly throttleNow: () => number;
  readonly deliveryDelay: (event: HistoryEvent) => number;
  /** Waits. Rejects if the server closes meanwhile. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Processes one request: the caller, then faults, then the throttle, then the look-up. */
export async function serve(service: Service, request: ServiceRequest): Promise<Outcome> {
  const caller = readCaller(request.authorization, service.accounts);
  const operation = /\.(\w+)$/.exec(request.target ?? '')?.[1];
  const parsed = parseJson(request.body);
  const input = parsed.ok ? parsed.value : undefined;
  const entry = service.log.open(
    { arrivedAt: service.throttleNow(), operation, input },
    caller.kind === 'caller' ? caller : undefined,
  );
  const outcome = caller.kind === 'caller' ? await serveCaller(service, caller, { ...request, input }) : caller;
  entry.settle(...logged(outcome));
  return outcome;
}

function logged(outcome: Outcome): [string, number] {
  if (outcome.kind === 'page') return ['answered', outcome.Events.length];
  return [outcome.kind === 'refusal' ? outcome.name : outcome.kind, 0];
}

async function serveCaller(
  service: Service,
  caller: Caller,
  request: ServiceRequest & { readonly input: unknown },
): Promise<Outcome> {
  const { delay, blow } = service.faults.strike(caller);
  if (delay > 0) await service.wait(delay);
  if (blow?.kind === 'reset' || blow?.kind === 'hang') return { kind: blow.kind };
  if (blow?.kind === 'garbage') return { kind: 'garbage', body: blow.body ?? '<html><body>Bad Gateway</body></html>' };
  const refusal = blow === undefined ? undefined : refusalOf(blow, caller);
  if (refusal !== undefined) return refusal;
  if (!service.throttle(`${caller.accountId} ${caller.region}`)) return RATE_EXCEEDED;
  if (request.target !== 'CloudTrail_20131101.LookupEvents') return UNKNOWN_OPERATION;
  return lookUp(service, caller, request.input);
}

const UNKNOWN_OPERATION = refuse('UnknownOperationException', 'The stand-in answers LookupEvents only.');

/** Runs the look-up for a caller that is allowed to. */
export function lookUp(service: Service, caller: Pick<Caller, 'accountId' | 'region'>, input: unknown): Page | Refusal {
  const lookup = readLookup(input);
  if (lookup.kind === 'refusal') return lookup;
  const view = {
    accountId: service.accounts.byAccessKey === undefined ? undefined : caller.accountId,
    region: caller.region,
    now: service.now(),
    deliveryDelay: service.deliveryDelay,
  };
  return pageOf(service.history.newestFirst(lookup.attribute), lookup, view, service.tokens);
}

/** A received request with its outcome. */
export interface LoggedRequest {
  /** Milliseconds of the throttle's clock, for checking the pace of a client. */
  readonly arrivedAt: number;
  readonly accessKeyId: string | undefined;
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  /** The operation, such as `LookupEvents`. */
  readonly operation: string | undefined;
  /** The body as parsed JSON; undefined if it is not JSON. */
  readonly input: unknown;
  /** `waiting` until the outcome is known; then `answered`, `garbage`, `reset`, `hang`, or the name of the error. */
  readonly outcome: string;
  /** Number of events in the response. */
  readonly events: number;
}

/** A logged request whose outcome is not known yet. */
export interface OpenRequest {
  /** Sets the outcome. */
  settle(outcome: string, events?: number): void;
}

export interface RequestLog {
  /** The requests in the order of arrival. The list grows. */
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

/** Returns whether `bucket` may make one more request, and counts the request if so. */
export type Throttle = (bucket: string) => boolean;

/**
 * Creates a throttle that admits at most `perSecond` requests of a bucket in any 1,000 ms. LookupEvents allows 2
 * requests per second for each account and Region (FACTS). AWS does not publish how it measures the second. A sliding
 * window is the strictest interpretation, so a client that stays within it stays within AWS's. Refused requests do not
 * count.
 * @param now milliseconds of a clock that never goes back
 */
export function createThrottle(perSecond: number, now: () => number): Throttle {
  const admitted = new Map<string, number[]>();
  return (bucket) => {
    const time = now();
    const recent = (admitted.get(bucket) ?? []).filter((earlier) => time - earlier < 1000);
    admitted.set(bucket, recent);
    if (recent.length >= perSecond) return false;
    recent.push(time);
    return true;
  };
}
