import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { Request } from '../../lib/usecases/activity/requests.ts';
import { requestsOf } from '../../lib/usecases/activity/requests.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { pagesOf } from '../../lib/usecases/query/pages.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { counted } from '../terminal/text-table.ts';

/** Nothing is filed under those who can be meant: the ambiguous sessions of the time are read, in so many requests at most. */
const MOST_ASKED = 20;

/** The requests in which somebody is one of several who can be meant. */
export interface CandidateRequests {
  readonly requests: readonly Request[];
  /** Whether all were read. */
  readonly isWhole: boolean;
}

/** The same question of those in whose place the actor may be; undefined where it asks for no actor, or for a status. */
export function candidatesQuestion({ filter, range }: RecordsQuestion): RecordsQuestion | undefined {
  const { actor, status, candidate } = filter;
  if (actor?.any === undefined || status?.any !== undefined || candidate !== undefined) return undefined;
  return {
    filter: { ...without(filter, 'actor'), candidate: { any: actor.any }, status: { any: ['ambiguous'] } },
    range,
  };
}

/** @throws CommandError as `ServiceAccess`. */
export async function candidateRequests(question: RecordsQuestion, service: ServiceAccess): Promise<CandidateRequests> {
  const records: AuditRecord[] = [];
  let isWhole = false;
  for await (const page of pagesOf(question, service.records, { most: MOST_ASKED })) {
    records.push(...page.records);
    isWhole = page.isLast;
  }
  return { requests: requestsOf(records), isWhole };
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
