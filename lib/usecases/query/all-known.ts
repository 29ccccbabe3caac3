import type { KnownEntry, KnownKind } from '../../claims/known.ts';
import type { Directory } from '../../ports/directory.ts';

/** A page of the directory holds some hundred bytes an entry. */
const PAGE = 1_000;
/** More that are meant are no list that anybody reads. */
const MOST = 20_000;
/** More are not gone through for one question: some ten megabytes. */
const MOST_READ = 100_000;

/**
 * Every entry of a kind that is meant; undefined where there are too many to go through for one question. Those that are not
 * meant count for little: whoever invents names in one cluster is not to be in the way of questions about another.
 */
export async function allKnown(
  kind: KnownKind,
  directory: Directory,
  isMeant: (entry: KnownEntry) => boolean = () => true,
): Promise<readonly KnownEntry[] | undefined> {
  const entries: KnownEntry[] = [];
  let position: string | undefined;
  let read = 0;
  do {
    const page = await directory.known(kind, '', { limit: PAGE, position });
    entries.push(...page.entries.filter(isMeant));
    read += page.entries.length;
    position = page.position;
  } while (position !== undefined && entries.length <= MOST && read < MOST_READ);
  return position === undefined ? entries : undefined;
}
