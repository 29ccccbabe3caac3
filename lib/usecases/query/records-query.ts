import { isNamelessSession } from '../../claims/identity.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { parseJson, textsAt } from '../../json.ts';
import type { RecordStore, RecordsWhere } from '../../ports/records.ts';
import { type Cursor, readCursor, tagOf, writeCursor } from './cursor.ts';
import { filled, type Part } from './filled-page.ts';
import { isOpen, type Matcher, matcherOf, type RecordFilter, without } from './filter.ts';
import { questionParameters, type RecordsQuestion } from './question.ts';
import { recordsOfStatuses } from './records-of-status.ts';
import type { QueryService, RecordsRequest } from './records-request.ts';
import { wayIn } from './way-in.ts';

export interface RecordsAnswer {
  readonly records: readonly KeptRecord[];
  /** Absent after the last page. */
  readonly cursor?: string;
  /** Records that were read for this page, those that are not meant among them. */
  readonly examined: number;
}

/**
 * Records, newest first; by status they come claim by claim, the claims of the latest events first. A page is full or the
 * last, but where some thousand records, or claims, had to be looked through for it: `examined` says how many.
 * @throws CursorError where the cursor is none of ours, or of another question.
 * @throws PositionError where a place in it is none of the store's.
 * @throws QuestionError where the records lie in more places than can be read at once.
 */
export async function queryRecords(request: RecordsRequest, service: QueryService): Promise<RecordsAnswer> {
  const of = tagOfQuestion(request.question);
  const { records, next, examined } = await pageOf(request, of, service);
  const cursor = next && writeCursor({ ...next, of });
  return { records: records.map(({ record }) => record), ...(cursor !== undefined && { cursor }), examined };
}

/** What the cursors of a question bear: those of another one would silently begin somewhere else. */
export function tagOfQuestion(question: RecordsQuestion): string {
  return tagOf(JSON.stringify(questionParameters(question)));
}

async function pageOf({ question, limit, cursor }: RecordsRequest, of: string, service: QueryService): Promise<Part> {
  const way = await wayIn(question, service);
  if (way.by === 'statuses') return recordsOfStatuses(way.statuses, { question, limit, cursor, of }, service);
  if (way.by === 'sessions') return ofSessions(way.keys, { question, limit, cursor, of }, service);
  const start = readCursor(cursor, { needs: ['records', 'of'], may: [], of });
  return ofPlaces(way.places, start, { question, limit }, service);
}

/** What waits for a session changes: a key that no longer does so is read to its end, since the cursor has it. */
async function ofSessions(
  found: readonly string[],
  { question, limit, cursor, of }: RecordsRequest & { readonly of: string },
  service: QueryService,
): Promise<Part> {
  const start = readCursor(cursor, { needs: ['records', 'list', 'of'], may: [], of });
  const keys = new Set([...found, ...keysIn(start)]);
  const places = [...keys].map((session) => ({ by: 'session', session }) as const);
  const { next, ...part } = await ofPlaces(places, start, { question, limit }, service);
  return { ...part, next: next && { ...next, list: JSON.stringify([...keys]) } };
}

/** What is no list of ours names no session. */
function keysIn({ list = '[]' }: Cursor): readonly string[] {
  const parsed = parseJson(list);
  return parsed.ok ? (textsAt({ keys: parsed.value }, 'keys') ?? []) : [];
}

/** Records that are read at once where most are not meant. */
const LOOKED_THROUGH = 250;
/** Records that are read for one page: some megabytes. */
const MOST_EXAMINED = 5_000;

function ofPlaces(
  places: readonly RecordsWhere[],
  start: Cursor,
  { question: { filter, range }, limit }: Omit<RecordsRequest, 'cursor'>,
  service: QueryService,
): Promise<Part> {
  const left = leftToLookAt(filter);
  const isMeant = matcherOf(left);
  if (places.length === 0) return Promise.resolve({ records: [], next: undefined, examined: 0 });
  return filled(start, limit, MOST_EXAMINED, async (from, room) => {
    const size = isOpen(left) ? room : Math.max(room, LOOKED_THROUGH);
    const page = await service.records.query(places, range, { limit: size, position: from.records });
    return meantOf(page, isMeant, room);
  });
}

/** What callers without a name in their session are asked for by is the store's matter alone: texts in records are cut. */
function leftToLookAt(filter: RecordFilter): RecordFilter {
  const { any = [], not } = filter.session ?? {};
  const isStores = any.length > 0 && any.every(isNamelessSession) && not === undefined;
  return isStores ? without(filter, 'session') : filter;
}

/** The first that are meant, as many as there is room for, and where the rest begins. */
function meantOf(
  { records, positions, position }: Awaited<ReturnType<RecordStore['query']>>,
  isMeant: Matcher,
  room: number,
): Part {
  const meant: Part['records'][number][] = [];
  for (const [at, read] of records.entries()) {
    if (!isMeant(read.record)) continue;
    if (meant.length === room) return { records: meant, next: { records: positions[at - 1] }, examined: at };
    meant.push(read);
  }
  return {
    records: meant,
    next: position === undefined ? undefined : { records: position },
    examined: records.length,
  };
}
