import { type Attribution, isOwnWork } from '../../../attribution/attribution.ts';
import { FLAGS, type Flag, isAlerting } from '../../../attribution/flags.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { lastGrant, roleOfRecord } from '../../../attribution/role-of-record.ts';
import { type KeptAttribution, withFewCandidates } from '../../../claims/kept-record.ts';
import { roleRef } from '../../../identity/arn.ts';
import { senderOf } from '../../../identity/cluster.ts';
import { parseInstant } from '../../../time.ts';
import { fewerInTurns } from '../../../turns.ts';
import { usedElsewhere } from '../../../words/used-from.ts';
import { requestIdentity, Span, sessionText } from '../../activity/requests.ts';
import type { SessionFound } from './outcomes.ts';

/** Groups the records by session. The sessions are in the order of their first records, so newest first. */
export function sessionsOfRecords(records: readonly AuditRecord[]): readonly SessionFound[] {
  return [...Map.groupBy(records, sessionIdentity).values()].flatMap(sessionOf);
}

/**
 * Returns a key for the record's session and actor. The caller chooses the session name, so two people can have a
 * session with one name.
 */
export function sessionIdentity({ caller, attribution: { status, actor } }: AuditRecord): string {
  const { roleId, accountId, sessionName, accessKeyId, username, uid } = caller;
  const whose = [status, actor && [actor.id, actor.workload]];
  return JSON.stringify([roleId ?? accountId, sessionName ?? username, uid, accessKeyId, whose]);
}

/**
 * The maximum number of candidates of each session in a list. In a log without access keys, everybody who used a
 * session name is a candidate for every session with it.
 */
const MOST_CANDIDATES = 10;

/** Returns the attribution in the form for a list of sessions. */
export function listedAttribution(attribution: Attribution): KeptAttribution {
  return withFewCandidates(attribution, MOST_CANDIDATES);
}

/**
 * Returns the records as one session: that of the first record. Empty if there are no records.
 * @param records the records, the newest first.
 */
export function sessionOf(records: readonly AuditRecord[]): SessionFound[] {
  const [latest] = records;
  if (latest === undefined) return [];
  const { roleId, accessKeyId, username } = latest.caller;
  const roleArns = roleOfRecord(latest)?.arns ?? [];
  const session = sessionText(latest.caller);
  return [
    {
      session,
      accessKeyId,
      username: session === undefined || latest.attribution.status === 'system' ? username : undefined,
      role: roleArns.find((arn) => roleRef(arn) !== undefined) ?? roleArns[0] ?? roleId,
      from: records.findLast(({ time }) => time !== undefined)?.time,
      to: records.find(({ time }) => time !== undefined)?.time,
      records: records.length,
      requests: new Set(records.map(requestIdentity)).size,
      ips: latestOf(records, ({ source }) => source?.ips?.at(-1)),
      userAgents: latestOf(records, ({ source }) => source?.userAgent),
      attribution: listedAttribution(latest.attribution),
    },
  ];
}

interface CountedUse {
  readonly span: Span;
  readonly flags: Set<Flag>;
  readonly ips: LatestValues;
  readonly userAgents: LatestValues;
  records: number;
  /**
   * One of the records, if the cluster itself made all of the requests. Otherwise undefined, because the grant says who
   * made them.
   */
  ofSystem: AuditRecord | undefined;
}

/** Counts the uses of sessions that were found by their grants, so that the answer says when each was used. */
export class GrantedUses {
  readonly #granted: readonly SessionFound[];
  readonly #byKey: ReadonlyMap<string | undefined, readonly SessionFound[]>;
  readonly #byName: ReadonlyMap<string | undefined, readonly SessionFound[]>;
  readonly #uses = new Map<SessionFound, CountedUse>();

  constructor(granted: readonly SessionFound[]) {
    this.#granted = granted;
    this.#byKey = Map.groupBy(granted, ({ accessKeyId }) => accessKeyId);
    this.#byName = Map.groupBy(granted, ({ session }) => session);
  }

  /**
   * Counts a record for its session. The grant in the record's chain identifies the session. Its name and key ID do
   * not, because sessions can share a name, and AWS can issue a key ID again.
   */
  add(record: AuditRecord): void {
    const { caller, attribution, time } = record;
    const { accessKeyId } = caller;
    const ofKey = accessKeyId === undefined ? [] : (this.#byKey.get(accessKeyId) ?? []);
    const found = accessKeyId === undefined ? (this.#byName.get(sessionText(caller)) ?? []) : ofKey;
    const issuedAt = lastGrant(attribution.chain)?.issuedAt;
    const isOfGrant = (each: SessionFound) => issuedAt !== undefined && validityOf(each)?.issuedAt === issuedAt;
    const session = ofKey.length === 1 ? ofKey[0] : found.find(isOfGrant);
    if (session === undefined) return;
    const use = this.#uses.get(session) ?? {
      span: new Span(),
      flags: new Set(session.attribution.flags),
      ips: new LatestValues(),
      userAgents: new LatestValues(),
      records: 0,
      ofSystem: record,
    };
    if (attribution.status !== 'system') use.ofSystem = undefined;
    use.records += 1;
    use.span.add(time);
    use.ips.add(record.source?.ips?.at(-1), record);
    use.userAgents.add(record.source?.userAgent, record);
    for (const flag of attribution.flags) use.flags.add(flag);
    this.#uses.set(session, use);
  }

  /**
   * Returns the sessions. Those that were used have the times of their first and last use, and the flags of their
   * records.
   */
  sessions(): readonly SessionFound[] {
    return this.#granted.map((session) => {
      const use = this.#uses.get(session);
      if (use === undefined) return session;
      const { span, flags, ips, userAgents, records, ofSystem } = use;
      const by = ofSystem === undefined ? session.attribution : listedAttribution(ofSystem.attribution);
      const attribution = { ...by, flags: FLAGS.filter((flag) => flags.has(flag)) };
      const username = ofSystem === undefined ? session.username : ofSystem.caller.username;
      const used = { from: span.first, to: span.last, records, ips: ips.values, userAgents: userAgents.values };
      return { ...session, username, ...used, attribution };
    });
  }
}

