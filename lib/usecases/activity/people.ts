import { type Actor, sameActor } from '../../attribution/actor.ts';
import { personOf } from '../../attribution/actor-id.ts';
import { actorLabel, labelsApart } from '../../attribution/actor-names.ts';
import { type Attribution, actorsOf, evidenceIds } from '../../attribution/attribution.ts';
import { FLAG_ROWS, type Flag } from '../../attribution/flags.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { callerKeyOf, isRole, lastGrant, roleOfRecord } from '../../attribution/role-of-record.ts';
import { assumedRoleRef, pathlessRoleArn, roleRef } from '../../identity/arn.ts';
import { clusterText, senderOf } from '../../identity/cluster.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { fewerInTurns, inTurns, RoomOfEach } from '../../turns.ts';
import type { SessionFound } from '../query/anything/outcomes.ts';
import { type Validity, validityOf } from '../query/anything/sessions-of-records.ts';
import type { CallerRow, Callers, SessionUse } from './activity.ts';
import type { ReadingExtent } from './request-source.ts';
import { millisOf, Span, sessionText } from './requests.ts';

/** Limits the callers that are listed. */
const MOST_CALLERS = 50;
/** Limits the names in one row. */
const MOST_NAMES = 10;

interface CallerCount {
  readonly row: Omit<CallerRow, 'requests' | 'first' | 'last' | 'actors' | 'auditId'>;
  readonly actors: readonly Actor[];
  /**
   * The username, if the caller belongs to the cluster itself, such as a node. Such a caller is shown by its username.
   */
  readonly own: string | undefined;
  requests: number;
  readonly span: Span;
  /** The account that sent the caller's first request. */
  readonly sender: string | undefined;
  /** The caller's latest request. It is the same in whatever order the requests come. */
  latest: AuditRecord;
}

/** Counts requests by caller, as far as callers can be told apart. Memory stays limited, however many requests come. */
export class CallersCollector {
  readonly #people: readonly Actor[];
  readonly #callers = new Map<string, CallerCount>();
  /** The number of callers in the requests of each account. */
  readonly #ofSenders = new Map<string | undefined, number>();
  #requests = 0;
  #left = 0;

  /** @param people the actors that the report is about. */
  constructor(people: readonly Actor[]) {
    this.#people = people;
  }

  add(record: AuditRecord): void {
    this.#requests += 1;
    const { attribution, caller } = record;
    const row = this.#rowOf(record);
    const actors = actorsOf(attribution).slice(0, MOST_NAMES);
    const own = attribution.status === 'system' ? (caller.username ?? '?') : undefined;
    const key = JSON.stringify([row, own, actors.map((actor) => [personOf(actor), actor.workload])]);
    const known = this.#callers.get(key);
    const sender = senderOf(record);
    const ofSender = this.#ofSenders.get(sender) ?? 0;
    if (known === undefined && ofSender >= MOST_CALLERS) {
      this.#left += 1;
      return;
    }
    if (known === undefined) this.#ofSenders.set(sender, ofSender + 1);
    const counted = known ?? { row, actors, own, sender, requests: 0, span: new Span(), latest: record };
    this.#callers.set(key, counted);
    counted.requests += 1;
    counted.span.add(record.time);
    if (compareTimes(counted.latest, record) < 0) counted.latest = record;
  }

