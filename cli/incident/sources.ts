import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { Looked } from '../../lib/usecases/incident/report.ts';
import type { AskedRequests, RequestSource } from '../../lib/usecases/incident/source.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import { isInRange } from '../../lib/usecases/query/question.ts';
import { requestsOf, ShownRequests } from '../access/requests.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { RefusedQuestionError } from '../failures/command-error.ts';
import { pagesOf } from '../records/pages.ts';

/** Records that are read of a service for one question. */
const MOST_READ = 20_000;

/** The service, question by question: of each the newest records, so many at most. */
export function serviceRequests(service: ServiceAccess): RequestSource {
  return {
    async read(asked) {
      const looked: Looked[] = [];
      for (const each of asked) looked.push(await readAnswer(each, service));
      return looked;
    },
  };
}

async function readAnswer({ question, take }: AskedRequests, service: ServiceAccess): Promise<Looked> {
  const looked = { isWhole: false, examined: 0 };
  try {
    for await (const { record } of requestsOf(newestOf(looked, question, service))) take(record);
  } catch (error) {
    // Whoever makes one question too large to be answered is not to keep the rest of the report from anybody.
    if (!(error instanceof RefusedQuestionError)) throw error;
    looked.isWhole = false;
  }
  return looked;
}

async function* newestOf(
  looked: { isWhole: boolean; examined: number },
  question: AskedRequests['question'],
  service: ServiceAccess,
): AsyncGenerator<AuditRecord> {
  for await (const page of pagesOf(question, service)) {
    looked.examined += page.examined;
    looked.isWhole = page.isLast;
    yield* page.records;
    if (looked.examined >= MOST_READ) return;
  }
}

/** Files, read once for all questions; of a request the stage counts that comes first in them. */
export function fileRequests(visit: (take: (record: AuditRecord) => void) => Promise<void>): RequestSource {
  return {
    async read(asked) {
      const meant = asked.map(({ question, take }) => {
        const isOf = matcherOf(question.filter);
        return { take, range: question.range, isOf };
      });
      const seen = new ShownRequests();
      let examined = 0;
      await visit((record) => {
        examined += 1;
        const takers = meant.filter(({ isOf, range }) => isInRange(record, range) && isOf(record));
        if (takers.length === 0 || !seen.isNew(record)) return;
        for (const { take } of takers) take(record);
      });
      return asked.map(() => ({ isWhole: true, examined }));
    },
  };
}
