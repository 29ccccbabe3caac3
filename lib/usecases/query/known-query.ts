import type { KnownKind } from '../../claims/known.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Page } from '../../ports/paging.ts';
import { epochMillis } from '../../time.ts';
import { type KnownRow, knownRow } from './known-row.ts';
import type { KnownRequest } from './parameters.ts';
import { queryRecords } from './records-query.ts';
import type { QueryService } from './records-request.ts';

export interface KnownAnswer {
  readonly known: readonly KnownRow[];
  /** Absent after the last page. */
  readonly cursor?: string;
  /** The kinds with more entries, if several kinds were requested. Read on one kind at a time. */
  readonly more?: readonly KnownKind[];
  /** The time of the newest record, as the record has it. Absent if it was not requested, or there is no record. */
  readonly newest?: string;
}

/**
 * Returns a page for one kind, or the first page of each of several kinds.
 * @throws the errors of `listKnown`.
 */
export async function answerKnown(request: KnownRequest, service: QueryService): Promise<KnownAnswer> {
  const [known, newest] = await Promise.all([
    listKinds(request, service.directory),
    request.asksNewest ? newestTime(service) : undefined,
  ]);
  return newest === undefined ? known : { ...known, newest };
}

async function newestTime(service: QueryService): Promise<string | undefined> {
  const question = { filter: {}, range: { from: epochMillis(0), to: undefined }, firstSeenSince: undefined };
  const { records } = await queryRecords({ question, limit: 1 }, service);
  return records[0]?.time;
}

async function listKinds({ kinds, prefix, page }: KnownRequest, directory: Directory): Promise<KnownAnswer> {
  const [only, ...others] = kinds;
  if (only !== undefined && others.length === 0) return listKnown(only, prefix, page, directory);
  const answers = await Promise.all(
    kinds.map(async (kind) => ({ kind, ...(await listKnown(kind, prefix, page, directory)) })),
  );
  const more = answers.filter((each) => each.cursor !== undefined).map(({ kind }) => kind);
  return { known: answers.flatMap((each) => each.known), ...(more.length > 0 && { more }) };
}

/**
 * Returns names from records, in the order of the names.
 * @throws PositionError if the page's position is not from this directory.
 */
export async function listKnown(
  kind: KnownKind,
  prefix: string,
  page: Page,
  directory: Directory,
): Promise<KnownAnswer> {
  const { entries, position } = await directory.known(kind, prefix, page);
  return { known: entries.map(knownRow), ...(position !== undefined && { cursor: position }) };
}
