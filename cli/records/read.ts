import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isMeant, leavesOut, type RecordFilter } from './filter.ts';
import { PAGE } from './pages.ts';

/** The records of a question as they are read: those that are meant are handed on, of all it is noted what they are of. */
export class ReadRecords {
  readonly clusters = new Set<string>();
  readonly namespaces = new Set<string>();
  readonly objects = new Set<string>();
  /** All that the service answered. */
  count = 0;
  /** Whether it was left off before the end, though what is meant may still come. */
  isLeftOff = false;
  readonly #filter: RecordFilter;

  constructor(filter: RecordFilter) {
    this.#filter = filter;
  }

  /** Once `hasEnough`, no more than a page is read for the sake of knowing whether there is more. */
  async *meant(records: AsyncIterable<AuditRecord>, hasEnough: () => boolean): AsyncGenerator<AuditRecord> {
    let beyond = 0;
    for await (const record of records) {
      this.#note(record);
      if (isMeant(this.#filter, record)) yield record;
      else if (hasEnough()) {
        beyond += 1;
        this.isLeftOff = beyond >= PAGE;
        if (this.isLeftOff) return;
      }
    }
  }

  #note({ cluster, request }: AuditRecord): void {
    this.count += 1;
    if (!leavesOut(this.#filter)) return;
    noteIn(this.clusters, cluster);
    noteIn(this.namespaces, request?.namespace);
    noteIn(this.objects, request?.name);
  }
}

/** Whoever calls can name any number of namespaces and objects. */
const MOST_NOTED = 2_000;

function noteIn(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && names.size < MOST_NOTED) names.add(name);
}
