import { sameActor } from '../../../attribution/actor.ts';
import { FLAGS, type Flag } from '../../../attribution/flags.ts';
import { isBeyondDoubt } from '../../../attribution/proof.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { shortenRecord } from '../../../claims/kept-record.ts';
import { parseInstant } from '../../../time.ts';
import type { RequestGroup, ShownRequests } from './outcomes.ts';
import { sessionIdentity, sessionOf } from './sessions-of-records.ts';

/** Limits the requests that an answer lists one by one. More are shown as groups only. */
const MOST_REQUESTS = 10;
/** Limits the groups of an answer. */
const MOST_GROUPS = 100;

/** Returns how an answer shows these requests: one by one if there are at most ten, and by caller. One record stands for each request. */
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

/** Returns whether every one of the requests is proven to be by the same actor. */
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
