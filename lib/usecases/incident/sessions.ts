import { type Attribution, evidenceIds } from '../../attribution/attribution.ts';
import type { Flag } from '../../attribution/flags.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { lastGrant, roleOfRecord } from '../../attribution/role-of-record.ts';
import { roleRef } from '../../identity/arn.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { millisOf, Span, sessionText } from '../activity/requests.ts';
import type { SessionFound } from '../query/anything/found.ts';
import type { SessionUse } from './report.ts';

/** So many are listed. */
const MOST_SESSIONS = 100;

type Described = Omit<SessionUse, 'requests' | 'clusters' | 'first' | 'last' | 'flags'> & {
  readonly flags: readonly Flag[];
  readonly grantId: string | undefined;
};

interface Used {
  readonly described: Described;
  requests: number;
  readonly clusters: Set<string>;
  readonly flags: Set<Flag>;
  readonly span: Span;
}

/** The sessions of somebody, as grants issued them and as requests were made with them. */
export class SessionsGathering {
  readonly #sessions = new Map<string, Used>();
  #left = 0;

  /** Sessions by grants: those whose time reaches into the range. Of sessions by records the requests tell. */
  addIssued(found: readonly SessionFound[], range: TimeRange): void {
    for (const session of found)
      if (session.records === undefined && reachesInto(session, range)) this.#issued(session);
  }

  add(record: AuditRecord): void {
    const { caller, attribution } = record;
    const session = sessionText(caller);
    const { username } = caller;
    const used = this.#usedOf({
      session,
      accessKeyId: caller.accessKeyId,
      username: session === undefined ? username : undefined,
      role: roleTextOf(record) ?? caller.roleId,
      ...concluded(attribution),
    });
    if (used === undefined) return;
    used.requests += 1;
    if (record.cluster !== undefined) used.clusters.add(record.cluster);
    used.span.add(record.time);
  }

  result(): { readonly sessions: readonly SessionUse[]; readonly sessionsLeft: number } {
    const sessions = [...this.#sessions.values()].map(
      ({ described, requests, clusters, flags, span: { first, last } }): SessionUse => {
        const { grantId: _id, flags: _flags, ...use } = described;
        const flagged = flags.size > 0 && { flags: [...flags].sort() };
        return { ...use, requests, clusters: [...clusters].sort(), first, last, ...flagged };
      },
    );
    const latest = (use: SessionUse) => millisOf(use.last ?? use.issuedAt) ?? 0;
    return { sessions: sessions.sort((a, b) => latest(b) - latest(a)), sessionsLeft: this.#left };
  }

  #issued({ session, accessKeyId, role, attribution, from, to }: SessionFound): void {
    const times = { issuedAt: from, expiresAt: to };
    this.#usedOf({ session, accessKeyId, username: undefined, role, ...concluded(attribution), ...times });
  }

  /** Undefined where there are too many. */
  #usedOf(described: Described): Used | undefined {
    const key = keyOf(described);
    const known = this.#sessions.get(key);
    if (known !== undefined) {
      for (const flag of described.flags) known.flags.add(flag);
      return known;
    }
    if (this.#sessions.size >= MOST_SESSIONS) {
      this.#left += 1;
      return undefined;
    }
    const flags = new Set(described.flags);
    const used = { described, requests: 0, clusters: new Set<string>(), flags, span: new Span() };
    this.#sessions.set(key, used);
    return used;
  }
}

/** By the grant's ARN, which has the role's path; a session's has none. */
function roleTextOf(record: AuditRecord): string | undefined {
  const { arns = [] } = roleOfRecord(record) ?? {};
  return arns.find((arn) => roleRef(arn) !== undefined) ?? arns[0];
}

/** By the grant that it rests on and the key that is stated; else by what the caller says. */
function keyOf({ session, username, accessKeyId, grantId: grant }: Described): string {
  return JSON.stringify(grant === undefined ? [session, username, accessKeyId] : [grant, accessKeyId]);
}

/** What the attribution says of the session: how it was found, and the grant behind it. */
function concluded({
  status,
  method,
  chain = [],
  use,
  uses,
  flags,
}: Attribution): Pick<Described, 'status' | 'method' | 'flags' | 'eventIds' | 'issuedAt' | 'expiresAt' | 'grantId'> {
  const grant = lastGrant(chain);
  return {
    status,
    method,
    flags,
    eventIds: evidenceIds({ chain, use, uses }),
    issuedAt: grant?.issuedAt,
    expiresAt: grant?.expiresAt,
    grantId: grant?.eventIds.toSorted()[0],
  };
}

function reachesInto({ from, to }: SessionFound, range: TimeRange): boolean {
  const [begin, end] = [millisOf(from), millisOf(to)];
  return (begin ?? 0) <= (range.to ?? Number.MAX_VALUE) && (end ?? Number.MAX_VALUE) >= (range.from ?? 0);
}
