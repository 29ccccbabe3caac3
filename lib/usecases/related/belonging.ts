import type { RecordHead } from '../../attribution/record.ts';
import { firstWhere } from '../../by-halves.ts';
import { sessionOf } from '../../claims/identity.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { serviceAccountOf } from '../../identity/service-account.ts';
import { timeOf } from '../activity/requests.ts';
import { RESOURCES } from './namespace-reading.ts';
import { AROUND } from './session-around.ts';

/** Which records a question of `related` can be about, so that whoever reads them once keeps no others. */
export type Belonging = (head: RecordHead) => boolean;

/**
 * Of the requests that bear the audit id: themselves, what their sessions did around them, what was done in their namespaces. A
 * client may give all that it does one id, so that each record is looked up among them, not compared with each.
 */
export function belongingTo(auditId: AuditId, requests: readonly RecordHead[]): Belonging {
  const namespaces = new Set(requests.flatMap(({ caller }) => serviceAccountOf(caller.username)?.namespace ?? []));
  const times = timesOf(requests);
  return (head) => {
    if (head.auditId === auditId) return true;
    const { namespace, resource = '', subresource, apiGroup = '' } = head.request ?? {};
    const group = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
    const name = subresource === undefined ? group : `${group}/${subresource}`;
    if (namespace !== undefined && namespaces.has(namespace) && RESOURCES.includes(name)) return true;
    const at = timeOf(head);
    return at !== undefined && whoseOf(head).some((whose) => isNear(at, times.get(whose)));
  };
}

/** When the requests of each user, and of each session, were: the earliest first. */
function timesOf(requests: readonly RecordHead[]): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const head of requests) {
    const at = timeOf(head);
    if (at === undefined) continue;
    for (const whose of whoseOf(head)) {
      const known = times.get(whose);
      if (known === undefined) times.set(whose, [at]);
      else known.push(at);
    }
  }
  for (const each of times.values()) each.sort((a, b) => a - b);
  return times;
}

/** The user as which it was made, and the session where that is known. */
function whoseOf({ caller }: RecordHead): readonly string[] {
  const { uid, username } = caller;
  const session = sessionOf({ ...caller, userId: uid?.split(':').at(-1) });
  const user = JSON.stringify([uid ?? null, username ?? null]);
  return session === undefined ? [user] : [user, `session ${session}`];
}

/** Whether any of the times, the earliest first, lies around it. */
function isNear(at: number, times: readonly number[] = []): boolean {
  const next = times[firstWhere(times, (time) => time >= at - AROUND)];
  return next !== undefined && next <= at + AROUND;
}
