import { recordIdentity } from '../attribution/copies.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { present } from '../json.ts';
import { parseInstant } from '../time.ts';
import { activityFields } from './activity.ts';
import { accountOf, ocsfActor } from './actor.ts';
import { sourceEndpoint } from './endpoint.ts';
import {
  type ApiActivity,
  CLASS,
  type Cloud,
  type Endpoint,
  type Enrichment,
  type Metadata,
  type Observable,
  type OcsfVersion,
  type User,
} from './event.ts';
import { outcomeOf, severityOf } from './outcome.ts';
import { apiOf, doing, httpRequestOf, resourcesOf } from './request.ts';
import { unmappedOf } from './unmapped.ts';

/** The program that produces the events. */
export interface Producer {
  /** The version of the program. */
  readonly version: string;
  /** The version of the schema. */
  readonly schema: OcsfVersion;
  /** Makes an ID of an event's identity, as the tables do. So an event leads to its record. */
  digest(text: string): string;
}

const PRODUCT = 'eks-whois';

/**
 * Converts a record to an event of the OCSF class API Activity (docs/ocsf.md). `actor` depends only on the attribution.
 * The caller chose many of the texts, so escape them before display.
 */
export function apiActivity(record: AuditRecord, producer: Producer): ApiActivity {
  const actor = ocsfActor(record);
  const src_endpoint = sourceEndpoint(record.source);
  const at = record.time === undefined ? undefined : parseInstant(record.time);
  return present<ApiActivity>({
    ...CLASS,
    ...activityFields(record.request),
    ...severityOf(record.attribution),
    ...outcomeOf(record),
    time: at === undefined ? 0 : Math.floor(at),
    message: `${actor.user.name ?? actor.user.uid ?? actor.user.type} ${doing(record.request)}`,
    metadata: metadataOf(record, producer),
    cloud: cloudOf(record),
    actor,
    api: apiOf(record),
    http_request: httpRequestOf(record),
    resources: resourcesOf(record.request),
    src_endpoint,
    dst_endpoint: present<Endpoint>({ name: record.cluster, uid: record.clusterArn, svc_name: 'kube-apiserver' }),
    observables: observablesOf(record, actor.user, src_endpoint),
    enrichments: [attributionAsEnrichment(record, actor.user)],
    unmapped: unmappedOf(record),
  });
}

/** Returns the cluster's account and Region, as far as they are known. */
function cloudOf({ accountId, region }: AuditRecord): Cloud {
  return present<Cloud>({ provider: 'AWS', account: accountOf(accountId), region });
}

function metadataOf(record: AuditRecord, producer: Producer): Metadata {
  const { auditId, stage, time, attribution } = record;
  return present<Metadata>({
    version: producer.schema,
    profiles: ['cloud'],
    product: { name: PRODUCT, vendor_name: PRODUCT, version: producer.version },
    uid: producer.digest(recordIdentity(record)),
    correlation_uid: auditId,
    event_code: stage,
    labels: attribution.flags.length === 0 ? undefined : attribution.flags,
    log_name: 'kube-apiserver-audit',
    log_provider: 'kube-apiserver',
    original_time: time,
  });
}

/**
 * Returns the whole attribution as JSON text, with chain, use, candidates and event IDs. As text, it always has the
 * same type in Parquet.
 */
function attributionAsEnrichment({ attribution }: AuditRecord, { uid, name, type }: User): Enrichment {
  const enriched =
    uid === undefined ? { name: 'actor.user.name', value: name ?? type } : { name: 'actor.user.uid', value: uid };
  return { ...enriched, type: 'attribution', provider: PRODUCT, data: JSON.stringify(attribution) };
}

/**
 * Returns values by which the event can be searched. A name is among them only if it is an actor's, because callers can
 * choose the names of others.
 */
function observablesOf(
  { attribution }: AuditRecord,
  { name }: User,
  { ip }: Endpoint,
): readonly Observable[] | undefined {
  const found: Observable[] = [];
  if (attribution.actor !== undefined && name !== undefined) {
    found.push({ name: 'actor.user.name', type: 'User Name', type_id: 4, value: name });
  }
  if (ip !== undefined) found.push({ name: 'src_endpoint.ip', type: 'IP Address', type_id: 2, value: ip });
  return found.length === 0 ? undefined : found;
}
