import { sha256 } from '../../lib/adapters/digest.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { roleUser } from '../builders/audit-event.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { drawFrom } from '../oracle/draw.ts';

/** So many of the last days. `.ci/run` has fewer: as many records an hour, and so the same pages, but not as many records in all. */
const DAYS = Number(process.env.EKS_WHOIS_MILLION_DAYS ?? 30);
/** A million in 30 days. */
export const RECORDS = Math.round((DAYS * 1_000_000) / 30);
const CLUSTERS = ['prod', 'staging'];
export const NAMESPACES = ['shop', 'pay', 'ops', 'ci', 'kube-system', '-'];
const TEAMS = 8;
/** Five of each team. */
const USERS = Array.from({ length: 5 * TEAMS }, (_, at) => `user-${at}`);
/** The people who came in the last week, and those of the last day. */
export const LATE = ['late-0', 'late-1', 'late-2'];
export const NEW = 'new-0';

/** The fields of a record that questions use. */
export interface Fact {
  readonly number: number;
  readonly at: EpochMillis;
  readonly cluster: string;
  readonly namespace: string;
  readonly who: string;
}

export const teamOf = (who: string) => `team-${Number(who.replace(/\D/g, '')) % TEAMS}`;
export const auditIdOf = ({ number }: Fact) => `event-${number}`;
export const objectOf = ({ number }: Fact) => (number % 1_000 === 0 ? 'feature-flags' : `web-${number}`);

/** One record of each kind, from which the others are made. */
const PATTERNS = new Map([...USERS, ...LATE, NEW].map((who) => [who, patternOf(who)]));

function patternOf(who: string): StoredRecord {
  const key = `ASIA${who.toUpperCase().replace('-', '')}SESSION0001`;
  const role = { roleName: teamOf(who), roleId: `AROA${teamOf(who).toUpperCase().replace('-', '')}00000000001` };
  return storedRecord({ user: roleUser({ session: who, key, ...role }) }, [
    grant({ id: who, session: who, key, by: iamUser(who), ...role }),
  ]);
}

/** Spread evenly over the days, in no order. */
export function factsOfWorld(): readonly Fact[] {
  const draw = drawFrom(7);
  const week = [...USERS, ...LATE];
  const day = [...week, NEW];
  return Array.from({ length: RECORDS }, (_, number): Fact => {
    const at = epochMillis(NOW - draw.below(DAYS * DAY));
    const there = at > NOW - DAY ? day : at > NOW - 7 * DAY ? week : USERS;
    return { number, at, cluster: draw.pick(CLUSTERS), namespace: draw.pick(NAMESPACES), who: draw.pick(there) };
  });
}

export function recordOf(fact: Fact): StoredRecord {
  const pattern = PATTERNS.get(fact.who);
  if (pattern === undefined) throw new Error('no pattern');
  const { request, ...rest } = pattern.record;
  const { namespace: _, ...inNone } = request ?? {};
  return {
    ...pattern,
    id: sha256(`event ${fact.number}`),
    at: fact.at,
    record: {
      ...rest,
      auditId: auditIdOf(fact) as typeof rest.auditId,
      time: new Date(fact.at).toISOString(),
      cluster: fact.cluster,
      request: { ...inNone, ...(fact.namespace !== '-' && { namespace: fact.namespace }), name: objectOf(fact) },
    },
  };
}
