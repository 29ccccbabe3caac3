import type { AuditRecord } from '../../../attribution/record.ts';
import { requestsOf, timeOf } from '../../activity/requests.ts';
import {
  type Comparison,
  compareRequest,
  type DescribedRequest,
  doubtsOf,
  namesOf,
  similarNamesOf,
} from './described-request.ts';

/** A recorded request, and how it compares with the described one. */
export interface MatchingRequest extends Comparison {
  readonly record: AuditRecord;
}

/** The recorded requests that match a described one, or nearly do. */
export interface RequestMatch {
  /** The requests that agree with the text in every decisive feature, the best first. Empty if there are none. */
  readonly requests: readonly MatchingRequest[];
  /** Whether the described request is known to be one of `requests`. If not, the text states too little. */
  readonly isIdentified: boolean;
  /** Requests that differ from the described one in one decisive feature, newest first. */
  readonly near: readonly MatchingRequest[];
}

/**
 * Finds the described request among recorded ones (CONTRACT, "Described requests"). All comparisons of a pasted text
 * with the log happen here. Files and the service pass the records that can match.
 */
export function matchRequests(described: DescribedRequest, records: readonly AuditRecord[]): RequestMatch {
  const compared = requestsOf(records)
    .map(({ record }): MatchingRequest => ({ record, ...compareRequest(record, described) }))
    .sort((a, b) => b.agrees.length - a.agrees.length || newestFirst(a.record, b.record));
  const fitting = compared.filter(({ likeness }) => likeness === 'same' || likeness === 'alike');
  const isIdentified = fitting.some(({ likeness }) => likeness === 'same');
  const { isProcessStart, isLogged } = described.circumstances;
  // If no exec is known to have started the process, any exec that was open then can have started it, with any
  // command.
  const isOpen = isProcessStart === true && !isIdentified;
  const isAtTime = isIdentified && (isProcessStart ?? isLogged) === true;
  const atTime = isAtTime ? fitting.filter(({ agrees }) => agrees.includes('time')) : fitting;
  const requests = isOpen || described.isAggregated ? fitting : leastDoubted(atTime, described);
  return {
    requests,
    isIdentified: requests.some(({ likeness }) => likeness === 'same'),
    near: compared.filter(({ likeness }) => likeness === 'near').sort((a, b) => newestFirst(a.record, b.record)),
  };
}

function newestFirst(a: AuditRecord, b: AuditRecord): number {
  return (timeOf(b) ?? 0) - (timeOf(a) ?? 0);
}

/**
 * Returns the requests with the fewest doubts. A doubt is a feature of `doubtsOf` that differs, or a name in the text
 * that the request lacks. A different response code outweighs all other doubts together.
 */
function leastDoubted(fitting: readonly MatchingRequest[], described: DescribedRequest): readonly MatchingRequest[] {
  const doubtOf = (request: MatchingRequest) => {
    const doubts = doubtsOf(request, described);
    const { names = [] } = described.circumstances;
    const had = namesOf(request.record, names);
    const isLacking = (name: string) => !had.includes(name) && similarNamesOf(request.record, [name]).length === 0;
    const lacking = names.filter(isLacking).length;
    return doubts.length + lacking + (doubts.includes('code') ? 100 : 0);
  };
  const least = Math.min(...fitting.map(doubtOf));
  return fitting.filter((request) => doubtOf(request) === least);
}
