import type { AuditRecord } from '../../../attribution/record.ts';
import { userName } from '../../../identity/arn.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import { quoted } from '../../../shell.ts';
import { formatInstant } from '../../../time.ts';
import { requestIdentity, sessionText } from '../../activity/requests.ts';
import { flawOf } from '../filter.ts';
import { groupsText, shownRequests } from './listed-requests.ts';
import { isImpersonating } from './usernames.ts';

/** The maximum number of requests that are counted. */
const MOST_IMPERSONATIONS = 1_000;

/**
 * Returns a sentence that says which requests of other callers were not searched, because no index finds them. It also
 * says how to list them.
 * @param person a name, or the ARN of an IAM user. The command then has its last part, which can be a session name.
 * @param range the time range for the command. Without it, the command lists the last day.
 */
export function unsearchedOthersText(person: string, range: TimeInterval | undefined): string {
  const time =
    range === undefined ? '--since 24h' : `--from ${formatInstant(range.from)} --to ${formatInstant(range.to)}`;
  const name = userName(person) ?? person;
  const bySession =
    flawOf('session', name) === undefined ? `eks-whois records --session ${quoted(name)} ${time}, and ` : '';
  return `Sessions that others gave the name ${name}, and requests that impersonated it, were not searched. To list them: ${bySession}eks-whois records --flag impersonation ${time}.`;
}

/**
 * Counts requests in which a caller impersonated a Kubernetes user with a person's name. The person did not make these
 * requests.
 */
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

  /** Returns a sentence about the counted requests. Undefined if there are none. */
  get note(): string | undefined {
    const { size } = this.#requests;
    if (size === 0) return undefined;
    const number = `${size < MOST_IMPERSONATIONS ? '' : 'At least '}${size} ${size === 1 ? 'request' : 'requests'}`;
    return `${number} impersonated the Kubernetes user ${this.name}, and ${size === 1 ? 'is' : 'are'} not among these. To list such requests, run eks-whois records --flag impersonation.`;
  }
}

const MOST_SESSIONS = 5;

/**
 * Collects sessions whose session name is a person's name, without proof that they belong to this person. Whoever
 * assumes a role chooses the session name.
 */
export class SessionsNamed {
  readonly #name: string;
  readonly #requests = new Map<string, AuditRecord>();
  readonly #sessions = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  add(record: AuditRecord): void {
    const { caller } = record;
    const session = sessionText(caller);
    if (session === undefined || caller.sessionName?.toLowerCase() !== this.#name.toLowerCase()) return;
    if (this.#sessions.size <= MOST_SESSIONS) this.#sessions.add(session);
    if (this.#requests.size < MOST_IMPERSONATIONS) this.#requests.set(requestIdentity(record), record);
  }

  /** Returns sentences about these sessions and who made their requests. Undefined if there are none. */
  get note(): string | undefined {
    const { size } = this.#requests;
    if (size === 0) return undefined;
    const callers = groupsText(shownRequests([...this.#requests.values()]));
    const number = `${size < MOST_IMPERSONATIONS ? '' : 'at least '}${size} ${size === 1 ? 'request' : 'requests'}`;
    const sessions = [...this.#sessions].slice(0, MOST_SESSIONS).join(', ');
    const all = this.#sessions.size > MOST_SESSIONS ? `The first are ${sessions}` : `The session IDs: ${sessions}`;
    return `Not among these: ${number} in sessions named ${this.#name}: ${callers}. Nothing proves that this person made them. ${all}. To list their requests: eks-whois records --session ID.`;
  }
}
