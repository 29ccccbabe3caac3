import { type Accounts, type Caller, readCaller } from './caller.ts';
import { type FaultScript, RATE_EXCEEDED, refusalOf } from './faults.ts';
import type { EventHistory, HistoryEvent } from './history.ts';
import { parseJson } from './json.ts';
import type { RequestLog } from './log.ts';
import { readLookup } from './lookup.ts';
import { type Page, pageOf } from './page.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Throttle } from './throttle.ts';
import type { NextTokens } from './token.ts';

/** An HTTP request as far as CloudTrail reads it. */
export interface ServiceRequest {
  readonly authorization: string | undefined;
  /** `X-Amz-Target`: `CloudTrail_20131101.LookupEvents`. */
  readonly target: string | undefined;
  readonly body: string;
}

/** What the HTTP side is to do. */
export type Outcome =
  | Page
  | Refusal
  | { readonly kind: 'garbage'; readonly body: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** CloudTrail without HTTP. */
export interface Service {
  readonly accounts: Accounts;
  readonly history: EventHistory;
  readonly faults: FaultScript;
  readonly throttle: Throttle;
  readonly tokens: NextTokens;
  readonly log: RequestLog;
  /** Epoch milliseconds: what the event history takes for the present. */
  readonly now: () => number;
  /** Milliseconds of the clock that the throttle uses. */
  readonly throttleNow: () => number;
  readonly deliveryDelay: (event: HistoryEvent) => number;
  /** Waits; rejects where the server closes meanwhile. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Decides one request: who sends it, then faults, then the throttle, then the look-up itself. */
export async function serve(service: Service, request: ServiceRequest): Promise<Outcome> {
  const caller = readCaller(request.authorization, service.accounts);
  const operation = /\.(\w+)$/.exec(request.target ?? '')?.[1];
  const input = parseJson(request.body);
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

/** The look-up itself, for a caller who may ask. */
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
