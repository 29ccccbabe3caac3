import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { Silence } from '../../lib/attribution/silence.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { type EpochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { keepFound } from '../../lib/usecases/grants/wake.ts';
import { piecesOf } from '../builders/pieces.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { type MemoryStores, memoryStores, Service, SetClock } from '../usecases/service.ts';

/** One step of the service in memory. */
export type Step =
  | { readonly events: unknown; readonly id: string }
  | { readonly trail: readonly unknown[] }
  /** A silence of CloudTrail that settle noted. */
  | { readonly silence: Silence }
  /** The number of runs of settle, a minute apart. */
  | { readonly minutes: number };

export interface FeedOptions {
  readonly settings: AttributionSettings;
  /** The time of the first step. */
  readonly start: EpochMillis;
  /** Chooses the delay of each index entry, from 0 up to 1. Without it there is none. */
  readonly random?: () => number;
}

export interface FedService {
  readonly service: Service;
  readonly stores: MemoryStores;
}

/** In minutes after the event: its claims are settled for the last time by then. */
export const PAST_THE_DEADLINE = 35;
/** Every event's deadline is over by then, even if its clock was ahead. */
const LONG_AFTER = 72 * HOUR;
/** Claims close two quiet minutes after the last arrival. A chain of corrections takes a few more. */
const MOST_MINUTES = 120;

/** Returns the service after these steps, when nothing is open any more. Grants come only by deliveries. */
export async function fed(steps: readonly Step[], { settings, start, random }: FeedOptions): Promise<FedService> {
  const clock = new SetClock('2026-03-10T12:11:00Z');
  clock.at = start;
  const stores = memoryStores({ ...calmWorld(clock.now), random });
  const service = new Service(stores, clock, { settings, withoutLookups: true });
  for (const step of steps) await take(step, service);
  await drained(service);
  return { service, stores };
}

async function take(step: Step, service: Service): Promise<void> {
  if ('minutes' in step) return service.settleFor(step.minutes);
  if ('silence' in step) return keepFound([step], service.stores, service.clock.now());
  if ('events' in step) await service.ingestPayload(step.events, step.id);
  else await service.grants(step.trail.flatMap((value): JsonObject[] => piecesOf(value).trail));
}

async function drained(service: Service): Promise<void> {
  service.clock.pass(LONG_AFTER);
  for (let minute = 0; minute < MOST_MINUTES; minute += 1) {
    await service.settle();
    service.clock.pass(MINUTE);
    const { open } = await service.stores.claims.backlog();
    if (open === 0 && minute > 3) return;
  }
  throw new Error(`claims are still open after ${MOST_MINUTES} minutes`);
}

/**
 * Returns the records for comparison, by their audit IDs. An answer that was proven at once has the copies of its
 * grants that were known then, so the IDs of copies are left out. IDs of uses stay, because a claim waits for better
 * ones.
 */
export function comparableRecords(records: readonly { readonly auditId: string }[]): readonly unknown[] {
  const text = (key: string, value: unknown) => {
    if (key === 'eventIds') return undefined;
    const isUse = isJsonObject(value) && (key === 'use' || 'shows' in value);
    return sortedKeys(isUse ? { ...value, ids: value.eventIds } : value);
  };
  const texts = records.map((record) => [record.auditId, JSON.stringify(record, text)] as const);
  return texts
    .sort(([a, left], [b, right]) => (a < b || (a === b && left < right) ? -1 : 1))
    .map(([, record]): unknown => JSON.parse(record));
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
