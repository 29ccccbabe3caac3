import type { Actor } from '../../attribution/actor.ts';
import {
  type Attribution,
  type ChainLink,
  isOwnWork,
  type ShowingUse,
  type UseLink,
} from '../../attribution/attribution.ts';
import { DistinctActors } from '../../attribution/distinct-actors.ts';
import { lastGrant } from '../../attribution/role-of-record.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { assumedRoleRef, pathlessRoleArn } from '../../identity/arn.ts';
import { clusterText } from '../../identity/cluster.ts';
import { isWorkloadAccount } from '../../identity/service-account.ts';
import { isInstanceId } from '../../identity/session-name.ts';
import { textAt } from '../../json.ts';
import { usedElsewhere } from '../../words/used-from.ts';
import { roleTextOf } from '../activity/people.ts';
import { millisOf } from '../activity/requests.ts';
import {
  type AnythingAnswer,
  type AttributedOutcome,
  isUndecided,
  requestOf,
  type SessionFound,
  type SubjectAnswer,
} from '../query/anything/outcomes.ts';
import { elsewhereText, isSuspicious } from '../query/anything/sessions-of-records.ts';
import type { AnonymousSource, NodeIdentity, Standing, WorkloadIdentity } from './report.ts';

/** The subject of a section: an actor, a candidate, an unidentified session or the cluster itself. */
export interface IncidentParty {
  readonly standing: Standing;
  readonly actor?: Actor | undefined;
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly attribution: Attribution;
  readonly chain: readonly ChainLink[];
  readonly use?: UseLink | undefined;
  readonly uses?: readonly ShowingUse[] | undefined;
  readonly role?: string | undefined;
  readonly anonymous?: AnonymousSource | undefined;
  readonly node?: NodeIdentity | undefined;
  readonly workload?: WorkloadIdentity | undefined;
  /** False if not everything was searched for the answer. */
  readonly complete?: false;
}

/** A party, with the facts that decide the order of the sections. */
interface FoundParty {
  readonly party: IncidentParty;
  /** The times of the first and the last use. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Whether the credentials were used from a source IP other than the one that they were issued to. */
  readonly isElsewhere?: boolean;
}

/** Returns everyone who is or may be behind the subject, each once, in the order of the sections (CONTRACT, 11.51). */
export function incidentParties({ found }: AnythingAnswer, range: PartyRange): readonly IncidentParty[] {
  const actors = new DistinctActors();
  const sessions = new Set<string>();
  const middle = (range.from + range.to) / 2;
  const ranked = found.flatMap(partiesOf).map((each) => ({
    ...each,
    rank: [distance(each, range), Number(!isSuspicious(each.party.attribution, each.isElsewhere === true))],
  }));
  const all = sortedBy(ranked, (each) => [...each.rank, distance(each, { from: middle, to: middle })]);
  const letIn = new Set(all.flatMap(({ party: { anonymous, session } }) => (anonymous === undefined ? [] : [session])));
  const distinct = all
    .filter(({ party: { anonymous, session, standing } }) => {
      // An earlier stage was not let in, or another request with the same audit ID. The section of the requests that
      // were let in lists it.
      return anonymous !== undefined || standing !== 'system' || !letIn.has(session);
    })
    .filter(({ party: { actor, session, standing, anonymous, workload } }) => {
      if (actor !== undefined) return actors.add(actor);
      const { size } = sessions;
      return (
        sessions.add(JSON.stringify([session ?? null, standing, (anonymous ?? workload)?.cluster, anonymous?.ip]))
          .size > size
      );
    });
  return sortedBy(distinct, ({ rank, from }) => [...rank, millisOf(from) ?? Number.MAX_SAFE_INTEGER]).map(
    ({ party }) => party,
  );
}

interface PartyRange {
  readonly from: number;
  readonly to: number;
}

