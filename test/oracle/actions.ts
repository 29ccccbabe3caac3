import type { Draw } from './draw.ts';
import { object } from './json.ts';
import type { Json } from './pools.ts';

const WORDS = ['sh', '-c', 'id', 'cat /etc/passwd', "it's", 'ls', '--all', 'orders', 'a=b', '/bin/ls', ''];
/** Words with a secret, and words that only look like one. */
const SECRETS = [
  ['PGPASSWORD=hunter2'],
  ['--token', 'hunter2'],
  ['--password=hunter2'],
  ['AKIAIOSFODNN7EXAMPLE'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['d41d8cd98f00b204e9800998ecf8427e'],
  ['--token-file', '/tmp/token'],
  ['SECRET_NAME=orders'],
  ['7a0e1c5e-0000-4000-8000-000000000001'],
];
const SUBJECTS = [
  { kind: 'User', name: 'eve' },
  { kind: 'Group', name: 'system:masters' },
  { kind: 'ServiceAccount', name: 'web', namespace: 'shop' },
  { kind: 'User' },
  'eve',
];
const RBAC = 'rbac.authorization.k8s.io';

/** Returns the event with an action, if it can have one: it names no object, and its caller is not anonymous. */
export function withAction(draw: Draw, event: Json): Json {
  const { resource, subresource } = object(event.objectRef) ?? {};
  if (resource === 'serviceaccounts' && subresource === 'token')
    return draw.chance(0.5) ? { ...event, ...token(draw) } : event;
  const isOpen = object(event.user)?.username !== 'system:anonymous' && event.objectRef === undefined;
  return isOpen && draw.chance(0.15) ? { ...event, ...draw.pick([inPod, binding])(draw) } : event;
}

/** Returns the copy of an event with other bodies, or without them. */
export function withOtherBodies(draw: Draw, event: Json): Json {
  const { requestObject: _request, responseObject: _response, ...rest } = event;
  const { resource } = object(event.objectRef) ?? {};
  if (!String(resource).endsWith('rolebindings')) return event;
  return draw.pick([rest, { ...rest, requestObject: bodyOfBinding(draw) }, event]);
}

function inPod(draw: Draw): Json {
  const subresource = draw.pick(['exec', 'exec', 'exec', 'attach', 'portforward']);
  const words = Array.from({ length: draw.below(4) }, () =>
    draw.chance(0.4) ? draw.pick(SECRETS) : [draw.pick(WORDS)],
  );
  const written = words.flat().map((word) => ['command', word] as [string, string]);
  const container = draw.chance(0.5) ? [['container', 'web'] as [string, string]] : [];
  const ports =
    subresource === 'portforward' && draw.chance(0.5)
      ? [['ports', draw.pick(['8080', '80,443'])] as [string, string]]
      : [];
  const query = draw.chance(0.5)
    ? new URLSearchParams([...written, ...container, ...ports]).toString()
    : [...container, ...written, ...ports].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return {
    ...(words.length === 3 && { stage: 'ResponseComplete', stageTimestamp: '2026-03-10T13:00:00.000001Z' }),
    verb: draw.pick(['get', 'create']),
    requestURI: `/api/v1/namespaces/shop/pods/web-0/${subresource}${query === '' ? '' : `?${query}`}`,
    objectRef: { resource: 'pods', subresource, namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
  };
}

function binding(draw: Draw): Json {
  const resource = draw.pick(['rolebindings', 'clusterrolebindings']);
  return {
    verb: draw.pick(['create', 'patch', 'update', 'delete']),
    requestURI: `/apis/${RBAC}/v1/${resource}/b`,
    objectRef: { apiGroup: RBAC, resource, name: 'b' },
    ...(draw.chance(0.7) && { requestObject: bodyOfBinding(draw) }),
    ...(draw.chance(0.5) && {
      responseObject: draw.pick([bodyOfBinding(draw), { kind: 'Status', status: 'Failure' }]),
    }),
  };
}

function bodyOfBinding(draw: Draw): Json {
  const subjects = Array.from({ length: draw.pick([0, 1, 2, 3, 40]) }, () => draw.pick(SUBJECTS));
  const role = { kind: draw.pick(['Role', 'ClusterRole']), name: draw.pick(['edit', 'cluster-admin']) };
  return draw.pick<Json>([{ roleRef: role, subjects }, { roleRef: role }, { subjects }, { metadata: {} }]);
}

function token(draw: Draw): Json {
  const spec = {
    ...(draw.chance(0.5) && { audiences: ['sts.amazonaws.com', 7] }),
    ...(draw.chance(0.7) && { expirationSeconds: draw.pick([600, 3600, -1]) }),
    ...(draw.chance(0.3) && { boundObjectRef: { kind: 'Pod', name: 'web-0' } }),
  };
  const status = { token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln', expirationTimestamp: '2024-05-01T12:00:00Z' };
  return { requestObject: { spec }, ...(draw.chance(0.3) && { responseObject: { spec, status } }) };
}
