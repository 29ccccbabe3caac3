import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent } from '../../builders/audit-event.ts';
import type { Scenario, ToldEvent } from '../scenario.ts';

const NOBODY = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

function by(user: JsonObject, requestURI: string, code: number, flags: readonly string[] = []): ToldEvent {
  const auditID = `${String(user.username)} ${requestURI} ${code}`;
  const fields = {
    auditID,
    user,
    verb: 'get',
    requestURI,
    objectRef: undefined,
    responseStatus: { metadata: {}, code },
  };
  return { event: auditEvent(fields), expected: { status: 'system', ...(flags.length > 0 && { flags }) } };
}

/** New: callers without an AWS identity have no actor. An anonymous caller that was let in is flagged. */
export const FROM_OUTSIDE: readonly Scenario[] = [
  {
    title: 'an anonymous caller that was let in is flagged, request by request, and nobody is named',
    records: [],
    events: [
      by(NOBODY, '/api/v1/secrets', 403),
      by(NOBODY, '/api/v1/secrets', 200, ['anonymous-access']),
      by(NOBODY, '/healthz', 200),
      by({}, '/metrics', 401),
    ],
  },
  {
    title:
      'a client certificate, a bootstrap token and the control plane are nobody’s IAM session, from wherever they come',
    records: [],
    events: ['system:admin', 'system:bootstrap:07401b', 'system:kube-scheduler'].map((username) =>
      by({ username, groups: ['system:masters'] }, '/api/v1/secrets', 200),
    ),
  },
];
