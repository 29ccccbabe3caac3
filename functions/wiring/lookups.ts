import { assumedRoleScopes } from '../../lib/adapters/cloudtrail/assumed-role.ts';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import { lookupFailure } from '../../lib/adapters/cloudtrail/lookup-failure.ts';
import type { LookupScope, SendLookup } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { realWaiting } from '../../lib/adapters/cloudtrail/real-waiting.ts';
import { askedRegions } from '../../lib/adapters/cloudtrail/regions.ts';
import { cloudTrailScopes } from '../../lib/adapters/cloudtrail/sdk.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import type { Config } from '../../lib/config.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports.ts';
import { clock } from './clients.ts';
import { metrics } from './telemetry.ts';

/** Every account and Region that is asked. Made once a process, since each keeps its pace over invocations. */
export function lookupScopes(config: Config): readonly LookupScope[] {
  const regions = askedRegions(config.regions, config.region);
  const pace = { waiting: realWaiting, requestsPerSecond: config.lookupsPerSecond, connections: new Connections() };
  const ofRoles = config.lookupRoles.flatMap((role) => assumedRoleScopes(role, regions, pace));
  const scopes = [...cloudTrailScopes(undefined, regions, pace), ...ofRoles];
  return scopes.map((scope) => ({ ...scope, send: counted(scope.send) }));
}

function counted(send: SendLookup): SendLookup {
  return async (request, token, signal) => {
    metrics.add('LookupsMade', 1);
    try {
      return await send(request, token, signal);
    } catch (error) {
      if (lookupFailure(error).code === 'throttled') metrics.add('LookupsThrottled', 1);
      throw error;
    }
  };
}

export interface LookupLimits {
  readonly lookback?: number | undefined;
  /** Ends every look-up that is under way. */
  readonly signal: AbortSignal;
  /** Of a claim: with it, the look-ups go on where they stopped, and what the signal ends is no fault. */
  readonly progress?: LookupProgress | undefined;
}

/** LookupEvents on behalf of one claim or question. */
export function lookupsBy(
  scopes: readonly LookupScope[],
  config: Config,
  { lookback, signal, progress }: LookupLimits,
): ClaimLookups {
  return new LookupSource({
    scopes,
    attribution: config.attribution,
    lookback: lookback ?? LONGEST_CREDENTIALS,
    now: clock,
    waiting: realWaiting,
    signal,
    progress,
  });
}
