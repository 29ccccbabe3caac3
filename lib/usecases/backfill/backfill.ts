import { recordIdentity } from '../../attribution/copies.ts';
import { recordHead } from '../../attribution/record.ts';
import type { KnownCluster } from '../../audit/event-site.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { LeftOut } from '../../envelopes/unwrap.ts';
import type { Bookmarks } from '../../ports/bookmarks.ts';
import type { GrantsService } from '../grants/grants.ts';
import type { HearingService } from '../heartbeats/hear.ts';
import type { DeliveredEvent } from '../ingest/batch.ts';
import type { IngestService } from '../ingest/ingest-service.ts';

/** What all parts of a backfill share: services and options. */
export interface Backfill {
  readonly service: GrantsService & IngestService & HearingService;
  readonly bookmarks: Bookmarks;
  /** The name of the tables to fill. Bookmarks of other tables do not count. */
  readonly target: string;
  /** The facts that the user gives about the cluster (`knownSite`). */
  readonly known: KnownCluster;
  /** The log groups that the operator configured as sources of evidence, besides AWS's own. */
  readonly counted: readonly CountedGroup[];
  /** If it is aborted, the backfill ends after the current batch and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Reports the share of a source that is done, from 0 to 1. */
  progress(source: string, share: number): void;
  /** Reports pieces that are left out although they are readable. */
  ignored(what: LeftOut, count: number): void;
}

/** Number of pieces stored at once. */
export const BACKFILL_BATCH = 500;

/** Returns the delivery ID of a batch, made from its events. The same batch has the same ID in every run. */
export function deliveryOf(events: readonly DeliveredEvent[], { digest }: Pick<IngestService, 'digest'>): string {
  const identities = events.map(({ event, site }) => recordIdentity(recordHead(event, site)));
  return digest(`backfill ${identities.join(' ')}`);
}
