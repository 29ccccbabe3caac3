import { auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import { UnreadableItemError } from '../../lib/adapters/dynamodb/shape.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject, type JsonObject, listAt, textAt } from '../../lib/json.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';

/** Records that one request asks for: some hundred kilobytes, well within what an API answers. */
export const PAGE = 200;

/**
 * The records of a query, page after page, as they are needed; `query` stays as it is.
 * @throws CommandError where the service refuses, or what answers is not the service.
 */
export async function* allRecords(
  service: ServiceAccess,
  query: URLSearchParams,
  signal?: AbortSignal,
): AsyncGenerator<AuditRecord> {
  for await (const { entries } of pagesOf('records', query, service, { signal })) yield* entries.map(recordOf);
}

/**
 * The pages of an answer, `most` of them at most; `query` stays as it is. The last of all has no cursor.
 * @throws CommandError where the service refuses, or what answers is not the service.
 */
export async function* pagesOf(
  list: List,
  query: URLSearchParams,
  service: ServiceAccess,
  {
    most = Number.POSITIVE_INFINITY,
    signal,
  }: { readonly most?: number; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Page> {
  const asked = new URLSearchParams(query);
  for (let pages = 1; ; pages += 1) {
    const page = pageOf(await service.get(`/${list}`, asked, signal), list);
    yield page;
    if (page.cursor === undefined || pages >= most) return;
    asked.set('cursor', page.cursor);
  }
}

type List = 'records' | 'sessions';

interface Page {
  readonly entries: readonly unknown[];
  readonly cursor?: string;
}

/** A page of `/records` or `/sessions`. @throws CommandError where it is none. */
export function pageOf(answer: unknown, list: List): Page {
  const page: JsonObject | undefined = isJsonObject(answer) ? answer : undefined;
  const entries = listAt(page, list);
  if (entries === undefined) {
    throw new CommandError(`What answers is not the service: its answer has no ${list}. Check --api.`, 1);
  }
  const cursor = textAt(page, 'cursor');
  return { entries, ...(cursor !== undefined && { cursor }) };
}

/** @throws CommandError where it is no record of this version. */
export function recordOf(value: unknown): AuditRecord {
  try {
    return auditRecordShape(value, 'record');
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    throw new CommandError(`The service answered a record that cannot be read. ${error.message}`, 1, {
      cause: error,
    });
  }
}
