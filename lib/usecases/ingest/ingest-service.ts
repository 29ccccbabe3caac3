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
  /** What is alerted about: an answer that is final at once still has its claim decided again where somebody must be told. */
  readonly alertOn: readonly AlertCause[];
  readonly memory: KeyMemory;
  /** Which events become records. */
  readonly recording: Recording;
}

/** How a batch came. */
export interface Delivery {
  /** Stays the same when the batch is delivered again. */
  readonly id: string;
  /** Whether the events just happened; backfill and replay raise no alerts. */
  readonly live: boolean;
}

export interface IngestOutcome {
  readonly recorded: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Events that `recording` leaves out. */
  readonly omitted: number;
}

/** The claims that are there, by their ids. */
export type RegisteredClaims = ReadonlyMap<string, Claim>;

/** Those of the events' claims that are there already, asked for in one go. */
export async function registeredClaims(
  events: readonly { readonly claim: ClaimIdentity | undefined }[],
  { claims }: IngestService,
): Promise<RegisteredClaims> {
  const ids = new Set<string>();
  for (const { claim } of events) if (claim !== undefined) ids.add(claim.id);
  return ids.size === 0 ? new Map() : claims.registered([...ids]);
}
