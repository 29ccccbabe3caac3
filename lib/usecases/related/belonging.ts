import type { RecordHead } from '../../attribution/record.ts';
import { sessionOf } from '../../claims/identity.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { serviceAccountOf } from '../../identity/service-account.ts';
import { parseInstant } from '../../time.ts';
import { RESOURCES } from './namespace-reading.ts';
import { AROUND } from './session-around.ts';

/** Which records a question of `related` can be about, so that whoever reads them once keeps no others. */
export type Belonging = (head: RecordHead) => boolean;

/** Of the requests that bear the audit id: themselves, what their sessions did around them, what was done in their namespaces. */
export function belongingTo(auditId: AuditId, requests: readonly RecordHead[]): Belonging {
  const namespaces = new Set(requests.flatMap(({ caller }) => serviceAccountOf(caller.username)?.namespace ?? []));
  const isNear = requests.map(nearTo);
  return (head) => {
    if (head.auditId === auditId) return true;
    const { namespace, resource = '', subresource, apiGroup = '' } = head.request ?? {};
    const group = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
    const name = subresource === undefined ? group : `${group}/${subresource}`;
    if (namespace !== undefined && namespaces.has(namespace) && RESOURCES.includes(name)) return true;
    return isNear.some((isIt) => isIt(head));
  };
}

function nearTo({ caller, time }: RecordHead): Belonging {
  const at = time === undefined ? undefined : parseInstant(time);
  const session = sessionIn(caller);
  return (head) => {
    const then = at === undefined || head.time === undefined ? undefined : parseInstant(head.time);
    if (at === undefined || then === undefined || Math.abs(then - at) > AROUND) return false;
    const isSameUser = head.caller.uid === caller.uid && head.caller.username === caller.username;
    return isSameUser || (session !== undefined && sessionIn(head.caller) === session);
  };
}

function sessionIn(caller: RecordHead['caller']): string | undefined {
  return sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
}
