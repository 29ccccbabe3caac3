import { actorName } from '../attribution/actor-names.ts';
import { recordIdentity } from '../attribution/copies.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { present } from '../json.ts';
import { activityFields } from '../ocsf/activity.ts';
import { forwardedFor, sourceEndpoint } from '../ocsf/endpoint.ts';
import { outcomeOf, severityOf } from '../ocsf/outcome.ts';
import { doing } from '../ocsf/request.ts';
import { epochMillis, formatInstant, parseInstant } from '../time.ts';
import {
  type Cloud,
  ECS_VERSION,
  type EcsEvent,
  type EcsEventFields,
  type EventType,
  type OwnFields,
} from './event.ts';
import { httpOf, orchestratorOf, urlOf } from './request.ts';
import { relatedUsers, userOf } from './user.ts';

/**
 * Converts a record to an event of the Elastic Common Schema. `user` is the attribution's actor, or a user that another
 * authenticator than AWS's vouches for. Its name is never one that the caller chose. Other texts can be, so escape them
 * before display.
 * @param digest makes an ID of the event's identity, as the tables do.
 */
export function ecsEvent(record: AuditRecord, digest: (text: string) => string): EcsEvent {
  const { request, action, source, attribution, caller } = record;
  const at = record.time === undefined ? undefined : parseInstant(record.time);
  const { ip, name } = sourceEndpoint(source);
  const address = ip ?? (name === 'unknown' ? undefined : name);
  const who =
    attribution.actor === undefined ? (caller.username ?? caller.uid ?? caller.kind) : actorName(attribution.actor);
  return present<EcsEvent>({
    '@timestamp': formatInstant(at ?? epochMillis(0)),
    ecs: { version: ECS_VERSION },
    message: `${who} ${doing(request)}`,
    tags: attribution.flags.length === 0 ? undefined : attribution.flags,
    event: eventFields(record, digest),
    user: userOf(record),
    related: present<EcsEvent['related']>({ user: relatedUsers(record), ip: relatedIps(source, ip) }),
    orchestrator: orchestratorOf(record),
    cloud: cloudOf(record),
    service: { name: 'kube-apiserver', type: 'kubernetes' },
    source: address === undefined ? undefined : present<NonNullable<EcsEvent['source']>>({ address, ip }),
    user_agent: source?.userAgent === undefined ? undefined : { original: source.userAgent },
    process: action?.command === undefined ? undefined : { command_line: action.command },
    url: urlOf(request),
    http: httpOf(record),
    eks_whois: ownFields(record),
  });
}

function cloudOf({ accountId: id, region }: AuditRecord): Cloud {
  const account = id === undefined ? undefined : { id };
  return present<Cloud>({ provider: 'aws', service: { name: 'eks' }, account, region });
}

function eventFields(record: AuditRecord, digest: (text: string) => string): EcsEventFields {
  const { stage, request, attribution } = record;
  return present<EcsEventFields>({
    kind: 'event',
    category: ['api'],
    type: typesOf(record),
    action: request?.verb ?? 'unknown',
    outcome: OUTCOMES[outcomeOf(record).status_id] ?? 'unknown',
    severity: severityOf(attribution).severity_id,
    reason: outcomeOf(record).status_detail,
    code: stage,
    id: digest(recordIdentity(record)),
    module: 'eks_whois',
    dataset: 'eks_whois.records',
    provider: 'kube-apiserver',
  });
}

/** ECS outcomes by OCSF's `status_id`. */
const OUTCOMES: Readonly<Record<number, EcsEventFields['outcome']>> = { 1: 'success', 2: 'failure' };

/** ECS event types by OCSF's `activity_id`. */
const TYPES: Readonly<Record<number, EventType>> = {
  1: 'creation',
  2: 'access',
  3: 'change',
  4: 'deletion',
  99: 'access',
};

function typesOf({ request, response, authorization }: AuditRecord): readonly EventType[] {
  const type = TYPES[activityFields(request).activity_id] ?? 'info';
  const isDenied = authorization?.decision === 'forbid' || response?.code === 401 || response?.code === 403;
  if (isDenied) return [type, 'denied'];
  return authorization?.decision === 'allow' ? [type, 'allowed'] : [type];
}

function relatedIps(source: AuditRecord['source'], ip: string | undefined): readonly string[] | undefined {
  const ips = new Set([...(forwardedFor(source) ?? []), ...(ip === undefined ? [] : [ip])]);
  return ips.size === 0 ? undefined : [...ips];
}

function ownFields(record: AuditRecord): OwnFields {
  const { stage, action, attribution, caller, impersonated, authorization, source, origin } = record;
  return present<OwnFields>({
    stage,
    attribution,
    caller,
    impersonated,
    action,
    authorization,
    source_ips: source?.ips,
    origin,
  });
}
