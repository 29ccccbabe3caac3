import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import { ACCOUNT } from '../builders/company.ts';
import type { HonestRequest } from './honest-world.ts';

const part = (of: unknown): JsonObject => (isJsonObject(of) ? of : {});

export interface Question {
  readonly kind: string;
  readonly text: string;
}

/** Returns GuardDuty's finding of the request. */
export function findingOf({ event, cluster }: HonestRequest): JsonObject {
  const { user, objectRef, responseStatus, sourceIPs, userAgent, requestURI, verb, requestReceivedTimestamp } = event;
  const { username, uid, groups, extra } = part(user);
  return {
    schemaVersion: '2.0',
    accountId: ACCOUNT,
    type: 'Discovery:Kubernetes/AnomalousBehavior.PermissionChecked',
    resource: {
      eksClusterDetails: { name: cluster, arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${cluster}` },
      kubernetesDetails: {
        kubernetesUserDetails: { username, uid, groups, sessionName: part(extra).sessionName },
      },
    },
    service: {
      serviceName: 'guardduty',
      eventFirstSeen: requestReceivedTimestamp,
      eventLastSeen: requestReceivedTimestamp,
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: requestURI,
          verb,
          sourceIps: sourceIPs,
          userAgent,
          statusCode: part(responseStatus).code,
          resource: part(objectRef).resource,
          subresource: part(objectRef).subresource,
          resourceName: part(objectRef).name,
          namespace: part(objectRef).namespace,
        },
      },
    },
  };
}

const VERBS: Readonly<Record<string, string>> = {
  delete: 'deleted',
  get: 'read',
  list: 'listed',
  create: 'created',
  patch: 'patched',
};

/** Returns the kinds of text that somebody pastes about a request. Those that it has nothing for are undefined. */
const TEXTS: Readonly<Record<string, (request: HonestRequest) => string | undefined>> = {
  'audit ID': ({ event }) => textAt(event, 'auditID'),
  'audit event': ({ event }) => JSON.stringify(event),
  'audit event of no log, without its key': ({ event }) =>
    JSON.stringify({
      ...event,
      auditID: 'b0000000-0000-4000-8000-000000000001',
      user: { ...part(event.user), extra: { ...part(part(event.user).extra), accessKeyId: undefined } },
    }),
  'audit event of no log': ({ event }) => JSON.stringify({ ...event, auditID: 'b0000000-0000-4000-8000-000000000001' }),
  finding: (request) => JSON.stringify(findingOf(request)),
  'finding of a cluster without its ARN': (request) => {
    const finding = findingOf(request);
    return JSON.stringify({
      ...finding,
      resource: { ...part(finding.resource), eksClusterDetails: { name: request.cluster } },
    });
  },
  'finding of another time that the log does not have': (request) =>
    JSON.stringify(
      findingOf({ ...request, event: { ...request.event, requestReceivedTimestamp: '2026-03-10T12:40:00Z' } }),
    ),
  'finding of a cluster whose log was turned off': (request) =>
    JSON.stringify(
      findingOf({
        ...request,
        cluster: 'prod-2',
        event: {
          ...request.event,
          requestReceivedTimestamp: '2026-03-10T12:10:30Z',
          requestURI: '/api/v1/namespaces/gone/pods/x',
          objectRef: { resource: 'pods', namespace: 'gone', name: 'x' },
        },
      }),
    ),
  'error line': ({ event }) => {
    const { resource, namespace } = part(event.objectRef);
    return `Error from server (Forbidden): ${resource} is forbidden: User "${part(event.user).username}" cannot ${event.verb} resource "${resource}" in API group "" in the namespace "${namespace}"`;
  },
  'error line with its time': ({ event }) => {
    const { resource, namespace } = part(event.objectRef);
    return `${event.requestReceivedTimestamp} Error from server (Forbidden): ${resource} is forbidden: User "${part(event.user).username}" cannot ${event.verb} resource "${resource}" in API group "" in the namespace "${namespace}"`;
  },
  'line of a log': ({ event }) =>
    `time="${event.requestReceivedTimestamp}" user="${part(event.user).username}" verb=${event.verb} uri=${event.requestURI} resp=${part(event.responseStatus).code} level=warning`,
  object: ({ event }) => {
    const { resource, name } = part(event.objectRef);
    return name === undefined ? undefined : `${resource}/${name}`;
  },
  'question about an object': ({ event }) => {
    const { resource, name, namespace } = part(event.objectRef);
    return name === undefined
      ? undefined
      : `who ${VERBS[String(event.verb)]} ${String(resource).slice(0, -1)} ${name} in namespace ${namespace}?`;
  },
  'question about a type': ({ event }) => `who ${VERBS[String(event.verb)]} ${part(event.objectRef).resource}?`,
  'question about a person': ({ event }) =>
    `did alice ${event.verb === 'get' ? 'read' : event.verb} ${part(event.objectRef).resource}?`,
  'question about a time': ({ event }) => `what happened at ${event.requestReceivedTimestamp}`,
  time: ({ event }) => textAt(event, 'requestReceivedTimestamp'),
  'time of day': ({ event }) => textAt(event, 'requestReceivedTimestamp')?.slice(11, 16),
  'source IP': ({ event }) => String(event.sourceIPs),
  'source IP and time': ({ event }) => `${event.sourceIPs} at ${event.requestReceivedTimestamp}`,
  'access key': ({ event }) => String(part(part(event.user).extra).accessKeyId ?? '') || undefined,
  username: ({ event }) => textAt(part(event.user), 'username'),
  'username and time': ({ event }) => `${part(event.user).username} ${event.requestReceivedTimestamp}`,
  'session name': ({ event }) => String(part(part(event.user).extra).sessionName ?? '') || undefined,
  'session of a role': ({ event }) => {
    const { extra, uid } = part(event.user);
    const name = part(extra).sessionName;
    return name === undefined ? undefined : `${String(uid).split(':').at(-1)}:${name}`;
  },
  'ARN of a session': ({ event }) => String(part(part(event.user).extra).arn ?? '') || undefined,
  'ARN of a session and time': ({ event }) => {
    const { arn } = part(part(event.user).extra);
    return arn === undefined ? undefined : `${arn} ${event.requestReceivedTimestamp}`;
  },
  role: ({ event }) => String(part(part(event.user).extra).canonicalArn ?? '') || undefined,
  'role by its name': ({ event }) => String(part(part(event.user).extra).canonicalArn ?? '').split('/')[1],
  'ID of a token': ({ event }) =>
    String(part(part(event.user).extra)['authentication.kubernetes.io/credential-id'] ?? '') ||
    textAt(part(event.annotations), 'authentication.kubernetes.io/issued-credential-id'),
  'token by its requester': () => 'what was done with the token that alice requested?',
  pod: ({ event }) => (part(event.objectRef).resource === 'pods' ? `pod/${part(event.objectRef).name}` : undefined),
  person: () => 'alice',
  'ARN of a person': () => `arn:aws:iam::${ACCOUNT}:user/alice`,
  account: () => ACCOUNT,
};

/** Returns every question about a request. */
export function questionsAbout(request: HonestRequest): readonly Question[] {
  return Object.entries(TEXTS).flatMap(([kind, textOf]) => {
    const text = textOf(request);
    return text === undefined || text === '' ? [] : [{ kind, text }];
  });
}
