import type { TrailFacts } from '../../cloudtrail/record.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../json.ts';
import { asLookupError, LookupError } from './lookup-error.ts';
import type { LookupReport } from './lookup-report.ts';
import { type LookupRequest, type LookupScope, lookupPage, scopeName } from './lookup-scope.ts';
import { PagedReading, type ReadingSettings } from './paged-reading.ts';

/** How to search event histories. */
export interface Search extends ReadingSettings {
  readonly scopes: readonly LookupScope[];
  /** The report in which accounts and Regions are noted that did not answer. */
  readonly report: LookupReport;
}

export type SearchRequest = Pick<LookupRequest, 'attribute' | 'value' | 'from' | 'to'>;

/**
 * Returns all facts in events with an attribute, from all accounts and Regions.
 * @throws LookupError if none of them answered.
 */
export async function searchFacts(requests: readonly SearchRequest[], search: Search): Promise<readonly TrailFacts[]> {
  const reading = new PagedReading(search, search.report);
  const found: TrailFacts[] = [];
  const readIn = async (scope: LookupScope) => {
    for (const request of requests)
      if (!(await reading.readInto(found, { scope, request, isEnough: () => false }))) return;
  };
  await Promise.all(search.scopes.map(readIn));
  throwIfNobodyAnswered(search);
  return found;
}

/**
 * Returns the record with this `eventID`, from whichever account and Region has it. Undefined if none has it.
 * @throws LookupError if none of them answered.
 */
export async function searchRecord(request: SearchRequest, search: Search): Promise<JsonObject | undefined> {
  const records = await searchNewest(request, search);
  return records.find((record) => textAt(record, 'eventID') === request.value);
}

/**
 * Returns the newest records with an attribute: one page from each account and Region.
 * @throws LookupError if none of them answered.
 */
export async function searchNewest(request: SearchRequest, search: Search): Promise<readonly JsonObject[]> {
  const records = await Promise.all(search.scopes.map((scope) => firstPage(scope, request, search)));
  throwIfNobodyAnswered(search);
  return records.flat();
}

async function firstPage(scope: LookupScope, request: SearchRequest, search: Search): Promise<readonly JsonObject[]> {
  search.report.requests += 1;
  try {
    const { records } = await lookupPage(scope, request, undefined, search);
    return records.flatMap(recordIn);
  } catch (error) {
    search.signal?.throwIfAborted();
    search.report.failures.set(scopeName(scope), asLookupError(error));
    return [];
  }
}

function throwIfNobodyAnswered({ scopes, report: { failures } }: Search): void {
  const [first] = failures.values();
  if (first === undefined || failures.size < scopes.length) return;
  throw new LookupError(first.gap, `CloudTrail did not answer in any account or Region: ${first.message}.`, {
    cause: first,
  });
}

function recordIn(text: string): JsonObject[] {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value) ? [parsed.value] : [];
}
