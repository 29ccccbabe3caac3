import { accountOfKey, type ClusterFields, clusterKeyOf, clustersOfAccount } from '../../identity/cluster.ts';
import { pagesOf, type ReadPage, type RecordPages } from './pages.ts';
import type { RecordsQuestion } from './question.ts';

/** How much of each account is read for one question. */
interface Share {
  /** Limits the records of a page. */
  readonly limit?: number | undefined;
  /** Returns whether the pages that were read since the last turn are a whole share. */
  isUsedUp(pages: readonly ReadPage[]): boolean;
  /** Returns whether nothing more may be read, whosever turn it is. */
  isSpent?(): boolean;
  /** The account of the cluster that is meant, if it is known. It is never left out, and records of other accounts do not matter. */
  readonly home?: string | undefined;
}

/** Limits the accounts that are left out of one question after their share. Each takes a share of requests more. */
const MOST_TURNS = 3;

/**
 * Yields pages of records, so that no account uses up what may be read of the others. It reads until a share is used up. Then it asks again
 * without the account that sent most of these records, and yields what is new. The pages of each turn are in the order of their question.
 * No page is the last one after that, because that account can have more records, unless another account is meant.
 *
 * An account can forge any number of requests, of any time and with any text, but only of its own clusters. So whatever decides who is named,
 * reads records in this way, or asks for those of one cluster by its ARN (CONTRACT, 13.54).
 * @throws the errors of `pages`.
 */
export async function* pagesInTurns(
  question: RecordsQuestion,
  pages: RecordPages,
  { limit, isUsedUp, isSpent, home }: Share,
): AsyncGenerator<ReadPage> {
  const leftOut: string[] = [];
  const known = new Set<string>();
  const isWhole = () => leftOut.length === 0 || home !== undefined;
  const next = (read: readonly ReadPage[]) => {
    const isEnd = read.at(-1)?.isLast === true || leftOut.length >= MOST_TURNS || isSpent?.() === true;
    return isEnd ? undefined : largestSender(read, home);
  };
  for (;;) {
    const read: ReadPage[] = [];
    for await (const page of pagesOf(withoutAccounts(question, leftOut), pages, { limit })) {
      read.push(page);
      yield { ...newOf(page, known), isLast: page.isLast && isWhole() };
      if (isUsedUp(read)) break;
    }
    const account = next(read);
    if (account === undefined) return;
    leftOut.push(account);
    for (const text of textsOfOthers(read, account)) known.add(text);
  }
}

/** Returns the page without the records that are known. */
function newOf(page: ReadPage, known: ReadonlySet<string>): ReadPage {
  if (known.size === 0) return page;
  return { ...page, records: page.records.filter((record) => !known.has(JSON.stringify(record))) };
}

/** Returns the records of other accounts, which the next turn has again. */
function textsOfOthers(pages: readonly ReadPage[], account: string): readonly string[] {
  const others = pages.flatMap(({ records }) => records).filter((record) => accountOf(record) !== account);
  return others.map((record) => JSON.stringify(record));
}

/** Returns the account of most of the records, other than `home`. Undefined if none is known. */
function largestSender(pages: readonly ReadPage[], home: string | undefined): string | undefined {
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
