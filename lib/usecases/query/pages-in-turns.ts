import { accountOfKey, type ClusterFields, clusterKeyOf, clustersOfAccount } from '../../identity/cluster.ts';
import { pagesOf, type ReadPage, type RecordPages } from './pages.ts';
import type { RecordsQuestion } from './question.ts';

/** Limits how much is read for one question before the next turn. */
interface Share<P> {
  /** Returns whether the pages since the last turn have used up the share of a turn. */
  isUsedUp(pages: readonly P[]): boolean;
  /** Returns whether nothing more may be read at all. */
  isSpent?(): boolean;
  /**
   * The account of the cluster in question, if known. Its records are never left out. Only they matter, so the last
   * page can be the last although other accounts are left out.
   */
  readonly home?: string | undefined;
}

/** A page of records, or of anything else that has a cluster. */
interface TurnPage {
  readonly records: readonly ClusterFields[];
  readonly isLast: boolean;
}

/**
 * The maximum number of accounts that are left out of one question after their share. Each takes another share of
 * requests.
 */
const MOST_TURNS = 3;

/**
 * Yields pages of records in turns, as `anyPagesInTurns` does.
 * @param share also has the number of records in a page.
 * @throws the errors of `pages`.
 */
export function pagesInTurns(
  question: RecordsQuestion,
  pages: RecordPages,
  { limit, ...share }: Share<ReadPage> & { readonly limit?: number | undefined },
): AsyncGenerator<ReadPage> {
  return anyPagesInTurns(question, (asked) => pagesOf(asked, pages, { limit }), share);
}

/**
 * Yields pages of an answer in turns, so that no account can use up what may be read of others. It reads until a share
 * is used up. Then it repeats the question without the account that sent most of these records, and yields what is new.
 * The pages of one turn have the order of the question. After the first turn, no page counts as the last one. The
 * accounts that were left out can have more records. If `home` is known, that does not matter. An account can forge
 * any number of requests, with any time and text, but only for its own clusters. So code that decides who is named must
 * read in turns, or search one cluster by its ARN (CONTRACT, 13.54).
 * @param read yields the pages of the answer to a question.
 * @throws the errors of `read`.
 */
export async function* anyPagesInTurns<P extends TurnPage>(
  question: RecordsQuestion,
  read: (question: RecordsQuestion) => AsyncIterable<P>,
  { isUsedUp, isSpent, home }: Share<NoInfer<P>>,
): AsyncGenerator<P> {
  const leftOut: string[] = [];
  const known = new Set<string>();
  const isWhole = () => leftOut.length === 0 || home !== undefined;
  const next = (taken: readonly P[]) => {
    const isEnd = taken.at(-1)?.isLast === true || leftOut.length >= MOST_TURNS || isSpent?.() === true;
    return isEnd ? undefined : largestSender(taken, home);
  };
  for (;;) {
    const taken: P[] = [];
    for await (const page of read(withoutAccounts(question, leftOut))) {
      taken.push(page);
      yield { ...newOf(page, known), isLast: page.isLast && isWhole() };
      if (isUsedUp(taken)) break;
    }
    const account = next(taken);
    if (account === undefined) return;
    leftOut.push(account);
    for (const text of textsOfOthers(taken, account)) known.add(text);
  }
}

/** Returns the page without records that were yielded before. */
function newOf<P extends TurnPage>(page: P, known: ReadonlySet<string>): P {
  if (known.size === 0) return page;
  return { ...page, records: page.records.filter((record) => !known.has(JSON.stringify(record))) };
}

/**
 * Returns the records of all other accounts as texts. The next turn reads these records again, and leaves them out by
 * these texts.
 */
function textsOfOthers(pages: readonly TurnPage[], account: string): readonly string[] {
  const others = pages.flatMap(({ records }) => records).filter((record) => accountOf(record) !== account);
  return others.map((record) => JSON.stringify(record));
}

/** Returns the account that sent most of the records, but not `home`. Undefined if no other account is known. */
function largestSender(pages: readonly TurnPage[], home: string | undefined): string | undefined {
  const counts = new Map<string, number>();
  for (const { records } of pages)
    for (const record of records) {
      const account = accountOf(record);
      if (account !== '' && account !== home) counts.set(account, (counts.get(account) ?? 0) + 1);
    }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Returns the account of the record's cluster. Empty if it is not known. */
function accountOf(record: ClusterFields): string {
  return accountOfKey(clusterKeyOf(record));
}

function withoutAccounts({ filter, ...question }: RecordsQuestion, accounts: readonly string[]): RecordsQuestion {
  const { cluster = {} } = filter;
  if (accounts.length === 0) return { filter, ...question };
  const not = [...(cluster.not ?? []), ...accounts.flatMap(clustersOfAccount)];
  return { ...question, filter: { ...filter, cluster: { ...cluster, not } } };
}
