import type { AuditRecord, RecordHead } from '../../../lib/attribution/record.ts';
import { requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** So many requests, and so many CloudTrail records, are written at most. */
export const MOST_PIECES = 1_000;

/** Of which requests the evidence is, as they come: those of the report's people, and what it was asked about. */
export class GatheredRequests {
  readonly #records = new Map<string, AuditRecord>();
  /** Requests beyond those that are kept. */
  left = 0;

  keep(record: AuditRecord): void {
    const identity = identityInFile(record);
    if (this.#records.has(identity)) return;
    if (this.#records.size < MOST_PIECES) this.#records.set(identity, record);
    else this.left += 1;
  }

  has(identity: string): boolean {
    return this.#records.has(identity);
  }

  get records(): readonly AuditRecord[] {
    return [...this.#records.values()];
  }
}

/** The request by what its event alone says: of a file's cluster nothing is known yet. */
export function identityInFile(head: RecordHead): string {
  return requestIdentity({ ...head, cluster: undefined, origin: undefined });
}
