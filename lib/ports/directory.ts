import type { KnownEntry, KnownKind } from '../claims/known.ts';
import type { Page, Position, TimeRange } from './paging.ts';

export interface KnownPage {
  readonly entries: readonly KnownEntry[];
  readonly position?: Position;
}

/** … up to and with a position that a page ended at, where one is given. */
export interface DirectoryPage extends Page {
  readonly until?: Position | undefined;
}

/** What the stored records name: small, and written only where something in it is new for the day. */
export interface Directory {
  /**
   * Those whose name begins so, in the order of their names; a page may hold fewer than its limit and still have a next one.
   * Names of more than 900 bytes stand in an order of their own, and are found where no beginning is asked for.
   * @throws PositionError where a position of the page is none of the directory's.
   */
  known(kind: KnownKind, prefix: string, page: DirectoryPage): Promise<KnownPage>;
  /** The sessions of a role in that time, as records are asked for by them: some more than `most` where there are more. */
  sessionsOfRole(roleId: string, range: TimeRange, most: number): Promise<readonly string[]>;
}
