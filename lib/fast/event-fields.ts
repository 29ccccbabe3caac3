import { UID_PREFIXES } from '../identity/uid.ts';
import { levelOf, NOT_TAKEN, SKIPPED } from './field-levels.ts';

/** What is read of an audit event: texts first, each a place in `EventBytes.from`, `to` and `escapes`. */
export const FIELD = {
  auditId: 0,
  stage: 1,
  time: 2,
  verb: 3,
  uri: 4,
  userAgent: 5,
  resource: 6,
  subresource: 7,
  namespace: 8,
  name: 9,
  apiGroup: 10,
  decision: 11,
  reason: 12,
  uid: 13,
  username: 14,
  accessKeyId: 15,
  arn: 16,
  canonicalArn: 17,
  sessionName: 18,
  ips: 19,
  groups: 20,
  code: 21,
  user: 22,
  extra: 23,
  object: 24,
  status: 25,
  annotations: 26,
} as const;
export const FIELDS = 27;
/** Those below are texts. */
export const TEXTS = FIELD.accessKeyId;
/** Those from there on and below `ips` are lists of one text. */
export const LISTS_OF_ONE = FIELD.ips;

/** How the annotation ends that a service account token leaves (`TOKEN_MARK`). */
const TOKEN = 'issued-credential-id';

/** The objects of which something is read. What is read in a way of its own is not taken: impersonation, tokens, a list of events. */
export function eventLevels() {
  return {
    event: levelOf({
      auditID: FIELD.auditId,
      stage: FIELD.stage,
      requestReceivedTimestamp: FIELD.time,
      verb: FIELD.verb,
      requestURI: FIELD.uri,
      userAgent: FIELD.userAgent,
      sourceIPs: FIELD.ips,
      user: FIELD.user,
      objectRef: FIELD.object,
      responseStatus: FIELD.status,
      annotations: FIELD.annotations,
      impersonatedUser: NOT_TAKEN,
      items: NOT_TAKEN,
    }),
    object: levelOf({
      resource: FIELD.resource,
      subresource: FIELD.subresource,
      namespace: FIELD.namespace,
      name: FIELD.name,
      apiGroup: FIELD.apiGroup,
    }),
    status: levelOf({ code: FIELD.code }),
    annotations: levelOf(
      { 'authorization.k8s.io/decision': FIELD.decision, 'authorization.k8s.io/reason': FIELD.reason },
      (key) => (key.endsWith(TOKEN) ? NOT_TAKEN : SKIPPED),
    ),
    user: levelOf({ uid: FIELD.uid, username: FIELD.username, groups: FIELD.groups, extra: FIELD.extra }),
    extra: levelOf(
      {
        accessKeyId: FIELD.accessKeyId,
        arn: FIELD.arn,
        canonicalArn: FIELD.canonicalArn,
        sessionName: FIELD.sessionName,
        principalId: SKIPPED,
        'sigs.k8s.io/aws-iam-authenticator/principalId': SKIPPED,
      },
      () => NOT_TAKEN,
    ),
  };
}

/** How the uids of today's authenticator begin. */
export const ROLE_UID_START = UID_PREFIXES[0];
