import { NOBODY_JOINED, withIds } from '../../attribution/same-person.ts';
import { entryOfPerson, isNamedFrom, type KnownEntry, type KnownKind } from '../../claims/known.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Page } from '../../ports/paging.ts';
import { epochMillis } from '../../time.ts';
import { type KnownRow, knownRow } from './known-row.ts';
import type { KnownRequest } from './parameters.ts';
import type { NamesService } from './people.ts';
import { queryRecords } from './records-query.ts';
import type { QueryService } from './records-request.ts';

export interface KnownAnswer {
  readonly known: readonly KnownRow[];
  /** The cursor of the next page. Absent after the last page. */
  readonly cursor?: string;
  /**
   * If several kinds were requested, those with more entries than the first page. To read on, request each of them
   * alone.
   */
  readonly more?: readonly KnownKind[];
  /**
   * The accounts that have too many namespaces to list them all. An empty text stands for clusters of unknown accounts.
   * Only on the first page of namespaces. Absent if there are no such accounts.
   */
  readonly unlisted?: readonly string[];
  /**
   * The time of the newest record, as the record states it. Absent if it was not requested, or if there is no record.
   */
  readonly newest?: string;
}

/**
 * Returns a page of one kind of names. If several kinds are requested, returns the first page of each.
 * @throws the errors of `listKnown`.
 */
export async function answerKnown(request: KnownRequest, service: QueryService): Promise<KnownAnswer> {
  const isFirstOfNamespaces = request.kinds.includes('namespace') && request.page.position === undefined;
  const [known, newest, unlisted = []] = await Promise.all([
    listKinds(request, service),
    request.asksNewest ? newestTime(service) : undefined,
    isFirstOfNamespaces ? service.directory.unlisted() : undefined,
  ]);
  return { ...known, ...(unlisted.length > 0 && { unlisted }), ...(newest !== undefined && { newest }) };
}

async function newestTime(service: QueryService): Promise<string | undefined> {
  const question = { filter: {}, range: { from: epochMillis(0), to: undefined }, firstSeenSince: undefined };
  const { records } = await queryRecords({ question, limit: 1 }, service);
  return records[0]?.time;
}

async function listKinds({ kinds, prefix, page }: KnownRequest, service: NamesService): Promise<KnownAnswer> {
  const [only, ...others] = kinds;
  if (only !== undefined && others.length === 0) return listKnown(only, prefix, page, service);
  const answers = await Promise.all(
    kinds.map(async (kind) => ({ kind, ...(await listKnown(kind, prefix, page, service)) })),
  );
  const more = answers.filter((each) => each.cursor !== undefined).map(({ kind }) => kind);
  return { known: answers.flatMap((each) => each.known), ...(more.length > 0 && { more }) };
}

/**
 * Returns names from records, sorted. A person with several IDs is one entry.
 * @throws PositionError if the page's position is not from this directory.
 */
export async function listKnown(
  kind: KnownKind,
  prefix: string,
  page: Page,
  service: NamesService,
): Promise<KnownAnswer> {
  const isOfClusters = kind === 'cluster' || kind === 'namespace';
  if (service.directory.hasPeople === false && !isOfClusters) return { known: [] };
  const { entries, position } = await service.directory.known(kind, prefix, page);
  const people = await mapConcurrently(entries, (entry) => personAt(entry, prefix, service));
  return { known: people.flat().map(knownRow), ...(position !== undefined && { cursor: position }) };
}

/**
 * Returns the entry of a person with several IDs only once: at the first of these IDs that has the prefix. Otherwise
 * undefined. An entry with a single ID is returned unchanged.
 */
async function personAt(
  entry: KnownEntry,
  prefix: string,
  { directory, samePerson = NOBODY_JOINED }: NamesService,
): Promise<readonly KnownEntry[]> {
  const ids = entry.kind === 'actor' && entry.id !== undefined ? samePerson.get(entry.id) : undefined;
  if (ids === undefined) return [entry];
  const found = await mapConcurrently(ids, async (id) => (id === entry.id ? entry : directory.actorOf(id)));
  const all = found.filter((each) => each !== undefined);
  const isHere = all.find((each) => isNamedFrom(each, prefix))?.id === entry.id;
  const others = all.filter((each) => each !== entry);
  return isHere ? [entryOfPerson(withIds(entry, samePerson), others)] : [];
}
