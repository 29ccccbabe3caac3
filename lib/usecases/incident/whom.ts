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
import type { AnonymousSource, NodeIdentity, Standing, WorkloadIdentity } from './report.ts';

/** An actor, a candidate, an unidentified session or the cluster itself, as the subject of a section. */
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

/** Returns everyone who is, or may be, behind the subject, each once, by the session nearest to the middle of the range. */
export function incidentParties(
  { found }: AnythingAnswer,
  { from, to }: { readonly from: number; readonly to: number },
): readonly IncidentParty[] {
  const actors = new DistinctActors();
  const sessions = new Set<string>();
  const all = found.flatMap((each) => partiesOf(each, (from + to) / 2));
  const letIn = new Set(all.flatMap(({ anonymous, session }) => (anonymous === undefined ? [] : [session])));
  return all
    .filter(({ anonymous, session, standing }) => {
      // An earlier stage, or another request with the audit ID, was not let in. The section of the requests that
      // were let in lists it.
      return anonymous !== undefined || standing !== 'system' || !letIn.has(session);
    })
    .filter(({ actor, session, standing, anonymous, workload }) => {
      if (actor !== undefined) return actors.add(actor);
      const { size } = sessions;
      return (
        sessions.add(JSON.stringify([session ?? null, standing, (anonymous ?? workload)?.cluster, anonymous?.ip]))
          .size > size
      );
    });
}

/** Returns the parties of one answer. For an audit ID, these are all callers that used it, because a client can send the audit ID of another request. */
function partiesOf(found: SubjectAnswer, middle: number): readonly IncidentParty[] {
  const { outcome } = found;
  if (outcome.kind === 'attributed' && outcome.records !== undefined)
    return outcome.records.flatMap((record) =>
      partiesOfAttribution(record.attribution, { caller: record.caller, record }),
    );
  if (outcome.kind === 'attributed') {
    const { cluster, ips } = requestOf(found) ?? {};
    return [
      ...partiesOfAttribution(outcome.attribution, outcome, { cluster, ip: ips?.at(-1) }).map((whom) =>
        withRoleOf(outcome, whom),
      ),
      ...partiesOfSessions(outcome.unidentified ?? [], true),
    ];
  }
  if (outcome.kind === 'not-known') return [];
  const { cluster } = requestOf(found) ?? {};
  const mayBeOther = isUndecided(outcome) || outcome.ambiguousName === true;
  const nearestFirst = outcome.sessions.toSorted((a, b) => distance(a, middle) - distance(b, middle));
  return partiesOfSessions(nearestFirst, mayBeOther, { cluster });
}

/** Adds the name of the role to which a node's key belongs. Only requests with the key in the audit log state it. */
function withRoleOf({ used }: AttributedOutcome, whom: IncidentParty): IncidentParty {
  const session = whom.node && assumedRoleRef(used?.[0]?.role);
  return session === undefined ? whom : { ...whom, role: pathlessRoleArn(session) };
}

/** Returns the parties for these sessions. If somebody else is possible too, an actor is only a candidate. */
function partiesOfSessions(
  sessions: readonly SessionFound[],
  mayBeOther: boolean,
  place: AnonymousSource = {},
): IncidentParty[] {
  return sessions.flatMap(({ attribution, session, accessKeyId, username, role }) => {
    const caller = { accessKeyId, session: session ?? username };
    return partiesOfAttribution(attribution, { caller }, place).map((whom) => ({
      ...whom,
      standing: mayBeOther && whom.standing === 'actor' ? 'candidate' : whom.standing,
      role: whom.role ?? role,
    }));
  });
}

/** Returns how far a session is from a time, in milliseconds. It is 0 if the session was valid or used at that time. */
function distance({ from, to }: SessionFound, time: number): number {
  const first = millisOf(from) ?? millisOf(to);
  if (first === undefined) return Number.MAX_SAFE_INTEGER;
  return Math.max(0, first - time, time - (millisOf(to) ?? first));
}

/**
 * Returns the parties of an attribution.
 * @param place is the cluster and the source IP as the text states them. It is used if there is no record.
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

/** Returns the node whose credentials the caller has. Undefined if it is no node. */
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

/** Returns the access key, which one session has, else `AROA…:<name>`, else the username. */
function sessionOf(caller: Readonly<Record<string, unknown>>): string | undefined {
  const at = (name: string) => textAt(caller, name);
  const key = at('accessKeyId');
  if (key !== undefined && isAccessKeyId(key)) return key;
  const [roleId, accountId, sessionName] = [at('roleId'), at('accountId'), at('sessionName')];
  const stated = (roleId ?? accountId) !== undefined && sessionName !== undefined;
  return stated ? `${roleId ?? accountId}:${sessionName}` : (at('session') ?? at('username') ?? at('uid'));
}
