import { type Actor, sameActor } from '../../../attribution/actor.ts';
import { actorName, LabelsInList, labelsApart } from '../../../attribution/actor-names.ts';
import { FLAG_ROWS, FLAGS, type Flag } from '../../../attribution/flags.ts';
import { isBeyondDoubt, isTiedToGrant } from '../../../attribution/proof.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { type KeptAttribution, shortenRecord } from '../../../claims/kept-record.ts';
import { parseInstant } from '../../../time.ts';
import { methodWords } from '../../../words/certainty.ts';
import type { RequestGroup, ShownRequests } from './outcomes.ts';
import { sessionIdentity, sessionOf } from './sessions-of-records.ts';

/** The maximum number of requests that an answer lists one by one. If there are more, it shows only groups. */
const MOST_REQUESTS = 10;
/** The maximum number of callers or clusters in one sentence. */
export const MOST_PHRASES = 5;
/** The maximum number of groups in an answer. */
const MOST_GROUPS = 100;

/**
 * Returns the requests as answers show them: grouped by caller, and also one by one if at most ten.
 * @param records one record for each request.
 */
export function shownRequests(records: readonly AuditRecord[]): ShownRequests {
  const newestFirst = records.toSorted((a, b) => timeOf(b) - timeOf(a));
  const groups = [...Map.groupBy(newestFirst, groupKey).values()].flatMap(groupOf);
  const left = groups.length - MOST_GROUPS;
  return {
    ...(records.length <= MOST_REQUESTS && { listed: newestFirst.map(shortenRecord) }),
    groups: groups.slice(0, MOST_GROUPS),
    ...(left > 0 && { groupsLeft: left }),
  };
}

/** Returns whether all of the requests are proven to be by the same actor. */
export function areAllByOne([first, ...others]: readonly AuditRecord[]): boolean {
  const actor = first?.attribution.actor;
  if (first === undefined || actor === undefined || !isBeyondDoubt(first.attribution)) return false;
  return others.every(
    ({ attribution }) =>
      isBeyondDoubt(attribution) && attribution.actor !== undefined && sameActor(attribution.actor, actor),
  );
}

function groupKey(record: AuditRecord): string {
  const { actor } = record.attribution;
  if (actor === undefined || !isBeyondDoubt(record.attribution)) return sessionIdentity(record);
  return JSON.stringify(['person', actor.id, actor.workload]);
}

function groupOf(records: readonly AuditRecord[]): RequestGroup[] {
  const isOfOneSession = new Set(records.map(sessionIdentity)).size === 1;
  const raised = new Set<Flag>(records.flatMap(({ attribution: { flags } }) => flags));
  return sessionOf(records).map(({ session, username, role, accessKeyId: _, records: _all, ...group }) => ({
    ...(isOfOneSession && { session, username, role }),
    ...group,
    requests: records.length,
    accessKeyIds: [...new Set(records.flatMap(({ caller }) => caller.accessKeyId ?? []))],
    attribution: { ...group.attribution, flags: FLAGS.filter((flag) => raised.has(flag)) },
  }));
}

function timeOf({ time }: AuditRecord): number {
  return parseInstant(time ?? '') ?? 0;
}

/**
 * Returns the groups as a phrase. Groups of one actor follow each other. If several actors share a name, the account
 * follows each name.
 * @example `2 by an unidentified caller with the access key ASIA… from 45.83.64.11, 1 by ben.okafor`
 */
export function groupsText({ groups = [], groupsLeft = 0 }: Partial<ShownRequests>): string {
  const names = new LabelsInList();
  for (const { actor } of groups.map(({ attribution }) => attribution)) if (actor) names.add(labelOf(actor));
  const callers = new Map<string, { requests: number; who: string }>();
  for (const [at, group] of groups.entries()) {
    const who = callerText(group, names);
    const key = group.attribution.actor === undefined ? String(at) : `${group.attribution.actor.id} ${who}`;
    callers.set(key, { requests: (callers.get(key)?.requests ?? 0) + group.requests, who });
  }
  const phrases = [...callers.values()].slice(0, MOST_PHRASES).map(({ requests, who }) => `${requests} by ${who}`);
  const more = callers.size + groupsLeft - MOST_PHRASES;
  return [...phrases, ...(more > 0 ? [more === 1 ? '1 more caller' : `${more} more callers`] : [])].join(', ');
}

function labelOf(actor: Actor) {
  return { id: actor.id, label: actorName(actor) };
}

function callerText(group: RequestGroup, names: LabelsInList): string {
  const { attribution, session, username } = group;
  if (attribution.actor !== undefined) {
    const name = names.labelOf(labelOf(attribution.actor));
    return isBeyondDoubt(attribution) ? name : `${name} (${doubtText(attribution)})`;
  }
  if (attribution.status !== 'system') return unnamedText(group);
  // The cluster's own callers, AWS and service accounts have a username. A caller whose credentials were refused has
  // none.
  return (
    username ??
    session ??
    `${group.requests === 1 ? 'an unauthenticated caller' : 'unauthenticated callers'}${fromText(group)}`
  );
}

/** Returns the source IPs of a group as the end of a phrase: ` from 198.51.100.7 and 192.0.2.1`. Empty without one. */
function fromText({ ips = [] }: RequestGroup): string {
  return ips.length === 0 ? '' : ` from ${ips.join(' and ')}`;
}

/** Returns a sentence that says why the actor is in doubt: the status, a weak method or a flag. */
function doubtText({ status, method, flags, provisional }: KeptAttribution): string {
  if (status === 'partial') return 'the proof ends before the person';
  if (method !== undefined && method !== 'direct' && !isTiedToGrant(method)) return `by ${methodWords(method)} only`;
  const [flag] = flags.filter((each) => FLAG_ROWS[each].isNameUnproven);
  if (flag !== undefined) return `doubted: ${flag}`;
  return provisional ? 'can still change' : 'not proven';
}

/**
 * Returns a phrase for a group without an actor. It names the candidates, or else an unidentified caller by access key,
 * username or session, with the source IPs.
 */
function unnamedText(group: RequestGroup): string {
  const { attribution, session, username } = group;
  const [accessKeyId] = group.accessKeyIds;
  const sign = accessKeyId === undefined ? (username ?? session) : `the access key ${accessKeyId}`;
  const candidates = (attribution.candidates ?? []).map(({ actor }) => actor);
  const all = candidates.length + (attribution.candidatesLeftOut ?? 0);
  const shown = labelsApart(candidates, actorName).slice(0, 3).join(', ');
  const who = candidates.length === 0 ? 'an unidentified caller' : `one of ${all} candidates (${shown})`;
  const from = candidates.length > 0 ? '' : fromText(group);
  return `${sign === undefined ? who : `${who} with ${sign}`}${from}`;
}
