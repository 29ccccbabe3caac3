import type { BytesWriter } from './bytes-writer.ts';
import type { EventBytes } from './event-bytes.ts';
import { FIELD } from './event-fields.ts';
import { ascii, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT } from './json-bytes.ts';

/** As records keep them (`lib/attribution/record.ts`): of what is longer, the plain way cuts something off. */
const SHORT = 256;
const NAME = 1_024;
const URI = 4_096;
const LIMITS: readonly (readonly [field: number, limit: number])[] = [
  [FIELD.auditId, SHORT],
  [FIELD.stage, SHORT],
  [FIELD.time, SHORT],
  [FIELD.verb, SHORT],
  [FIELD.uri, URI],
  [FIELD.userAgent, NAME],
  [FIELD.resource, SHORT],
  [FIELD.subresource, SHORT],
  [FIELD.namespace, SHORT],
  [FIELD.name, NAME],
  [FIELD.apiGroup, SHORT],
  [FIELD.decision, SHORT],
  [FIELD.reason, NAME],
];

const BEGIN = ascii('{"schemaVersion":1,"auditId":');
const STAGE = ascii(',"stage":');
const TIME = ascii(',"time":');
const REQUEST = ascii(',"request":');
const VERB = ascii(',"verb":');
const URI_FIELD = ascii(',"uri":');
const API_GROUP = ascii(',"apiGroup":');
const NO_GROUP = ascii(',"apiGroup":""');
const RESOURCE = ascii(',"resource":');
const SUBRESOURCE = ascii(',"subresource":');
const NAMESPACE = ascii(',"namespace":');
const NAME_FIELD = ascii(',"name":');
const RESPONSE = ascii(',"response":');
const CODE = ascii(',"code":');
const AUTHORIZATION = ascii(',"authorization":');
const DECISION = ascii(',"decision":');
const REASON = ascii(',"reason":');
const SOURCE = ascii(',"source":');
const IPS = ascii(',"ips":');
const USER_AGENT = ascii(',"userAgent":');

/** Whether a record keeps each of the event's texts as it is. */
export function isKeptWhole(event: EventBytes): boolean {
  for (const [field, limit] of LIMITS) if (event.lengthOf(field) > limit) return false;
  return true;
}

/** All of `recordHead` that stands before the caller, as its JSON begins; `cluster` is that field, or nothing. */
export function writeHead(event: EventBytes, cluster: Uint8Array, to: BytesWriter): void {
  to.all(BEGIN);
  to.text(event, FIELD.auditId);
  to.filled(STAGE, event, FIELD.stage);
  to.filled(TIME, event, FIELD.time);
  to.all(cluster);
  const request = to.at;
  to.all(REQUEST);
  const verb = to.at;
  writeRequest(event, to);
  close(to, request, verb);
  const response = to.at;
  to.all(RESPONSE);
  const code = to.at;
  to.asItStands(CODE, event, FIELD.code);
  close(to, response, code);
  const authorization = to.at;
  to.all(AUTHORIZATION);
  const decision = to.at;
  to.filled(DECISION, event, FIELD.decision);
  to.filled(REASON, event, FIELD.reason);
  close(to, authorization, decision);
  const source = to.at;
  to.all(SOURCE);
  const ips = to.at;
  to.asItStands(IPS, event, FIELD.ips);
  to.filled(USER_AGENT, event, FIELD.userAgent);
  close(to, source, ips);
}

/** `""` is the core group, of any request that names a resource and no group. */
function writeRequest(event: EventBytes, to: BytesWriter): void {
  to.filled(VERB, event, FIELD.verb);
  to.filled(URI_FIELD, event, FIELD.uri);
  if (event.isThere(FIELD.apiGroup)) {
    to.all(API_GROUP);
    to.text(event, FIELD.apiGroup);
  } else if (event.isFilled(FIELD.resource)) to.all(NO_GROUP);
  to.filled(RESOURCE, event, FIELD.resource);
  to.filled(SUBRESOURCE, event, FIELD.subresource);
  to.filled(NAMESPACE, event, FIELD.namespace);
  to.filled(NAME_FIELD, event, FIELD.name);
}

/** An object's fields were written, each behind a comma: the first comma becomes its bracket, and one without fields is none. */
function close(to: BytesWriter, begin: number, first: number): void {
  if (to.at === first) {
    to.at = begin;
    return;
  }
  to.out[first] = OPEN_OBJECT;
  to.byte(CLOSE_OBJECT);
}

/** What `eventIdentity` says of the event but for its caller: the text that is digested begins so. */
export function writeIdentity(event: EventBytes, to: BytesWriter): void {
  to.byte(OPEN_ARRAY);
  to.text(event, FIELD.auditId);
  to.byte(COMMA);
  to.filledOrNull(event, FIELD.stage);
  to.byte(COMMA);
  to.filledOrNull(event, FIELD.time);
  to.byte(COMMA);
  to.filledOrNull(event, FIELD.verb);
  to.byte(COMMA);
  to.filledOrNull(event, FIELD.uri);
  to.byte(COMMA);
}
