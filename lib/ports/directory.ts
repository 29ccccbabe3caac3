import type { KnownEntry, KnownKind } from '../claims/known.ts';
import type { Page, Position, TimeRange } from './paging.ts';

export interface KnownPage {
  readonly entries: readonly KnownEntry[];
  readonly position?: Position;
}

/** A page that can also have an end, which is the last position that belongs to it. */
export interface DirectoryPage extends Page {
  readonly until?: Position | undefined;
  /**
   * Which actors to list: the users of clusters, or all others. Anybody with a cluster can invent users of it. If
   * absent, all actors are listed.
   */
  readonly home?: 'cluster' | 'elsewhere' | undefined;
}

/** The names in records. */
export interface NameDirectory {
  /** False if it lists only clusters and namespaces, to somebody who may see only some clusters. */
  readonly hasPeople?: false;
  /**
   * Returns the names that begin with `prefix`, in their order. An actor is one entry with its latest name. Its place
   * in the order is that of its latest name that begins with `prefix`. A page can have fewer entries than its limit,
   * and still have a next page. Names of more than 900 bytes have an order of their own, and are found only with an
   * empty prefix.
   * @throws PositionError if a position of the page was not issued by this directory.
   */
  known(kind: KnownKind, prefix: string, page: DirectoryPage): Promise<KnownPage>;
  /** Returns the actors that have, or once had, exactly this name. */
  actorsNamed(name: string): Promise<readonly KnownEntry[]>;
  /** Returns the actor with this ID. Undefined if there is no entry under the ID's latest name. */
  actorOf(id: string): Promise<KnownEntry | undefined>;
}

/** The names in stored records. It is small, because a name is written once a day. */
export interface Directory extends NameDirectory {
  /**
   * Returns the accounts that have too many namespaces to list them all. An empty text stands for clusters of unknown
   * accounts.
   */
  unlisted(): Promise<readonly string[]>;
  /**
   * Returns the sessions of a role in the time range, in the form by which records are found. If there are more than
   * `most`, it returns a few more than `most`.
   */
  sessionsOfRole(roleId: string, range: TimeRange, most: number): Promise<readonly string[]>;
}