/** Sorts by the first number, then by the second one, and so on. The smallest comes first. */
function sortedBy<T>(all: readonly T[], keysOf: (each: T) => readonly number[]): readonly T[] {
  const keyed = all.map((each) => ({ each, keys: keysOf(each) }));
  const compare = (a: readonly number[], b: readonly number[]) =>
    a.map((key, at) => key - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  return keyed.toSorted((a, b) => compare(a.keys, b.keys)).map(({ each }) => each);
}

/** Returns the parties of one answer. For an audit ID, these are all callers that used it, because a client can send the audit ID of another request. */
function partiesOf(found: SubjectAnswer): readonly FoundParty[] {
  const { outcome } = found;
  if (outcome.kind === 'attributed' && outcome.records !== undefined)
    return outcome.records.flatMap((record) => {
      const { attribution, caller, time, source } = record;
      const isElsewhere = usedElsewhere(attribution, source === undefined ? [] : [source]) !== undefined;
      return partiesOfAttribution(attribution, { caller, record }).map((party) => ({
        party,
        from: time,
        to: time,
        isElsewhere,
      }));
    });
  if (outcome.kind === 'attributed') {
    const { cluster, ips } = requestOf(found) ?? {};
    return [
      ...partiesOfAttribution(outcome.attribution, outcome, { cluster, ip: ips?.at(-1) }).map((whom) => ({
        party: withRoleOf(outcome, whom),
        isElsewhere: outcome.used?.some((session) => elsewhereText(session) !== undefined) === true,
      })),
      ...partiesOfSessions(outcome.unidentified ?? [], true),
    ];
  }
  if (outcome.kind === 'not-known') return [];
  const { cluster } = requestOf(found) ?? {};
  const mayBeOther = isUndecided(outcome) || outcome.ambiguousName === true;
  return partiesOfSessions(outcome.sessions, mayBeOther, { cluster });
}

/**
 * Returns the party with the name of the role to which its node's key belongs. Only requests in the audit log state the
 * role.
 */
function withRoleOf({ used }: AttributedOutcome, whom: IncidentParty): IncidentParty {
  const session = whom.node && assumedRoleRef(used?.[0]?.role);
  return session === undefined ? whom : { ...whom, role: pathlessRoleArn(session) };
}

/**
 * Returns the parties of these sessions.
 * @param mayBeOther whether somebody else is possible too. Then actors become candidates.
 */
function partiesOfSessions(
  sessions: readonly SessionFound[],
  mayBeOther: boolean,
  place: AnonymousSource = {},
): FoundParty[] {
  return sessions.flatMap((found) => {
    const { attribution, session, accessKeyId, username, role, from, to } = found;
    const caller = { accessKeyId, session: session ?? username };
    const isElsewhere = elsewhereText(found) !== undefined;
    return partiesOfAttribution(attribution, { caller }, place).map((whom) => ({
      party: {
        ...whom,
        standing: mayBeOther && whom.standing === 'actor' ? 'candidate' : whom.standing,
        role: whom.role ?? role,
      },
      from,
      to,
      isElsewhere,
    }));
  });
}

/**
 * Returns how far the uses are from the time range, in milliseconds. Returns 0 if they overlap with it, or if no time
 * is known.
 */
function distance({ from, to }: FoundParty, range: PartyRange): number {
  const first = millisOf(from) ?? millisOf(to);
  if (first === undefined) return 0;
  return Math.max(0, first - range.to, range.from - (millisOf(to) ?? first));
}

/**
 * Returns the parties of an attribution.
 * @param place the cluster and the source IP as the text states them. They count if there is no record.
 */
function partiesOfAttribution(
  attribution: Attribution,
  { caller, record, isComplete }: Pick<AttributedOutcome, 'caller' | 'record' | 'isComplete'>,
  place: AnonymousSource = {},
): IncidentParty[] {
  const stated = textAt({ ...caller }, 'roleId');
  const accessKeyId = textAt({ ...caller }, 'accessKeyId');
  const withRole = (chain: readonly ChainLink[]) => {
    const grant = lastGrant(chain);
    const role = grant?.roleArn ?? grant?.roleId ?? record?.caller.roleId ?? stated;
    return { accessKeyId, chain, role, ...(isComplete === false && { complete: isComplete }) };
  };
  const { actor, candidates, chain = [], use, uses, status } = attribution;
  if (actor !== undefined) return [{ standing: 'actor', actor, attribution, use, uses, ...withRole(chain) }];
  if (candidates !== undefined)
    return candidates.map((each) => ({
      standing: 'candidate',
      actor: each.actor,
      attribution,
      use: each.use,
      uses: each.uses,
      ...withRole(each.chain),
    }));
  const node = nodeOf({ ...caller });
  const standing = status === 'system' && (node === undefined || isOwnWork(attribution)) ? 'system' : 'session';
  const isLetIn = standing === 'system' && attribution.flags.includes('anonymous-access');
  const anonymous = isLetIn ? anonymousSource(record, place) : undefined;
  const workload = standing === 'system' ? workloadOf({ ...caller }, record, place) : undefined;
  const ofNode = node && record && { node, role: roleTextOf(record) };
  return [
    {
      standing,
      session: sessionOf({ ...caller }),
      attribution,
      ...withRole([]),
      anonymous,
      ...(ofNode ?? { node }),
      ...(workload && { workload }),
    },
  ];
}

/** Returns the node whose credentials the caller has. Undefined if they are not a node's. */
function nodeOf(caller: Readonly<Record<string, unknown>>): NodeIdentity | undefined {
  const [kind, username = '', instance = ''] = ['kind', 'username', 'sessionName'].map((name) => textAt(caller, name));
  if (kind !== 'kubernetes-node') return undefined;
  return { name: username.replace(/^system:node:/, ''), ...(isInstanceId(instance) && { instance }) };
}

/** Returns the service account in its cluster. Undefined for other callers. */
function workloadOf(
  caller: Readonly<Record<string, unknown>>,
  record: AttributedOutcome['record'],
  { cluster }: AnonymousSource,
): WorkloadIdentity | undefined {
  const username = textAt(caller, 'username') ?? textAt(caller, 'session');
  if (username === undefined || !isWorkloadAccount(username, caller.pod !== undefined)) return undefined;
  return { username, cluster: (record && clusterText(record)) || cluster };
}

function anonymousSource(record: AttributedOutcome['record'], place: AnonymousSource): AnonymousSource {
  return {
    cluster: (record && clusterText(record)) || place.cluster,
    ip: record?.source?.ips?.at(-1) ?? place.ip,
    reason: record?.authorization?.reason,
  };
}

/**
 * Returns the caller's access key, or else `AROA…:<name>`, or else the username. An access key belongs to one session
 * only.
 */
function sessionOf(caller: Readonly<Record<string, unknown>>): string | undefined {
  const at = (name: string) => textAt(caller, name);
  const key = at('accessKeyId');
  if (key !== undefined && isAccessKeyId(key)) return key;
  const [roleId, accountId, sessionName] = [at('roleId'), at('accountId'), at('sessionName')];
  const stated = (roleId ?? accountId) !== undefined && sessionName !== undefined;
  return stated ? `${roleId ?? accountId}:${sessionName}` : (at('session') ?? at('username') ?? at('uid'));
}
