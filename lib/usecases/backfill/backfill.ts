import { eventIdentity } from '../../audit/event.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { LeftOut } from '../../envelopes/unwrap.ts';
import type { Bookmarks } from '../../ports/bookmarks.ts';
import type { GrantsService } from '../grants/grants.ts';
import type { DeliveredEvent } from '../ingest/batch.ts';
import type { IngestService } from '../ingest/ingest-service.ts';

/** What the parts of a backfill share. */
export interface Backfill {
  readonly service: GrantsService & IngestService;
  readonly bookmarks: Bookmarks;
  /** Whose tables are filled: the same source into other tables is another matter. */
  readonly target: string;
  /** Where no envelope names the cluster. */
  readonly cluster?: string | undefined;
  /** Log groups that count beside AWS's own. */
  readonly counted: readonly CountedGroup[];
  /** Aborted: the backfill ends after the batch that it is at, by throwing the signal's reason. */
  readonly signal: AbortSignal;
  /** How much of a source is through, from 0 to 1. */
  progress(source: string, share: number): void;
  /** Told what is left out without being unreadable. */
  ignored(what: LeftOut, count: number): void;
}

/** How many pieces are stored at once. */
export const BACKFILL_BATCH = 500;

/** Names a batch by its events: loaded again it is the same delivery, and no other is. */
export function deliveryOf(events: readonly DeliveredEvent[], { digest }: Pick<IngestService, 'digest'>): string {
  return digest(`backfill ${events.map(({ event }) => eventIdentity(event)).join(' ')}`);
}
