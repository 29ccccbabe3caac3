import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type Request, requestsOf } from '../access/requests.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import type { AskedRange } from '../options/time-range.ts';
import { counted } from '../terminal/text-table.ts';
import { isMeant, type RecordFilter } from './filter.ts';
import { PAGE, pagesOf, recordOf } from './pages.ts';

/** Nothing is filed under those who can be meant: the ambiguous sessions of the time are read, in so many requests at most. */
const MOST_ASKED = 20;

/** The requests in which somebody is one of several who can be meant. */
export interface CandidateRequests {
  readonly requests: readonly Request[];
  /** Whether all were read. */
  readonly isWhole: boolean;
}

/** @throws CommandError as `ServiceAccess`. */
export async function candidateRequests(
  actor: string,
  filter: RecordFilter,
  range: AskedRange,
  service: ServiceAccess,
): Promise<CandidateRequests> {
  const query = new URLSearchParams({ status: 'ambiguous', ...range, limit: String(PAGE) });
  const records: AuditRecord[] = [];
  let isWhole = false;
  for await (const { entries, cursor } of pagesOf('records', query, service, { most: MOST_ASKED })) {
    records.push(...entries.map(recordOf).filter((record) => isMeant({ ...filter, candidate: actor }, record)));
    isWhole = cursor === undefined;
  }
  const requests: Request[] = [];
  for await (const request of requestsOf(records)) requests.push(request);
  return { requests, isWhole };
}

/** What is said of them beside somebody's own records; nothing where there are none. `command` shows them. */
export function candidateWords(
  actor: string,
  { requests: { length }, isWhole }: CandidateRequests,
  command: string,
): readonly string[] {
  if (length === 0 && isWhole) return [];
  const how = `They are shown by ${command}`;
  if (length === 0)
    return [`Whether ${actor} is one of several who can be meant elsewhere was not looked at to the end. ${how}`];
  const number = `${isWhole ? '' : 'at least '}${counted(length, 'more request')}`;
  return [`${actor} is one of several who can be meant in ${number} of that time (ambiguous). ${how}`];
}
