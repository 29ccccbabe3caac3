import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { LookupMemory } from '../lib/adapters/cloudtrail/lookup-memory.ts';
import { readConfig } from '../lib/config.ts';
import type { ErrorCode } from '../lib/error-code.ts';
import type { LookupProgress } from '../lib/ports/lookups.ts';
import { epochMillis, MINUTE } from '../lib/time.ts';
import { settle } from '../lib/usecases/settle/settle.ts';
import { alertsOf, clock, stores } from './wiring/clients.ts';
import { histories, lookupPlaces, lookupsBy } from './wiring/lookups.ts';
import { settleServiceOf } from './wiring/services.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';
import { timeLeft } from './wiring/time-left.ts';
import { listOf, starterOf, type WorkerEvent } from './wiring/workers.ts';

const config = readConfig();
const tables = stores(config);
const places = lookupPlaces(config);
const memory = new LookupMemory();
const turns = new Map<string, number>();
const swept = new LookupMemory(5 * MINUTE);
const start = starterOf(config);
const service = settleServiceOf(config, alertsOf(config), { tables, metrics, clock });

/** The error for a run that left claims unsettled, so that Lambda counts the run as failed. The claims stay due. */
class ClaimsNotSettledError extends Error {
  readonly code = 'claims-not-settled' satisfies ErrorCode;
}

async function handle(event: ScheduledEvent | WorkerEvent, context: Context): Promise<void> {
  const left = timeLeft(context, config);
  const signal = AbortSignal.timeout(left);
  const lookups = config.lookups
    ? (progress: LookupProgress) => lookupsBy(places, config, { signal, progress, memory })
    : undefined;
  const only = listOf(event);
  const stopAt = epochMillis(clock() + left);
  const run = { leases: tables.leases, owner: context.awsRequestId, stopAt, only, start };
  const { hasRun, settled, failed, gaps } = await settle(
    { ...service, lookups, histories: config.lookups ? histories(places.scopes, signal) : [], swept, turns },
    run,
  );
  logger.info('settled', { list: only, ran: hasRun, settled, failed: failed.length });
  for (const { scope, code, why } of gaps) logger.warn('look-up not answered', { scope, code, why });
  for (const { claimId, cause } of failed) {
    logger.error('claim not settled', { claim: claimId, cause: cause instanceof Error ? cause : String(cause) });
  }
  if (failed.length > 0) throw new ClaimsNotSettledError(`${failed.length} claims could not be settled and stay due.`);
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
