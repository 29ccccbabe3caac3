import type { AuditRecord } from '../attribution/record.ts';
import { eventIdentity, recordId } from '../audit/event.ts';
import { present } from '../json.ts';
import { parseInstant } from '../time.ts';
import { activityFields } from './activity.ts';
import { ocsfActor } from './actor.ts';
import { sourceEndpoint } from './endpoint.ts';
import {
  type ApiActivity,
  CLASS,
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

/** What the mapping needs of the program around it. */
export interface Producer {
  /** The program's own version. */
  readonly version: string;
  /** Of which version the events are to be. */
  readonly schema: OcsfVersion;
  /** Shortens the event's identity to an id; the tables' own, so that an event finds its record. */
  digest(text: string): string;
}

const PRODUCT = 'eks-whois';

/**
 * A record as an event of the OCSF class API Activity (docs/ocsf.md has the table). The attribution decides `actor`;
 * nothing here guesses. Its strings come from whoever called: show them escaped.
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
    cloud: { provider: 'AWS' },
    actor,
    api: apiOf(record),
    http_request: httpRequestOf(record),
    resources: resourcesOf(record.request),
    src_endpoint,
    dst_endpoint: present<Endpoint>({ name: record.cluster, svc_name: 'kube-apiserver' }),
    observables: observablesOf(record, actor.user, src_endpoint),
    enrichments: [attributionAsEnrichment(record, actor.user)],
    unmapped: unmappedOf(record),
  });
}

function metadataOf(record: AuditRecord, producer: Producer): Metadata {
  const { auditId, stage, time, caller, request, origin, attribution } = record;
  const ofEvent = producer.digest(eventIdentity({ auditId, stage, time, caller, request: request ?? {} }));
  return present<Metadata>({
    version: producer.schema,
    profiles: ['cloud'],
    product: { name: PRODUCT, vendor_name: PRODUCT, version: producer.version },
    uid: recordId(ofEvent, origin?.handedOverBy, producer.digest),
    correlation_uid: auditId,
    event_code: stage,
    labels: attribution.flags.length === 0 ? undefined : attribution.flags,
    log_name: 'kube-apiserver-audit',
    log_provider: 'kube-apiserver',
    original_time: time,
  });
}

/** The whole attribution with its chain, use and candidates and their event ids, as JSON text: one type in Parquet. */
function attributionAsEnrichment({ attribution }: AuditRecord, { uid, name, type }: User): Enrichment {
  const enriched =
    uid === undefined ? { name: 'actor.user.name', value: name ?? type } : { name: 'actor.user.uid', value: uid };
  return { ...enriched, type: 'attribution', provider: PRODUCT, data: JSON.stringify(attribution) };
}

/** To search by: the name only of an actor, since a caller's may be chosen to be somebody else's. */
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
