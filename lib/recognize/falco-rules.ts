import { MOST_LISTED, type RequestAction, subjectText } from '../audit/action.ts';
import type { AuditRequest } from '../audit/audit-event.ts';
import { jsonValues } from './json-values.ts';

/** The request that a Falco rule describes. It has only what is the same in all alerts of the rule. */
export type RequestOfRule = Pick<AuditRequest, 'verb' | 'resource' | 'subresource'> & {
  /** The role that a binding grants. */
  readonly role?: string | undefined;
};

/**
 * Falco's rules for audit logs. Each has a pattern for its name and its sentence, the request that it describes, and
 * the field with the object's name. Source: falcosecurity/plugins, plugins/k8saudit/rules/k8s_audit_rules.yaml (FACTS,
 * "Alerts of other tools").
 */
const RULES: readonly (readonly [words: string, request: RequestOfRule, name?: string])[] = [
  [
    'Create (?:Disallowed|Privileged|Sensitive Mount|HostNetwork|HostPid|HostIPC) Pod|Pod Created in Kube Namespace|' +
      'Pod started (?:with (?:container not in allowed list|privileged container|sensitive mount)|using host (?:network|pid namespace|ipc namespace))|' +
      'Pod created in kube namespace',
    { verb: 'create', resource: 'pods' },
    'pod',
  ],
  ['Create NodePort Service|NodePort Service Created', { verb: 'create', resource: 'services' }, 'service'],
  [
    'Create/Modify Configmap With Private Credentials|K8s configmap with private credential',
    { resource: 'configmaps' },
    'configmap',
  ],
  ['port-forward|Portforward to pod', { resource: 'pods', subresource: 'portforward' }, 'pod'],
  [
    'EphemeralContainers Created|Ephemeral container is created in pod',
    { verb: 'change', resource: 'pods', subresource: 'ephemeralcontainers' },
    'pod',
  ],
  ['Create Disallowed Namespace|Disallowed namespace created', { verb: 'create', resource: 'namespaces' }, 'ns'],
  [
    'Service Account Created in Kube Namespace|Service account created in kube namespace',
    { verb: 'create', resource: 'serviceaccounts' },
    'serviceaccount',
  ],
  ['System ClusterRole Modified/Deleted|System ClusterRole/Role modified or deleted', {}, 'role'],
  [
    'Attach to cluster-admin Role|Cluster Role Binding to cluster-admin(?: role)?',
    { verb: 'create', resource: 'clusterrolebindings', role: 'ClusterRole/cluster-admin' },
  ],
  [
    'ClusterRole With (?:Wildcard|Write Privileges|Pod Exec) Created|Created Role/ClusterRole with (?:wildcard|(?:write|pod exec) privileges)',
    { verb: 'create' },
    'role',
  ],
  ...['Deployment', 'Service', 'ConfigMap', 'Namespace', 'Serviceaccount', 'Role', 'ClusterRole', 'Secret'].flatMap(
    rulesOfType,
  ),
  ...['RoleBinding', 'ClusterRoleBinding'].flatMap((type) => rulesOfType(type, 'binding')),
  ['K8s Secret Get (?:Successfully|Unsuccessfully Tried)', { verb: 'get', resource: 'secrets' }, 'secret'],
  [
    'Ingress Object without TLS Certificate Created|K8s Ingress Without TLS Cert Created',
    { verb: 'create', resource: 'ingresses' },
    'ingress',
  ],
  [
    'Untrusted Node (?:Successfully Joined|Unsuccessfully Tried to Join) the Cluster|' +
      'Node not in allowed list (?:successfully joined|tried unsuccessfully to join) the cluster',
    { verb: 'create', resource: 'nodes' },
    'node',
  ],
  ['Anonymous Request Allowed|Request by anonymous user allowed', {}],
  [
    'Disallowed K8s User|Full K8s Administrative Access|' +
      'K8s Operation performed by (?:user not in allowed list of users|full admin user)',
    {},
    'target',
  ],
];

/** Returns the two rules about creating and deleting objects of a type. An alert about a ClusterRole names it in the field `role`. */
function rulesOfType(type: string, name: string | number) {
  const resource = `${type.toLowerCase()}s`;
  const field = typeof name === 'string' ? name : type === 'ClusterRole' ? 'role' : type.toLowerCase();
  return [
    [`K8s ${type} Created`, { verb: 'create', resource }, field],
    [`K8s ${type} Deleted`, { verb: 'delete', resource }, field],
  ] as const;
}

const NAMED = RULES.map(([words, request, name]) => ({ pattern: new RegExp(`^(?:${words})$`), request, name }));
/** Matches the name or the sentence of every rule. */
export const RULE_WORDS = RULES.map(([words]) => words).join('|');

/** Returns the rule with this name or sentence. Undefined if no such rule is known. */
export function ruleOf(words: string) {
  return NAMED.find(({ pattern }) => pattern.test(words));
}

/** Returns the role and the subjects of a binding: the role from the rule, the subjects from the JSON in the alert. */
export function bindingOfRule({ role }: Pick<RequestOfRule, 'role'>, subjects: string): RequestAction | undefined {
  const { values } = jsonValues(subjects);
  const texts = values.flat().flatMap(subjectText).slice(0, MOST_LISTED.subjects);
  if (role === undefined && texts.length === 0) return undefined;
  return { ...(role !== undefined && { role }), ...(texts.length > 0 && { subjects: texts }) };
}
