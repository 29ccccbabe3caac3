import type { AuditRecord } from '../attribution/record.ts';
import { present } from '../json.ts';
import { apiOf } from '../ocsf/request.ts';
import type { EcsEvent, Orchestrator } from './event.ts';

export function orchestratorOf(record: AuditRecord): Orchestrator {
  const { cluster, clusterArn: id, request } = record;
  const { resource, subresource, name, namespace } = request ?? {};
  const type = subresource === undefined ? resource : `${resource}/${subresource}`;
  return present<Orchestrator>({
    type: 'kubernetes',
    cluster: cluster === undefined ? undefined : present<NonNullable<Orchestrator['cluster']>>({ name: cluster, id }),
    namespace,
    api_version: apiOf(record).version,
    resource: type === undefined ? undefined : present<NonNullable<Orchestrator['resource']>>({ type, name }),
  });
}

export function urlOf(request: AuditRecord['request']): EcsEvent['url'] {
  const original = request?.uri;
  if (original === undefined) return undefined;
  const mark = original.indexOf('?');
  if (mark < 0) return { original, path: original };
  return { original, path: original.slice(0, mark), query: original.slice(mark + 1) };
}

/** Returns the HTTP fields without the method, which the audit log does not have. */
export function httpOf({ auditId, response }: AuditRecord): EcsEvent['http'] {
  const code = response?.code;
  return present<EcsEvent['http']>({
    request: { id: auditId },
    response: code === undefined || !Number.isSafeInteger(code) ? undefined : { status_code: code },
  });
}
