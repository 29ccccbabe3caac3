import { shortSha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { requestIdentity } from '../../lib/usecases/activity/requests.ts';

/** Remembers which requests were shown while records come one by one. Forgets the earliest if there are too many. */
export class ShownRequests {
  readonly #shown = new Set<string>();
  readonly #most: number;

  /** `most` limits the remembered requests. 100,000 take about 10 MB. */
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** Returns whether the request was not yet shown with this correction, and remembers both. */
  isNew(record: AuditRecord, correction = ''): boolean {
    const key = shortSha256(`${requestIdentity(record)}${correction}`);
    if (this.#shown.has(key)) return false;
    this.#shown.add(key);
    const [oldest] = this.#shown;
    if (this.#shown.size > this.#most && oldest !== undefined) this.#shown.delete(oldest);
    return true;
  }
}
