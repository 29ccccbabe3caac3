import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from './audit-event.ts';

export interface CreateOptions {
  readonly verb?: string;
  readonly resource?: string;
  readonly apiGroup?: string | undefined;
  readonly subresource?: string;
  /** Without it the server generates the name. */
  readonly name?: string;
  readonly uid?: string;
  readonly owners?: readonly unknown[];
  readonly code?: number | undefined;
  readonly uri?: string;
  readonly user?: JsonObject;
  readonly fields?: JsonObject;
}

/** Returns an audit event that created an object, with the whole response, as EKS logs it. */
export function createEvent(options: CreateOptions): JsonObject {
  const { verb = 'create', resource = 'pods', apiGroup = '', subresource, name, uid = 'uid', owners = [] } = options;
  const code = 'code' in options ? options.code : 201;
  const metadata = { uid, name: name ?? 'made-up', ownerReferences: owners.map(controlled) };
  return auditEvent({
    level: 'RequestResponse',
    auditID: `create ${uid}`,
    verb,
    requestURI: options.uri ?? `/apis/${apiGroup}/v1/namespaces/shop/${resource}?fieldManager=kubectl`,
    objectRef: { resource, namespace: 'shop', apiGroup: apiGroup || undefined, apiVersion: 'v1', subresource, name },
    responseStatus: code === undefined ? undefined : { metadata: {}, code },
    requestObject: { spec: { containers: [{ env: [{ name: 'PASSWORD', value: 'secret-value' }] }] } },
    responseObject: { apiVersion: 'v1', metadata, spec: { containers: [{ env: [{ value: 'secret-value' }] }] } },
    ...(options.user && { user: options.user }),
    ...options.fields,
  });
}

/** Returns the owner as in the server's response, with fields that are not stored. */
function controlled(owner: unknown): unknown {
  return typeof owner === 'object' && owner !== null ? { apiVersion: 'apps/v1', controller: true, ...owner } : owner;
}
