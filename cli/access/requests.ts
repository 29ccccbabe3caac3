import { shortSha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { requestIdentity } from '../../lib/usecases/activity/requests.ts';

/** Which requests were shown already, where records come one by one; of many the latest are remembered. */
export class ShownRequests {
  readonly #shown = new Set<string>();
  readonly #most: number;

  /** A hundred thousand take about 10 MB. */
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** Whether a request is shown for the first time with this said of it; from now on it is not. */
  isNew(record: AuditRecord, said = ''): boolean {
    const key = shortSha256(`${requestIdentity(record)}${said}`);
    if (this.#shown.has(key)) return false;
    this.#shown.add(key);
    const [oldest] = this.#shown;
    if (this.#shown.size > this.#most && oldest !== undefined) this.#shown.delete(oldest);
    return true;
  }
}
