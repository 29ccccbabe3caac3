import type { AuditRecord } from '../../attribution/record.ts';

/** What a report shows one by one, in the order in which it does. */
export const GRAVE_KINDS = [
  'secrets-read',
  'exec',
  'delete',
  'denied',
  'token-request',
  'rbac-change',
  'impersonation',
  'anonymous-read',
  'anonymous-change',
] as const;
export type GraveKind = (typeof GRAVE_KINDS)[number];

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Of paths that are no resource, too. */
const ASKS: ReadonlySet<string> = new Set([...READS, 'head', 'options']);
const DELETES: ReadonlySet<string> = new Set(['delete', 'deletecollection']);
const CHANGES: ReadonlySet<string> = new Set([...DELETES, 'create', 'update', 'patch']);
/** Each leads into a container, or to a node's kubelet, which runs commands in any of its pods. */
const INTO_CONTAINERS: ReadonlySet<string> = new Set([
  'pods/exec',
  'pods/attach',
  'pods/portforward',
  'pods/proxy',
  'pods/ephemeralcontainers',
  'nodes/proxy',
]);
const RBAC: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);
/** Not authenticated, and forbidden. */
const DENIED: ReadonlySet<number> = new Set([401, 403]);

/** Why a request is shown by itself; none where it is only counted. What was denied had no other effect. */
export function graveKindsOf({ request, response, impersonated, attribution }: AuditRecord): readonly GraveKind[] {
  // A proxied request was let in, whatever the server behind it answered.
  const isLetIn = attribution.flags.includes('anonymous-access');
  if (DENIED.has(response?.code ?? 0) && !isLetIn) return ['denied'];
  const { verb = '', resource = '', subresource } = request ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const kinds: readonly (readonly [GraveKind, boolean])[] = [
    ['secrets-read', what === 'secrets' && READS.has(verb)],
    ['exec', INTO_CONTAINERS.has(what)],
    ['delete', DELETES.has(verb)],
    ['token-request', what === 'serviceaccounts/token' && verb === 'create'],
    ['rbac-change', CHANGES.has(verb) && (RBAC.has(what) || isAwsAuth(request))],
    ['impersonation', impersonated !== undefined],
    ['anonymous-read', isLetIn && ASKS.has(verb)],
    ['anonymous-change', isLetIn && !ASKS.has(verb)],
  ];
  return kinds.flatMap(([kind, isOf]) => (isOf ? kind : []));
}

/** The config map that maps IAM to users and groups of the cluster: whoever changes it can make anybody an administrator. */
function isAwsAuth(request: AuditRecord['request']): boolean {
  const { resource, namespace, name } = request ?? {};
  return resource === 'configmaps' && namespace === 'kube-system' && name === 'aws-auth';
}
