import { type Caller, type Refusal, refuse, UNRECOGNIZED_CLIENT } from './caller.ts';
import { seededRandom } from './random.ts';

/** Conditions on the requests that a fault affects. All that are given must match. */
export interface FaultScope {
  readonly region?: string;
  readonly accessKeyId?: string;
  /** Number of requests that it affects; absent, all until the fault is removed. */
  readonly times?: number;
  /** Share of matching requests that it affects, 0 to 1 (default 1), drawn from the server's seed. */
  readonly chance?: number;
}

/** The kinds of faults. */
export type FaultEffect =
  /** The response is delayed. Other faults and the response itself follow. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'server-error'; readonly status: 500 | 503 }
  /** The connection is cut without a response. */
  | { readonly kind: 'reset' }
  /** No response is sent, and the connection stays open. */
  | { readonly kind: 'hang' }
  /** Status 200 with an invalid body: `body`, or an HTML page. */
  | { readonly kind: 'garbage'; readonly body?: string }
  | { readonly kind: 'throttle' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'expired-token' }
  | { readonly kind: 'unrecognized-client' };

export type Fault = FaultScope & FaultEffect;

/** The faults of one request: a delay in milliseconds, then at most one other fault. */
export interface Strike {
  readonly delay: number;
  readonly blow: Exclude<FaultEffect, { kind: 'delay' }> | undefined;
}

export interface FaultScript {
  /** Adds a fault after the existing ones. Returns a function that removes it. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Draws the faults of the next request: the sum of all matching delays, and the first other fault that matches. */
  strike(caller: Caller): Strike;
}

interface ArmedFault {
  readonly fault: Fault;
  left: number;
}

export function createFaultScript(seed: string): FaultScript {
  const random = seededRandom(`faults ${seed}`);
  const armed = new Set<ArmedFault>();
  const spend = (entry: ArmedFault): void => {
    entry.left -= 1;
    if (entry.left <= 0) armed.delete(entry);
  };
  const happens = ({ chance }: Fault): boolean => chance === undefined || random() < chance;
  return {
    add(fault) {
      const entry: ArmedFault = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      if (entry.left > 0) armed.add(entry);
      return () => armed.delete(entry);
    },
    clear: () => armed.clear(),
    strike(caller) {
      let delay = 0;
      let blow: Strike['blow'];
      for (const entry of [...armed].filter(({ fault }) => concerns(fault, caller))) {
        const { fault } = entry;
        const isSecondBlow = fault.kind !== 'delay' && blow !== undefined;
        if (isSecondBlow || !happens(fault)) continue;
        if (fault.kind === 'delay') delay += fault.milliseconds;
        else blow = fault;
        spend(entry);
      }
      return { delay, blow };
    },
  };
}

function concerns(scope: FaultScope, caller: Caller): boolean {
  return (
    (scope.region === undefined || scope.region === caller.region) &&
    (scope.accessKeyId === undefined || scope.accessKeyId === caller.accessKeyId)
  );
}

/** CloudTrail's refusal if the rate is exceeded. The SDK has no class for it, so clients match its name (FACTS). */
export const RATE_EXCEEDED = refuse('ThrottlingException', 'Rate exceeded');

/**
 * Returns AWS's refusal for a fault; undefined if the fault is not a refusal (names: CloudTrail API, common errors).
 */
export function refusalOf(blow: NonNullable<Strike['blow']>, caller: Caller): Refusal | undefined {
  switch (blow.kind) {
    case 'server-error':
      return blow.status === 503
        ? refuse('ServiceUnavailableException', 'The service is temporarily unavailable.', 503)
        : refuse('InternalFailure', 'The request processing has failed because of an unknown error.', 500);
    case 'throttle':
      return RATE_EXCEEDED;
    case 'access-denied':
      return refuse('AccessDeniedException', deniedMessage(caller));
    case 'expired-token':
      return refuse('ExpiredTokenException', 'The security token included in the request is expired');
    case 'unrecognized-client':
      return UNRECOGNIZED_CLIENT;
    default:
      return undefined;
  }
}

function deniedMessage(caller: Caller): string {
  const user = `arn:aws:iam::${caller.accountId}:user/${caller.accessKeyId}`;
  return `User: ${user} is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action`;
}
