import { describe, expect, it } from 'vitest';
import type { KeptRecord } from '../../lib/claims/kept-record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import type { RecordPages } from '../../lib/usecases/query/pages.ts';
import { pagesInTurns } from '../../lib/usecases/query/pages-in-turns.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';

const PAGE = 5;
const MOST = 2;
const { record: ANY } = storedRecord({});

/** The site of requests to a cluster of the account: with the ARN, with the account alone, or with the account that handed them over. */
const SITES = {
  arn: (accountId: string, name: string) => ({
    clusterArn: `arn:aws:eks:eu-west-1:${accountId}:cluster/${name}`,
    accountId,
  }),
  account: (accountId: string) => ({ clusterArn: undefined, accountId }),
  sender: (handedOverBy: string) => ({ clusterArn: undefined, accountId: undefined, origin: { handedOverBy } }),
};

/** Returns requests to a cluster of the account. */
function requestsTo(
  accountId: string,
  count: number,
  name = 'prod',
  known: keyof typeof SITES = 'arn',
): readonly KeptRecord[] {
  return Array.from({ length: count }, (_, at) => ({
    ...ANY,
    auditId: auditIdOf(`${accountId}-${at}`),
    ...{ cluster: name, ...SITES[known](accountId, name) },
  }));
}

/** Answers questions from the records, in pages of five. */
const over =
  (all: readonly KeptRecord[]): RecordPages =>
  async ({ question, cursor }) => {
    const matching = all.filter(matcherOf(question.filter));
    const end = Number(cursor ?? 0) + PAGE;
    const records = matching.slice(end - PAGE, end);
    return { records, ...(end < matching.length && { cursor: String(end) }) };
  };

async function read(
  all: readonly KeptRecord[],
  more: { readonly home?: string; readonly isSpent?: () => boolean } = {},
) {
  const ids: string[] = [];
  let isLast = false;
  for await (const page of pagesInTurns({ filter: {}, range: {} }, over(all), {
    isUsedUp: (pages) => pages.length >= MOST,
    ...more,
  })) {
    ids.push(...page.records.map(({ auditId }) => auditId));
    ({ isLast } = page);
  }
  return {
    own: ids.filter((id) => id.startsWith(ACCOUNT)).length,
    all: ids.length,
    isTwice: new Set(ids).size < ids.length,
    isLast,
  };
}

describe('reading by turns of the accounts', () => {
  it.each([
    ['with its ARN', 'prod', 'arn'],
    ['of another name', 'invented', 'arn'],
    ['whose Region is not known', 'prod', 'account'],
    ['whose account is not known', 'prod', 'sender'],
  ] as const)(
    'reads the requests of an account behind any number of another one’s, of a cluster %s',
    async (_, name, known) => {
      const flood = requestsTo(OTHER_ACCOUNT, 1_000, name, known);
      const [early = [], late = []] = [requestsTo(ACCOUNT, 7).slice(0, 3), requestsTo(ACCOUNT, 7).slice(3)];
      const found = await read([...early, ...flood, ...late]);
      expect(found).toEqual({ own: 7, all: 14, isTwice: false, isLast: false });
    },
  );

  it('reads the request of an account behind 2,100 of another one, and says that it did not read all', async () => {
    const found = await read([...requestsTo(OTHER_ACCOUNT, 2_100), ...requestsTo(ACCOUNT, 1)]);
    expect(found).toMatchObject({ own: 1, isLast: false });
  });

  it('has read everything that matters if the account of the cluster is known', async () => {
    const found = await read([...requestsTo(OTHER_ACCOUNT, 1_000), ...requestsTo(ACCOUNT, 7)], { home: ACCOUNT });
    expect(found).toMatchObject({ own: 7, isLast: true });
    expect(await read(requestsTo(ACCOUNT, 1_000), { home: ACCOUNT })).toMatchObject({ own: 10, isLast: false });
  });

  it('ends if nothing more may be read', async () => {
    const found = await read([...requestsTo(OTHER_ACCOUNT, 1_000), ...requestsTo(ACCOUNT, 7)], { isSpent: () => true });
    expect(found).toMatchObject({ own: 0, all: 10, isLast: false });
  });
});