  result(extent: ReadingExtent): Callers {
    const found = [...this.#callers.values()].sort(
      ({ row: a, ...one }, { row: b, ...other }) =>
        Number(b.mayBeReportedActor) - Number(a.mayBeReportedActor) ||
        other.requests - one.requests ||
        compareTimes(other.latest, one.latest),
    );
    // An account that forges requests of many callers must not hide the callers of other accounts.
    const counted = fewerInTurns(found, ({ sender }) => [sender], MOST_CALLERS);
    const shown = counted.reduce((sum, { requests }) => sum + requests, 0);
    const left = found.reduce((sum, { requests }) => sum + requests, this.#left) - shown;
    const all = counted.flatMap(({ actors }) => actors);
    const labels = labelsApart(all, actorLabel);
    const labelOf = new Map(all.map((actor, at) => [actor, labels[at] ?? '']));
    const callers = counted.map(
      ({ row: { status, ...row }, actors, own, requests, span: { first, last }, latest: { auditId } }) => {
        const names = own === undefined ? actors.map((actor) => labelOf.get(actor) ?? '') : [own];
        return { status, actors: names, ...row, requests, first, last, auditId };
      },
    );
    return { requests: this.#requests, callers, left, ...extent };
  }

  #rowOf({ attribution, caller }: AuditRecord): CallerCount['row'] {
    const { status, reason, candidates = [] } = attribution;
    return {
      status,
      reason,
      session: sessionText(caller),
      accessKeyId: caller.accessKeyId,
      username: caller.sessionName === undefined ? caller.username : undefined,
      mayBeReportedActor: candidates.some((each) => this.#people.some((person) => sameActor(each.actor, person))),
    };
  }
}

/** Compares the times of two requests, and then their audit IDs. */
function compareTimes(a: AuditRecord, b: AuditRecord): number {
  const [one, other] = [a, b].map(({ time }) => millisOf(time) ?? 0);
  return (one ?? 0) - (other ?? 0) || (a.auditId < b.auditId ? -1 : a.auditId > b.auditId ? 1 : 0);
}

/** Limits how many sessions are listed, and how many are remembered for each account. */
const MOST_SESSIONS = 100;

type SessionDescription = Omit<SessionUse, 'requests' | 'clusters' | 'first' | 'last' | 'flags'> & {
  readonly flags: readonly Flag[];
  readonly grantId: string | undefined;
};

interface SessionCounts {
  readonly described: SessionDescription;
  requests: number;
  readonly clusters: Set<string>;
  readonly flags: Set<Flag>;
  readonly span: Span;
  /** The accounts that sent the session's requests. Undefined stands for its grant. */
  readonly senders: Set<string | undefined>;
}

/** Collects the sessions of one person, as grants issued them and as requests used them. */
export class SessionsCollector {
  readonly #sessions = new Map<string, SessionCounts>();
  readonly #room = new RoomOfEach(MOST_SESSIONS);
  #left = 0;

  /** Adds the sessions of grants that were valid in the range, used or not. */
  addIssued(found: readonly SessionFound[], range: TimeRange): void {
    for (const session of found) {
      const validity = validityOf(session);
      if (validity !== undefined && reachesInto(validity, range)) this.#issued(session, validity);
    }
  }

  add(record: AuditRecord): void {
    const { caller, attribution } = record;
    const session = sessionText(caller);
    const { username } = caller;
    const described = {
      session,
      accessKeyId: caller.accessKeyId,
      username: session === undefined ? username : undefined,
      role: roleArnOf(record) ?? caller.roleId,
      ...describeAttribution(attribution),
    };
    const used = this.#usedOf(described, senderOf(record));
    if (used === undefined) return;
    used.requests += 1;
    const cluster = clusterText(record);
    if (cluster !== '') used.clusters.add(cluster);
    used.span.add(record.time);
  }

  result(): { readonly sessions: readonly SessionUse[]; readonly sessionsLeft: number } {
    const latest = ({ span: { last }, described }: SessionCounts) => millisOf(last ?? described.issuedAt) ?? 0;
    const all = [...this.#sessions.values()].sort((a, b) => latest(b) - latest(a));
    // An account that forges requests of many sessions must not hide the sessions of other accounts.
    const shown = fewerInTurns(all, ({ senders }) => [...senders], MOST_SESSIONS);
    const sessions = shown.map(({ described, requests, clusters, flags, span: { first, last } }): SessionUse => {
      const { grantId: _id, flags: _flags, ...use } = described;
      const flagged = flags.size > 0 && { flags: [...flags].sort() };
      return { ...use, requests, clusters: [...clusters].sort(), first, last, ...flagged };
    });
    return { sessions, sessionsLeft: this.#left + all.length - shown.length };
  }

  #issued({ session, accessKeyId, role, attribution, records }: SessionFound, { issuedAt, expiresAt }: Validity): void {
    // A flag that doubts the match between request and session belongs to the rows of requests only.
    const flags = attribution.flags.filter((flag) => records === undefined || !FLAG_ROWS[flag].isNameUnproven);
    const times = { issuedAt, expiresAt, flags };
    this.#usedOf(
      { session, accessKeyId, username: undefined, role, ...describeAttribution(attribution), ...times },
      undefined,
    );
  }

  /** Returns the counts of the session. Undefined if the sender already has as many sessions as are remembered. */
  #usedOf(described: SessionDescription, sender: string | undefined): SessionCounts | undefined {
    const key = keyOf(described);
    const known = this.#sessions.get(key);
    if (known !== undefined) {
      known.senders.add(sender);
      for (const flag of described.flags) known.flags.add(flag);
      return known;
    }
    if (!this.#room.take(sender)) {
      this.#left += 1;
      return undefined;
    }
    const flags = new Set(described.flags);
    const senders = new Set([sender]);
    const used = { described, requests: 0, clusters: new Set<string>(), flags, span: new Span(), senders };
    this.#sessions.set(key, used);
    return used;
  }
}

/**
 * Returns the role's ARN. It prefers the ARN from the grant, which has the role's path. A session's ARN has no path.
 */
function roleArnOf(record: AuditRecord): string | undefined {
  const { arns = [] } = roleOfRecord(record) ?? {};
  return arns.find((arn) => roleRef(arn) !== undefined) ?? arns[0];
}

/**
 * Returns a key that is equal for requests of one session: its grant and access key. Without a grant, it consists of
 * what the caller states.
 */
function keyOf({ session, username, accessKeyId, grantId: grant }: SessionDescription): string {
  return JSON.stringify(grant === undefined ? [session, username, accessKeyId] : [grant, accessKeyId]);
}

/** Returns what an attribution says about the session: how it was matched, and its grant. */
function describeAttribution({
  status,
  method,
  chain = [],
  use,
  uses,
  flags,
}: Attribution): Pick<
  SessionDescription,
  'status' | 'method' | 'flags' | 'eventIds' | 'issuedAt' | 'expiresAt' | 'grantId' | 'callerAccessKeyId'
> {
  const grant = lastGrant(chain);
  return {
    status,
    method,
    flags,
    eventIds: evidenceIds({ chain, use, uses }),
    issuedAt: grant?.issuedAt,
    expiresAt: grant?.expiresAt,
    grantId: grant?.eventIds.toSorted()[0],
    callerAccessKeyId: callerKeyOf(chain),
  };
}

function reachesInto({ issuedAt, expiresAt }: Validity, range: TimeRange): boolean {
  const [begin, end] = [millisOf(issuedAt), millisOf(expiresAt)];
  return (begin ?? 0) <= (range.to ?? Number.MAX_VALUE) && (end ?? Number.MAX_VALUE) >= (range.from ?? 0);
}

/** Limits how many roles are counted for each account. */
const MOST_ROLES = 100;

interface UsedRole {
  /** The role's ARN, with its path if a grant states it. Without an ARN, the role ID. */
  readonly role: string;
  readonly roleId: string | undefined;
  readonly requests: number;
  /** The time of the earliest request, in milliseconds. Requests with an unreadable time do not count. */
  readonly first: number;
  /** The accounts that sent these requests. */
  readonly senders: ReadonlySet<string | undefined>;
}

/**
 * Collects the roles that a person used in clusters. Requests can come in any order. Memory stays limited, however many
 * come.
 */
export class UsedRolesCollector {
  readonly #roles = new Map<string, UsedRole>();
  readonly #room = new RoomOfEach(MOST_ROLES);

