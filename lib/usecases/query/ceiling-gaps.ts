import { type CeilingGap, GAP_KINDS } from '../../heartbeats/ceiling-gap.ts';
import { accountIn, clusterHome } from '../../identity/cluster.ts';
import { isJsonObject, type JsonObject, listAt, present, textAt } from '../../json.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { DAY, epochMillis, formatInstant, parseInstant } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';

/** An entry of `leftOutByCeiling` in an answer. */
export interface CeilingEntry {
  /** Absent if the user may see only some clusters, and in the entry that stands for further gaps. */
  readonly accountId?: string;
  readonly what: CeilingGap['what'];
  readonly since: string;
  readonly until: string;
  /** The number of further gaps that this entry stands for, of any account. Only the last entry can have it. */
  readonly further?: number;
}

/**
 * Limits the gaps that an answer lists. An account has at most two gaps a day. One more entry stands for all others.
 */
const MOST_ENTRIES = 100;

/**
 * Returns what ceilings left out, in the time range and the clusters of a question. If the question has no time range,
 * all times count. For a further page the result is empty: the first page already had it.
 * @param query the parameters of the question. Errors in them are reported by the route of the question.
 */
export async function ceilingGapsOf(
  query: string,
  { volumes }: { readonly volumes: Pick<Volumes, 'gaps'> },
): Promise<readonly CeilingEntry[]> {
  const given = new URLSearchParams(query);
  if (given.has('cursor')) return [];
  const accounts = accountsOf(given.getAll('cluster'));
  const gaps = await volumes.gaps(rangeOf(given));
  const asked = gaps
    .filter(({ accountId }) => accountId === undefined || accounts === undefined || accounts.has(accountId))
    .toSorted((a, b) => b.since - a.since);
  const listed = fewerInTurns(asked, ({ accountId }) => [accountId], MOST_ENTRIES);
  const isListed = new Set(listed);
  return [...listed.map((gap) => entryOf(gap)), ...furtherOf(asked.filter((gap) => !isListed.has(gap)))];
}

function entryOf({ accountId, what, since, until }: CeilingGap, further?: number): CeilingEntry {
  return present<CeilingEntry>({
    accountId,
    what,
    since: formatInstant(since),
    until: formatInstant(until),
    further,
  });
}

/**
 * Returns one entry for all gaps that are not listed. It covers their whole time, and names the most that can be
 * missing.
 */
function furtherOf(gaps: readonly CeilingGap[]): readonly CeilingEntry[] {
  if (gaps.length === 0) return [];
  const what = gaps.some((gap) => gap.what === 'deliveries') ? 'deliveries' : 'reads';
  const since = epochMillis(Math.min(...gaps.map((gap) => gap.since)));
  const until = epochMillis(Math.max(...gaps.map((gap) => gap.until)));
  return [entryOf({ what, since, until }, gaps.length)];
}

/** Returns the time range of the question. For a question about a moment, that is one day before and after it. */
function rangeOf(given: URLSearchParams): TimeRange {
  const time = (name: string) => parseInstant(given.get(name) ?? '');
  const at = time('at');
  if (at !== undefined) return { from: epochMillis(Math.max(0, at - DAY)), to: epochMillis(at + DAY) };
  return { from: time('from'), to: time('to') };
}

/** Returns the accounts of the clusters. Undefined if there are no clusters, or if one is not given by its ARN. */
function accountsOf(clusters: readonly string[]): ReadonlySet<string> | undefined {
  const accounts = clusters.map((clusterArn) => clusterHome({ clusterArn }).accountId);
  if (accounts.length === 0 || accounts.includes(undefined)) return undefined;
  return new Set(accounts.flatMap((account) => account ?? []));
}

/** Returns the entries in the body of an answer, without those of an unknown form. */
export function ceilingEntriesIn(answer: unknown): readonly CeilingEntry[] {
  const entries = isJsonObject(answer) ? (listAt(answer, 'leftOutByCeiling') ?? []) : [];
  return entries.filter(isJsonObject).flatMap(entryIn);
}

function entryIn(entry: JsonObject): CeilingEntry[] {
  const [since, until] = [textAt(entry, 'since'), textAt(entry, 'until')];
  const what = GAP_KINDS.find((kind) => kind === entry.what);
  if (what === undefined || since === undefined || until === undefined) return [];
  const further = typeof entry.further === 'number' ? entry.further : undefined;
  return [present<CeilingEntry>({ accountId: accountIn(textAt(entry, 'accountId')), what, since, until, further })];
}

/** Returns a sentence that says what an entry left out. */
export function ceilingText({ accountId, what, since, until, further }: CeilingEntry): string {
  if (further !== undefined) {
    const missing = what === 'reads' ? 'Their allowed reads' : 'All their requests';
    return `From ${since} to ${until}, accounts were over their ceilings (maxEventsPerDay) ${further} more times. ${missing} of these times may be missing from this answer. To list these times, ask about a shorter time range, or name each cluster by its ARN.`;
  }
  const whose = accountId === undefined ? 'an account' : `account ${accountId}`;
  const missing =
    what === 'reads'
      ? 'Its allowed reads of that time may be missing from this answer.'
      : 'All its requests of that time may be missing from this answer.';
  return `From ${since} to ${until}, ${whose} was over its ceiling (maxEventsPerDay). ${missing} Its log groups have them: load them with eks-whois backfill.`;
}
