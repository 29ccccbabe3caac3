import type { KnownEntry, KnownKind } from '../../claims/known.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Page } from '../../ports/paging.ts';
import { formatInstant } from '../../time.ts';

/** An entry as it is answered: times in RFC 3339, exact to the day. */
export interface KnownRow extends Omit<KnownEntry, 'first' | 'last'> {
  readonly first: string;
  readonly last: string;
}

export interface KnownAnswer {
  readonly known: readonly KnownRow[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

/** What records name, in the order of the names. @throws PositionError where the page's position is none of the directory's. */
export async function listKnown(
  kind: KnownKind,
  prefix: string,
  page: Page,
  directory: Directory,
): Promise<KnownAnswer> {
  const { entries, position } = await directory.known(kind, prefix, page);
  return { known: entries.map(knownRow), ...(position !== undefined && { cursor: position }) };
}

function knownRow({ first, last, ...entry }: KnownEntry): KnownRow {
  return { ...entry, first: formatInstant(first), last: formatInstant(last) };
}
