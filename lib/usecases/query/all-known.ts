import type { KnownEntry, KnownKind } from '../../claims/known.ts';
import type { Directory } from '../../ports/directory.ts';

/** A page of the directory holds some hundred bytes an entry. */
const PAGE = 1_000;
/** More are no list that anybody reads, and no question is answered by going through them. */
const MOST = 20_000;

/** Every entry of a kind; undefined where there are too many to go through for one question. */
export async function allKnown(kind: KnownKind, directory: Directory): Promise<readonly KnownEntry[] | undefined> {
  const entries: KnownEntry[] = [];
  let position: string | undefined;
  do {
    const page = await directory.known(kind, '', { limit: PAGE, position });
    entries.push(...page.entries);
    position = page.position;
  } while (position !== undefined && entries.length <= MOST);
  return position === undefined ? entries : undefined;
}
