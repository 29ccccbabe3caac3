import type { AuditRecord } from '../../lib/attribution/record.ts';
import { clusterInFull } from '../../lib/identity/cluster.ts';
import { PAGE, pagesOf } from '../../lib/usecases/query/pages.ts';
import type { PersonRow } from '../../lib/usecases/query/people.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { RecordsAccess } from '../access/files-access.ts';
import { note } from '../failures/faults.ts';
import { counted } from '../terminal/text-table.ts';

const NO_ORDER =
  'These records are not sorted by time: too many have this audit ID, too many namespaces match, or too many actors are new. Use a shorter time range (--from, --to, --first-seen-since).';

/** Returns the note that a cluster's name means several, and how to ask for one of them. */
function clustersNote(clusters: readonly string[]): string {
  const named = clusters.map(clusterInFull).join(', ');
  return `The name means ${clusters.length} clusters: ${named}. These are the records of all. --cluster takes the ARN of one.`;
}

/** The number of records after which progress is noted. The next note comes at ten times as many. */
const SAID_AFTER = 20_000;

export interface ReadingOptions {
  readonly limit?: number;
  readonly maxPages?: number;
}

/** Reads the pages of an answer, and knows how much was read and whether the end was reached. */
export class ReadPages {
  /** Records that were read, including those that do not match. */
  examined = 0;
  /** Whether `--max-pages` ended the reading. */
  isLeftOff = false;
  /** Whether a name in the question means several people, and who they are. */
  isNameAmbiguous = false;
  people: readonly PersonRow[] = [];
  readonly #question: RecordsQuestion;
  readonly #service: RecordsAccess;
  readonly #options: ReadingOptions;

  constructor(question: RecordsQuestion, service: RecordsAccess, options: ReadingOptions) {
    this.#question = question;
    this.#service = service;
    this.#options = options;
  }

  async *records(): AsyncGenerator<AuditRecord> {
    const { limit, maxPages } = this.#options;
    let sayAt = SAID_AFTER;
    // Reads one more than it shows, to know whether there are more.
    const reading = { limit: limit === undefined ? PAGE : Math.min(limit + 1, PAGE), most: maxPages };
    let isOrderNoted = false;
    for await (const page of pagesOf(this.#question, this.#service.records, reading)) {
      if (!page.isInOrder && !isOrderNoted) note(NO_ORDER);
      isOrderNoted ||= !page.isInOrder;
      if (page.clusters.length > 0) note(clustersNote(page.clusters));
      this.isNameAmbiguous = page.isNameAmbiguous;
      this.people = page.people;
      this.examined += page.examined;
      this.isLeftOff = !page.isLast;
      if (this.examined >= sayAt && !page.isLast) {
        note(`Read ${counted(this.examined, 'record')} so far. To stop sooner, narrow the query or use --max-pages.`);
        sayAt *= 10;
      }
      yield* page.records;
    }
  }
}
