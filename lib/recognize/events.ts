import { recordHead } from '../attribution/record.ts';
import { parseCaller } from '../audit/caller.ts';
import { parseAuditEvent } from '../audit/event.ts';
import type { EventSite } from '../audit/event-site.ts';
import { parseTrailCaller, type TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { parseTrailRecord } from '../cloudtrail/record.ts';
import { filledTextAt, type JsonObject, objectAt, present, textsAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { principalOfGrant, subjectOfCaller, subjectOfGrant, subjectOfTrailCaller } from './callers.ts';
import type { FormCollector } from './form-collector.ts';
import type { Circumstances, Subject } from './subject.ts';

/** Returns the circumstances without undefined fields. */
export function givenCircumstances(fields: { readonly [K in keyof Circumstances]: Circumstances[K] }): Circumstances {
  return present<Circumstances>(fields as Required<Circumstances>);
}

/** Adds the caller of an audit event. It is always the event's own `user`, never a user in a body or an impersonated user. */
export function collectAuditEvent(value: JsonObject, site: EventSite, to: FormCollector): void {
  const { cluster, clusterArn } = site;
  const event = parseAuditEvent(value);
  if (event === 'audit-event-without-auditID') return collectWithoutId(value, cluster, to);
  if (event === 'audit-event-without-user') {
    to.addPart('audit-event', { by: 'audit-id', auditId: filledTextAt(value, 'auditID') ?? '', circumstances: {} });
    return to.note('The audit event has no user, so it is looked up by its audit ID.');
  }
  const { auditId, request, action, response, source, impersonated } = recordHead(event, site);
  const circumstances = givenCircumstances({
    at: event.at,
    cluster,
    clusterArn,
    auditId,
    request,
    action,
    code: response?.code,
    sourceIps: source?.ips,
    userAgent: source?.userAgent,
    impersonated: impersonated?.username,
  });
  if (event.caller.kind === 'anonymous') to.note('The request was not authenticated, so it identifies nobody.');
  const subject = subjectOfCaller(event.caller, circumstances);
  to.addEvent(subject ?? { by: 'audit-id', auditId, circumstances }, { event, site });
}

/** Adds the caller of an event without an audit ID. Nothing but its caller and its cluster is used. */
function collectWithoutId(value: JsonObject, cluster: string | undefined, to: FormCollector): void {
  to.note('The audit event has no auditID.');
  const user = objectAt(value, 'user');
  if (user === undefined) return to.addPart('audit-event');
  to.addPart('audit-event', subjectOfCaller(parseCaller(user), givenCircumstances({ cluster })));
}

/** Returns the subject for a `user` block, as audit events, TokenReview, SelfSubjectReview and findings have it. */
export function subjectOfUser(user: JsonObject, circumstances: Circumstances): Subject | undefined {
  return subjectOfCaller(parseCaller(user), circumstances);
}

/**
 * Adds the session to which a CloudTrail record issued credentials. If the record is not a grant, adds the session that
 * signed it. Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
export function collectTrailRecord(record: JsonObject, to: FormCollector): void {
  const facts = parseTrailRecord(record);
  if (facts === 'cloudtrail-record-without-eventName') to.note('A CloudTrail record has no eventName.');
  const caller = parseTrailCaller(objectAt(record, 'userIdentity') ?? {});
  const grant = typeof facts === 'string' ? undefined : facts.grant;
  const circumstances = circumstancesOfTrailRecord(record, caller, grant);
  const issued = grant === undefined ? undefined : subjectOfGrant(grant, circumstances);
  const signed = issued ?? subjectOfTrailCaller(caller, circumstances);
  if (signed === undefined && caller.service !== undefined)
    to.note(`The AWS service ${caller.service} made the call in a CloudTrail record, so no session signed it.`);
  if (issued === undefined && signed?.by === 'person') to.note(signedText(record, caller));
  to.addPart('cloudtrail-record', signed);
}

/**
 * Says which user made the call in a CloudTrail record, with which access key, and whether AWS denied it. Trust:
 * anybody can have written the text.
 */
function signedText(record: JsonObject, caller: TrailCaller): string {
  const { accessKeyId: key } = caller;
  const [event, code] = [filledTextAt(record, 'eventID'), filledTextAt(record, 'errorCode')];
  const how = [key && `with the access key ${key}`, event && `event ID ${event}`].filter(Boolean).join(', ');
  const made = `The record itself states who made the call: ${nameOf(caller) ?? 'nobody'}${how === '' ? '' : `, ${how}`}.`;
  return code === undefined ? made : `${made} The call failed: ${code}.`;
}

function circumstancesOfTrailRecord(record: JsonObject, caller: TrailCaller, grant: Grant | undefined): Circumstances {
  const time = filledTextAt(record, 'eventTime');
  const ip = filledTextAt(record, 'sourceIPAddress');
  return givenCircumstances({
    at: time === undefined ? undefined : parseInstant(time),
    eventId: filledTextAt(record, 'eventID'),
    eventName: filledTextAt(record, 'eventName'),
    sourceIps: ip === undefined ? undefined : [ip],
    userAgent: filledTextAt(record, 'userAgent'),
    ...(grant !== undefined && { issuedTo: principalOfGrant(grant) ?? grant.roleArn, calledBy: nameOf(caller) }),
  });
}

function nameOf({ arn, userName, principalId, service, accountId }: TrailCaller): string | undefined {
  return arn ?? userName ?? principalId ?? service ?? accountId;
}

/** Adds the caller of an eks-whois record (docs/record.md). If the record names no caller, adds its audit ID. */
export function collectRecord(record: JsonObject, to: FormCollector): void {
  const caller = objectAt(record, 'caller') ?? {};
  const auditId = filledTextAt(record, 'auditId');
  const circumstances = circumstancesOfRecord(record, auditId);
  const { uid, username, accessKeyId, sessionName, arn } = caller;
  const subject = subjectOfUser({ uid, username, extra: { accessKeyId, sessionName, arn } }, circumstances);
  if (subject !== undefined || auditId === undefined) return to.addPart('record', subject);
  to.addPart('record', { by: 'audit-id', auditId, circumstances });
}

function circumstancesOfRecord(record: JsonObject, auditId: string | undefined): Circumstances {
  const time = filledTextAt(record, 'time');
  const request = objectAt(record, 'request');
  const code = objectAt(record, 'response')?.code;
  const source = objectAt(record, 'source');
  const textOf = (key: string) => filledTextAt(request, key);
  return givenCircumstances({
    at: time === undefined ? undefined : parseInstant(time),
    cluster: filledTextAt(record, 'cluster'),
    clusterArn: filledTextAt(record, 'clusterArn'),
    auditId,
    request: present({
      verb: textOf('verb'),
      uri: textOf('uri'),
      resource: textOf('resource'),
      subresource: textOf('subresource'),
      namespace: textOf('namespace'),
      name: textOf('name'),
    }),
    code: typeof code === 'number' ? code : undefined,
    sourceIps: textsAt(source, 'ips'),
    userAgent: filledTextAt(source, 'userAgent'),
  });
}
