import { ingestServiceOf, settleServiceOf } from '../../functions/wiring/services.ts';
import { alertSubject } from '../../lib/adapters/alerts/alert-text.ts';
import { digestSubject } from '../../lib/adapters/alerts/digest-text.ts';
import { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import type { LookupScope } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { Pacer, type PaceTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';
import { trailHistory } from '../../lib/adapters/cloudtrail/trail-history.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { storesOver } from '../../lib/adapters/dynamodb/stores.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import type { Config } from '../../lib/config.ts';
import type { ErrorCode } from '../../lib/error-code.ts';
import { METRICS } from '../../lib/metrics.ts';
import type { Alerts } from '../../lib/ports/alerts.ts';
import type { LookupProgress } from '../../lib/ports/lookups.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { takeEvents, takeGrants } from '../../lib/usecases/ingest/deliveries.ts';
import { settle } from '../../lib/usecases/settle/settle.ts';
import type { CloudTrailServer } from '../cloudtrail/server.ts';
import type { FedDatabase } from '../tables/fed-database.ts';
import type { LocalClock } from './local-clock.ts';
import type { Story } from './story.ts';

/** The functions that a feed invokes. They do what the deployed functions of the same names do. */
export interface LocalFunctions {
  ingest(data: string): Promise<void>;
  grants(envelopes: readonly object[]): Promise<void>;
  settle(): Promise<void>;
}

/** The error for a failed invocation. Its input may be the cause, so other invocations may succeed. */
export class InvocationError extends Error {
  readonly code = 'invocation' satisfies ErrorCode;
}

/** The resources of the functions during a feed. */
interface FeedContext {
  readonly database: FedDatabase;
  readonly config: Config;
  readonly clock: LocalClock;
  readonly trail: CloudTrailServer;
  readonly story: Story;
  /** Receives an alert's subject. */
  alert(subject: string): void;
  /** Ends running look-ups. */
  readonly signal: AbortSignal;
}

/**
 * The time of a run of settle, in milliseconds: longer than any run takes. While logs are fed the clock stands still, and no
 * work is left for the next minute.
 */
const TIME_ENOUGH = HOUR;

/**
 * Returns the functions with the deployed code, in this process, at the clock's time, on tables that no other process
 * has open. Each throws an InvocationError if the function would fail.
 */
export function fedFunctions({ database, config, clock, trail, story, alert, signal }: FeedContext): LocalFunctions {
  const now = () => clock.instant;
  const tables = storesOver(database, { tables: config.tables, clock: now, keep: config.keep });
  const metrics = {
    add: (name: keyof typeof METRICS, value: number) => {
      if (METRICS[name].unit === 'Count') story.add(name, value);
    },
  };
  const around = { tables, metrics, clock: now };
  const taking = ingestServiceOf(config, { keep: async () => undefined }, around);
  const alerts: Alerts = {
    publish: async (message) => alert(message.kind === 'digest' ? digestSubject(message) : alertSubject(message)),
  };
  const settling = settleServiceOf(config, alerts, around);
  const [memory, swept, turns] = [new LookupMemory(), new LookupMemory(5 * MINUTE), new Map<string, number>()];
  const scope = directScope(trail, config.region ?? 'us-east-1');
  const histories = [trailHistory(scope, AT_ONCE, signal)];
  const read = (deliveries: unknown, from: string) =>
    readBatch(deliveries, from, { inflate: inflatePayload, counted: config.countedGroups });
  const storeGrants = async (envelopes: readonly object[]) => {
    const id = sha256(JSON.stringify(envelopes));
    await takeGrants(read(envelopes, 'queue'), { id, isLive: true }, taking);
  };
  return {
    ingest: (data) =>
      invoked('ingest', async () => {
        const payload = { awslogs: { data } };
        const id = sha256(JSON.stringify(payload));
        await takeEvents(read(payload, `delivery ${id}`), { id, isLive: true }, taking);
      }),
    grants: (envelopes) => invoked('grants', () => allOrOneByOne(envelopes, storeGrants)),
    settle: () =>
      invoked('settle', async () => {
        const lookups = (progress: LookupProgress) =>
          new LookupSource({
            scopes: [scope],
            attribution: config.attribution,
            lookback: LONGEST_CREDENTIALS,
            now,
            waiting: AT_ONCE,
            signal,
            progress,
            memory,
          });
        const run = { leases: tables.leases, owner: 'local', stopAt: epochMillis(now() + TIME_ENOUGH) };
        const { failed } = await settle({ ...settling, lookups, histories, swept, turns }, run);
        if (failed.length > 0) throw new Error(`${failed.length} claims could not be settled and stay due.`);
      }),
  };
}

/** Stores a batch; if that fails, stores each envelope by itself, so that only faulty ones fail. */
async function allOrOneByOne(
  envelopes: readonly object[],
  store: (envelopes: readonly object[]) => Promise<void>,
): Promise<void> {
  try {
    await store(envelopes);
  } catch {
    let failed = 0;
    for (const envelope of envelopes) await store([envelope]).catch(() => (failed += 1));
    if (failed > 0) throw new Error(`${failed} of them could not be stored`);
  }
}

async function invoked(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvocationError(`${name}: ${reason}`, { cause: error });
  }
}

/** A timer without delays, since nothing throttles within a process. */
const AT_ONCE: PaceTimer = { now: () => performance.now(), wait: async () => undefined };

/** Returns a look-up scope that calls the stand-in for CloudTrail without a connection. */
function directScope(trail: CloudTrailServer, region: string): LookupScope {
  return {
    account: '',
    region,
    async send({ attribute, value, from, to }, token) {
      const answer = trail.lookUp(region, {
        LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
        StartTime: from.getTime() / 1_000,
        EndTime: to.getTime() / 1_000,
        MaxResults: 50,
        ...(token !== undefined && { NextToken: token }),
      });
      if (answer.kind === 'refusal') throw Object.assign(new Error(answer.message), { name: answer.name });
      return { records: answer.Events.map(({ CloudTrailEvent }) => CloudTrailEvent), nextToken: answer.NextToken };
    },
    pacer: new Pacer(Number.POSITIVE_INFINITY, AT_ONCE),
    slots: new Slots({ most: 1, mostOfHost: 1 }),
  };
}
