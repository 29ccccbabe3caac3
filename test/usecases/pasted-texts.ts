import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { upperCamel } from '../recognize/samples.ts';
import { CLUSTER, type PastedWorld } from './pasted-world.ts';

/** Bob and Mallory chose one session name of one role. A stranger's key no grant issued. */
export const SESSION = 'eks-deploy';
export const BOBS = KEY;
export const MALLORYS = ANOTHER_KEY;
export const STRANGERS = keyId('ASIASTRANGERSKEY0003');
export const GRANTS = [
  grant({ id: 'bob', by: iamUser('bob'), session: SESSION, key: BOBS }),
  grant({ id: 'mallory', by: iamUser('mallory'), session: SESSION, key: MALLORYS, at: utc('12:00:30') }),
];
export const BOB_ALONE = GRANTS.slice(0, 1);
export const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${SESSION}`;

/** A request with a key, at a number of milliseconds after 12:10:00. */
export interface Deed {
  readonly key: string | null;
  readonly after: number;
  readonly namespace: string;
  readonly code: number;
  readonly as?: string;
}

export const SECRETS: Deed = { key: STRANGERS, after: 0, namespace: 'shop', code: 200 };

export function timeOf(after: number): string {
  return new Date(Date.parse(utc('12:10:00')) + after).toISOString();
}

export function uriOf({ namespace }: Deed): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

export function eventOf(deed: Deed, at: number): JsonObject {
  return eventBy(roleUser({ session: SESSION, key: deed.key, username: ARN }), {
    auditID: `deed-${at}`,
    verb: 'list',
    requestURI: `${uriOf(deed)}?limit=500`,
    objectRef: { resource: 'secrets', namespace: deed.namespace, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: deed.code },
    sourceIPs: [ipOf(deed)],
    requestReceivedTimestamp: timeOf(deed.after),
    ...(deed.as !== undefined && { impersonatedUser: { username: deed.as } }),
  });
}

/** Returns events of a node at these times. A log begins and ends with such events. */
export const nodeAt = (...times: readonly string[]) =>
  times.map((time) =>
    eventBy(
      { username: 'system:node:ip-192-0-2-1', groups: ['system:nodes'] },
      { auditID: time, requestReceivedTimestamp: utc(time) },
    ),
  );

/** The log begins an hour before and ends an hour after. */
export const AROUND = nodeAt('11:10:00', '13:10:00');

export function world(deeds: readonly Deed[], grants = BOB_ALONE, around = AROUND): PastedWorld {
  return { grants, events: [...around, ...deeds.map(eventOf)] };
}

/** GuardDuty's finding of the deed, which states no access key. */
export function findingOf(deed: Deed, service: JsonObject = {}): JsonObject {
  return {
    schemaVersion: '2.0',
    accountId: ACCOUNT,
    type: 'CredentialAccess:Kubernetes/AnomalousBehavior.SecretsAccessed',
    resource: {
      eksClusterDetails: { name: CLUSTER, arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${CLUSTER}` },
      kubernetesDetails: {
        kubernetesUserDetails: {
          username: ARN,
          uid: `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
          groups: ['system:authenticated'],
          sessionName: [SESSION],
          ...(deed.as !== undefined && { impersonatedUser: { username: deed.as } }),
        },
      },
    },
    service: {
      serviceName: 'guardduty',
      eventFirstSeen: timeOf(deed.after),
      eventLastSeen: timeOf(deed.after),
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: uriOf(deed),
          verb: 'list',
          sourceIps: [ipOf(deed)],
          userAgent: 'kubectl/v1.33.0',
          statusCode: deed.code,
          resource: 'secrets',
          namespace: deed.namespace,
        },
      },
      ...service,
    },
  };
}

export function ofOtherCluster(finding: JsonObject): JsonObject {
  return { ...finding, resource: { ...(finding.resource as JsonObject), eksClusterDetails: { name: 'other' } } };
}

export function errorLineOf({ namespace }: Deed): string {
  return `Error from server (Forbidden): secrets is forbidden: User "${ARN}" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`;
}

/** An event of Kubernetes about the object `db`, as a controller writes it. */
export function eventAbout(kind: string, { namespace, after }: Pick<Deed, 'namespace' | 'after'>): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'db.17f', namespace, creationTimestamp: timeOf(after) },
    involvedObject: { apiVersion: 'v1', kind, namespace, name: 'db' },
    reason: 'Killing',
    message: `Stopping container of ${ARN}`,
    firstTimestamp: timeOf(after),
    lastTimestamp: timeOf(after),
    source: { component: 'kubelet' },
  };
}

/** The same finding in Security Hub's format. */
export function asAsff(finding: JsonObject): JsonObject {
  const flat = (value: unknown, path: string): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, each]) => flat(each, `${path}/${name}`))
      : [[path, Array.isArray(value) ? String(value[0]) : String(value)]];
  return {
    SchemaVersion: '2018-10-08',
    ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty',
    AwsAccountId: ACCOUNT,
    Types: ['TTPs/x'],
    UpdatedAt: utc('12:40:00'),
    ProductFields: Object.fromEntries(flat({ resource: finding.resource, service: finding.service }, 'aws/guardduty')),
    Resources: [{ Type: 'AwsEksCluster', Id: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${CLUSTER}` }],
  };
}