/** The time in which the credentials of a session are valid. */
export interface Validity {
  readonly issuedAt?: string | undefined;
  readonly expiresAt?: string | undefined;
}

/**
 * Returns when the session's credentials are valid, according to its grant. Undefined if no grant is known, or for a
 * service account token.
 */
export function validityOf({ from, to, records, attribution }: SessionFound): Validity | undefined {
  if (attribution.chain?.at(-1)?.eventName === 'TokenRequest') return undefined;
  return lastGrant(attribution.chain) ?? (records === undefined ? { issuedAt: from, expiresAt: to } : undefined);
}

/**
 * Returns a sentence that says where the credentials of a session were issued to, and from which other public source
 * IP they were used.
 * Undefined if they were not used elsewhere.
 */
export function elsewhereText({ attribution, ips = [], userAgents = [] }: SessionFound): string | undefined {
  const [userAgent] = userAgents.length === 1 ? userAgents : [];
  return usedElsewhere(
    attribution,
    ips.map((ip) => ({ ips: [ip], userAgent })),
  );
}

/**
 * Sorts the sessions for a list. First come sessions that somebody else may have used. Those have another source IP
 * than the grant, or a client that nodes do not use. Among these and among the others, the latest use comes first.
 */
export function isSuspicious(attribution: Attribution, isElsewhere: boolean): boolean {
  const { actor, candidates, flags } = attribution;
  const isNobody = actor === undefined && candidates === undefined && !isOwnWork(attribution);
  return isNobody || isElsewhere || flags.some(isAlerting);
}

/** Sorts the sessions for a list. Suspicious ones come first. Then the one with the latest use comes first. */
export function mostSuspiciousFirst(sessions: readonly SessionFound[]): readonly SessionFound[] {
  const ranks = sessions.map((session) => {
    const isFirst = isSuspicious(session.attribution, elsewhereText(session) !== undefined);
    return { session, isFirst, last: lastUse(session) };
  });
  return ranks.sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.last - a.last).map(({ session }) => session);
}

/**
 * Returns when the session was last used, in epoch milliseconds. For a session without requests, returns when it was
 * issued.
 */
export function lastUse({ from, to, records }: SessionFound): number {
  return parseInstant((records === undefined ? from : (to ?? from)) ?? '') ?? 0;
}

/** The maximum number of source IPs and of user agents for each session in a list. */
const MOST_SOURCES = 3;

/**
 * Collects the latest distinct values from records in any order, at most three. The accounts that sent the records take
 * turns.
 */
class LatestValues {
  /** For each account that sent records: the time of the latest record with each value, in epoch milliseconds. */
  readonly #times = new Map<string | undefined, Map<string, number>>();

  add(value: string | undefined, record: AuditRecord): void {
    if (value === undefined) return;
    const sender = senderOf(record);
    const times = this.#times.get(sender) ?? new Map<string, number>();
    this.#times.set(sender, times);
    times.set(value, Math.max(times.get(value) ?? 0, parseInstant(record.time ?? '') ?? 0));
    if (times.size > MOST_SOURCES) times.delete(latestFirst(times).at(-1) ?? value);
  }

  /** The values, latest first. Undefined if there are none. */
  get values(): readonly string[] | undefined {
    const latest = new Map<string, number>();
    for (const times of this.#times.values())
      for (const [value, time] of times) latest.set(value, Math.max(latest.get(value) ?? 0, time));
    const sendersOf = (value: string) =>
      [...this.#times].filter(([, times]) => times.has(value)).map(([sender]) => sender);
    return latest.size === 0 ? undefined : fewerInTurns(latestFirst(latest), sendersOf, MOST_SOURCES);
  }
}

function latestFirst(times: ReadonlyMap<string, number>): readonly string[] {
  return [...times].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

/** Returns the latest distinct values of a field. Undefined if there are none. */
function latestOf(
  records: readonly AuditRecord[],
  textOf: (record: AuditRecord) => string | undefined,
): readonly string[] | undefined {
  const latest = new LatestValues();
  for (const record of records) latest.add(textOf(record), record);
  return latest.values;
}
