import type { AttributionSettings } from '../../attribution/settings.ts';
import type { Recording } from '../../audit/recording.ts';
import type { AlertCause } from '../../claims/alert-cause.ts';
import type { Claim, ClaimIdentity } from '../../claims/claim.ts';
import type { TextDigest } from '../../claims/identity.ts';
import type { ClaimIntents, Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { Rejects } from '../../ports/input.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordStore } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { KeyMemory } from './key-memory.ts';

export interface IngestService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly intents: ClaimIntents;
  readonly counts: CountStore;
  readonly rejects: Rejects;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly digest: TextDigest;
  readonly settings: AttributionSettings;
  /**
   * The causes of alerts that the operator chose. An answer with such a cause opens a claim, even if it is final at
   * once.
   */
  readonly alertOn: readonly AlertCause[];
  readonly memory: KeyMemory;
  /** The rules that decide which events become records. */
  readonly recording: Recording;
}

/** How a batch arrived. */
export interface Delivery {
  /** The ID of the delivery. It stays the same when the batch is delivered again. */
  readonly id: string;
  /** Whether the events have just happened. Backfill and replay raise no alerts. */
  readonly isLive: boolean;
  /** Whether an earlier attempt at the delivery began. */
  readonly isRetried?: boolean;
}

export interface IngestOutcome {
  readonly recorded: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** The number of events that `recording` left out. */
  readonly omitted: number;
}

export const NOTHING: IngestOutcome = { recorded: 0, duplicates: 0, rejected: 0, omitted: 0 };

export function sumOfOutcomes(one: IngestOutcome, other: IngestOutcome): IngestOutcome {
  return {
    recorded: one.recorded + other.recorded,
    duplicates: one.duplicates + other.duplicates,
    rejected: one.rejected + other.rejected,
    omitted: one.omitted + other.omitted,
  };
}

/** Claims that are already stored, by ID. */
export type RegisteredClaims = ReadonlyMap<string, Claim>;

/** Reads the events' claims that are already stored, in one request. */
export async function registeredClaims(
  events: readonly { readonly claim: ClaimIdentity | undefined }[],
  { claims }: IngestService,
): Promise<RegisteredClaims> {
  const ids = new Set<string>();
  for (const { claim } of events) if (claim !== undefined) ids.add(claim.id);
  return ids.size === 0 ? new Map() : claims.registered([...ids]);
}