/** The deed as Falco, Elastic and Datadog write it. */
function falcoAlertOf(deed: Deed): JsonObject {
  return {
    rule: 'K8s Secret List',
    source: 'k8s_audit',
    time: timeOf(deed.after),
    output: `(user=${ARN})`,
    output_fields: {
      'ka.user.name': ARN,
      'ka.verb': 'list',
      'ka.uri': uriOf(deed),
      'ka.target.resource': 'secrets',
      'ka.target.namespace': deed.namespace,
      'ka.response.code': String(deed.code),
      'ka.sourceips': ipOf(deed),
    },
  };
}

function elasticAlertOf(deed: Deed): JsonObject {
  return {
    '@timestamp': timeOf(deed.after + 120_000),
    'kibana.alert.rule.name': 'Secrets listed',
    'kibana.alert.original_time': timeOf(deed.after),
    event: { dataset: 'kubernetes.audit_logs', action: 'list' },
    orchestrator: { cluster: { name: CLUSTER } },
    kubernetes: {
      audit: {
        objectRef: { resource: 'secrets', namespace: deed.namespace },
        requestURI: uriOf(deed),
        responseStatus: { code: deed.code },
      },
    },
    user: { name: ARN },
    source: { ip: ipOf(deed) },
  };
}

function datadogEventOf(deed: Deed): JsonObject {
  const attributes = {
    usr: { id: ARN },
    network: { client: { ip: ipOf(deed) } },
    http: { method: 'list', status_code: deed.code, url_details: { path: uriOf(deed) } },
    objectRef: { resource: 'secrets', namespace: deed.namespace },
  };
  const tags = ['source:kubernetes.audit', `kube_cluster_name:${CLUSTER}`];
  return { type: 'log', attributes: { timestamp: timeOf(deed.after), tags, attributes } };
}

function ipOf({ key }: Deed): string {
  return key === STRANGERS ? '45.83.64.11' : '198.51.100.7';
}

/** Alerts and events of other tools about the deed. */
export const ALERTS: Readonly<Record<'falco' | 'elastic' | 'datadog', (deed: Deed) => JsonObject>> = {
  falco: falcoAlertOf,
  elastic: elasticAlertOf,
  datadog: datadogEventOf,
};

export const FORMS: Readonly<Record<string, (deed: Deed) => string>> = {
  finding: (deed) => JSON.stringify(findingOf(deed)),
  'finding of the API': (deed) => JSON.stringify({ Findings: [upperCamel(findingOf(deed))] }),
  'finding of EventBridge': (deed) =>
    JSON.stringify({ 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', detail: findingOf(deed) }),
  'finding in Security Hub': (deed) => JSON.stringify(asAsff(findingOf(deed))),
  'error line': errorLineOf,
  'line of a log': (deed) =>
    `time="${timeOf(deed.after)}" user="${ARN}" verb=list uri=${uriOf(deed)} resp=${deed.code} level=warning`,
  'alert as text': (deed) =>
    `alert=SecretsListed user=${ARN} verb=list resource=secrets ns=${deed.namespace} code=${deed.code} time=${timeOf(deed.after)}`,
  'alert of Falco': (deed) => JSON.stringify(falcoAlertOf(deed)),
  'alert of Elastic': (deed) => JSON.stringify(elasticAlertOf(deed)),
  'event of Datadog': (deed) => JSON.stringify(datadogEventOf(deed)),
};

/** The finding without these fields of its call. */
export function findingWithout(deed: Deed, ...names: readonly string[]): JsonObject {
  const { service, ...finding } = findingOf(deed) as { service: { action: { kubernetesApiCallAction: JsonObject } } };
  const kept = Object.entries(service.action.kubernetesApiCallAction).filter(([name]) => !names.includes(name));
  return { ...finding, service: { ...service, action: { kubernetesApiCallAction: Object.fromEntries(kept) } } };
}

/** The line of another tool about the deed, with further fields. */
export function lineOf(deed: Deed, more = ''): string {
  return `${FORMS['line of a log']?.(deed) ?? ''} ${more}`;
}