  add(record: AuditRecord): void {
    const found = roleOfRecord(record);
    const role = roleTextOf(record);
    if (found === undefined || role === undefined) return;
    const { roleId } = found;
    const key = roleId ?? role;
    const known = this.#roles.get(key);
    const sender = senderOf(record);
    if (known === undefined && !this.#room.take(sender)) return;
    this.#roles.set(key, {
      role: known === undefined ? role : fuller(known.role, role),
      roleId,
      requests: (known?.requests ?? 0) + 1,
      first: Math.min(known?.first ?? Number.MAX_VALUE, millisOf(record.time) ?? Number.MAX_VALUE),
      senders: new Set([...(known?.senders ?? []), sender]),
    });
  }

  /**
   * Returns all roles except the known ones, which are given by ARN, ID or name. The accounts that sent the requests
   * take turns, so that forged roles hide no others. Within an account, the most used role comes first. Among equally
   * used roles, the one that was used first comes first.
   */
  but(known: readonly string[]): readonly string[] {
    const isKnown = ({ roleId, role }: UsedRole) => known.some((each) => isRole({ roleId, arns: [role] }, each));
    const others = [...this.#roles.values()].filter((each) => !isKnown(each));
    return inTurns(others.sort(mostUsedFirst), ({ senders }) => [...senders]).map(({ role }) => role);
  }
}

function mostUsedFirst(a: UsedRole, b: UsedRole): number {
  return b.requests - a.requests || a.first - b.first || (a.role < b.role ? -1 : 1);
}

/**
 * Returns the ARN or ID of the caller's role. A session's ARN becomes the role's ARN, without its path. Undefined if
 * the caller has no role.
 */
export function roleTextOf(record: AuditRecord): string | undefined {
  const { roleId, arns = [] } = roleOfRecord(record) ?? {};
  const granted = arns.find((arn) => roleRef(arn) !== undefined);
  const [of] = arns.flatMap((arn) => {
    const session = assumedRoleRef(arn);
    return session === undefined ? [] : pathlessRoleArn(session);
  });
  return granted ?? of ?? roleId;
}

/** Returns the longer text, since it says more about the role. An ID is shortest, and an ARN with a path longest. */
function fuller(a: string, b: string): string {
  if (a.length === b.length) return a < b ? a : b;
  return a.length > b.length ? a : b;
}
