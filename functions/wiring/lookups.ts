import { kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import { assumedRoleScopes, credentialsOfRole } from '../../lib/adapters/cloudtrail/assumed-role.ts';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import type { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import type { LookupScope, SendLookup } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { OrganizationAccounts } from '../../lib/adapters/cloudtrail/organization-accounts.ts';
import { realTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { regionsToSearch } from '../../lib/adapters/cloudtrail/regions.ts';
import { cloudTrailScopes } from '../../lib/adapters/cloudtrail/sdk.ts';
import { trailHistory } from '../../lib/adapters/cloudtrail/trail-history.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import type { Config } from '../../lib/config.ts';
import type { TrailHistory } from '../../lib/ports/histories.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports/lookups.ts';
import { clock } from './clients.ts';
import { metrics } from './telemetry.ts';

/** The places where look-ups are made. */
export interface LookupPlaces {
  /** Every account and Region that is always asked. */
  readonly scopes: readonly LookupScope[];
  /**
   * The accounts of the organization. Each is asked only if a claim or a record points to it. Undefined if
   * `organizationRole` is not set.
   */
  readonly organization: OrganizationAccounts | undefined;
}

/**
 * Returns every account and Region to look up in. Call it once in a process, since each scope paces its requests across
 * invocations.
 */
export function lookupPlaces(config: Config): LookupPlaces {
  const regions = regionsToSearch(config.regions, config.region);
  const pace = { waiting: realTimer, requestsPerSecond: config.lookupsPerSecond, connections: new Connections() };
  const ofRoles = config.lookupRoles.flatMap((role) => assumedRoleScopes(role, regions, pace));
  const scopes = countedScopes([...cloudTrailScopes(undefined, regions, pace), ...ofRoles]);
  if (config.organizationRole === undefined) return { scopes, organization: undefined };
  const { role, others } = config.organizationRole;
  const open = (account: string) => {
    const arn = role.replace('{account}', account);
    const assume = credentialsOfRole(arn, pace.connections);
    return { assume, scopes: countedScopes(assumedRoleScopes(arn, regions, pace, assume)) };
  };
  return { scopes, organization: new OrganizationAccounts({ others, open, waiting: realTimer }) };
}

function countedScopes(scopes: readonly LookupScope[]): readonly LookupScope[] {
  return scopes.map((scope) => ({ ...scope, send: counted(scope.send) }));
}

function counted(send: SendLookup): SendLookup {
  return async (request, token, signal) => {
    metrics.add('LookupsMade', 1);
    try {
      return await send(request, token, signal);
    } catch (error) {
      if (kindOf(error) === 'throttled') metrics.add('LookupsThrottled', 1);
      throw error;
    }
  };
}

/**
 * Returns the event history of every account and Region. Reading stops when the signal aborts. Each request is tried at
 * most twice, so that a history that does not answer costs little time.
 */
export function histories(scopes: readonly LookupScope[], signal: AbortSignal): readonly TrailHistory[] {
  return scopes.map((scope) => trailHistory(scope, realTimer, signal, 2));
}

export interface LookupLimits {
  readonly lookback?: number | undefined;
  /** Ends all running look-ups. */
  readonly signal: AbortSignal;
  /** Progress of a claim. If given, look-ups resume there, and an end by the signal is not an error. */
  readonly progress?: LookupProgress | undefined;
  /** Results that this process read for other claims. */
  readonly memory?: LookupMemory | undefined;
}

/** Returns look-ups with LookupEvents for one claim or question. */
export function lookupsBy(
  { scopes, organization }: LookupPlaces,
  config: Config,
  { lookback, signal, progress, memory }: LookupLimits,
): ClaimLookups {
  return new LookupSource({
    scopes,
    organization,
    attribution: config.attribution,
    lookback: lookback ?? LONGEST_CREDENTIALS,
    now: clock,
    waiting: realTimer,
    signal,
    progress,
    memory,
  });
}
