import type { ListedStatus } from '../../lib/claims/claim.ts';
import type { KnownKind } from '../../lib/claims/known.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { EpochMillis } from '../../lib/time.ts';
import type { KnownRow } from '../../lib/usecases/query/known-query.ts';
import type { RecordPages } from '../../lib/usecases/query/pages.ts';
import type { WhoisAsked } from '../../lib/usecases/query/whois.ts';

/** Where a list is to go on; absent for its beginning. */
interface Paged {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A page of a list. The last of all has no cursor. */
interface PageEnd {
  readonly cursor?: string | undefined;
}

export interface SessionsAsked extends Paged {
  readonly status?: ListedStatus | undefined;
}

export interface SessionsPage extends PageEnd {
  readonly sessions: readonly JsonObject[];
}

export interface KnownAsked extends Paged {
  readonly kind: KnownKind;
  readonly prefix?: string | undefined;
}

export interface KnownPage extends PageEnd {
  readonly known: readonly KnownRow[];
}

export type { WhoisAsked };

/**
 * The deployed or local service. Every question throws CommandError with the service's own words where it refuses, or where
 * what answers is not the service; ServiceError where it may answer later. A request that `signal` aborts is given up where
 * that is possible.
 */
export interface ServiceAccess {
  readonly records: RecordPages;
  sessions(asked: SessionsAsked): Promise<SessionsPage>;
  known(asked: KnownAsked): Promise<KnownPage>;
  /** The body of the answer; undefined where no record bears the audit ID. */
  whois(asked: WhoisAsked): Promise<JsonObject | undefined>;
  /** The body of the answer; undefined where no record bears the audit ID, of those around that time where one is given. */
  related(auditId: string, at?: EpochMillis): Promise<JsonObject | undefined>;
  /** Resources of which its ingest records no allowed reads; empty where it records everything, or does not say. */
  unrecorded(): Promise<readonly string[]>;
}
