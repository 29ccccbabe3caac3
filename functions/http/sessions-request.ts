import { LISTED_STATUSES, type ListedStatus } from '../../lib/claims/claim.ts';
import type { Position } from '../../lib/ports/paging.ts';
import type { SessionRow } from '../../lib/usecases/query/sessions-query.ts';
import { Parameters } from './parameters.ts';
import { InputError } from './problem.ts';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

export interface SessionsRequest {
  readonly list: ListedStatus;
  /** The list that is read after it. */
  readonly next: ListedStatus | undefined;
  readonly limit: number;
  readonly position?: Position | undefined;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[];
  readonly cursor?: string;
}

/** Without a status, the lists of all. A cursor names the list in which it stands. @throws InputError. */
export function sessionsRequest(query: string): SessionsRequest {
  const given = new Parameters(query, ['status', 'limit', 'cursor']);
  const status = given.oneOf('status', LISTED_STATUSES);
  const limit = given.whole('limit', DEFAULT_LIMIT, MOST);
  const cursor = given.text('cursor');
  const [, place, position] = cursor === undefined ? [] : (/^([a-z]+)~(.*)$/.exec(cursor) ?? []);
  const lists = status === undefined ? LISTED_STATUSES : [status];
  const list = cursor === undefined ? lists[0] : lists.find((each) => each === place);
  if (list === undefined) throw new InputError('cursor', 'It is not one that /sessions gave out for this question.');
  return { list, next: lists[lists.indexOf(list) + 1], limit, position: position || undefined };
}

/** A page of the first list; its cursor leads on in it, or to the next one. */
export function sessionsAnswer(
  { list, next }: SessionsRequest,
  page: { readonly sessions: readonly SessionRow[]; readonly cursor?: string },
): SessionsAnswer {
  const onward = page.cursor === undefined ? next && `${next}~` : `${list}~${page.cursor}`;
  return { sessions: page.sessions, ...(onward !== undefined && { cursor: onward }) };
}
