import type { AuditRecord } from '../../../attribution/record.ts';
import { requestIdentity } from '../../activity/requests.ts';
import { isImpersonating } from './usernames.ts';

/** Limits the requests that are counted. */
const MOST_IMPERSONATIONS = 1_000;

/** The note where the requests were not counted, because no index leads to them. */
export const IMPERSONATIONS_UNREAD =
  'Requests in which somebody impersonated a Kubernetes user of this name were not searched. To list such requests, run eks-whois records --flag impersonation --since 24h.';

/** Counts the requests in which somebody impersonated a Kubernetes user with a person's name. They are somebody else's requests. */
export class Impersonations {
  readonly name: string;
  readonly #requests = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  add(record: AuditRecord): void {
    if (this.#requests.size < MOST_IMPERSONATIONS && isImpersonating(record, this.name))
      this.#requests.add(requestIdentity(record));
  }

  /** A sentence; undefined if there are none. */
  get note(): string | undefined {
    const { size } = this.#requests;
    if (size === 0) return undefined;
    const number = `${size < MOST_IMPERSONATIONS ? '' : 'At least '}${size} ${size === 1 ? 'request' : 'requests'}`;
    return `${number} impersonated the Kubernetes user ${this.name}, and ${size === 1 ? 'is' : 'are'} not among these. To list such requests, run eks-whois attribute --flag impersonation.`;
  }
}
