import type { AuditEvent, AuditRequest } from '../audit/audit-event.ts';
import { type Caller, parseCaller } from '../audit/caller.ts';
import { annotatedParts, callerIdentity, responseCodeOf } from '../audit/event.ts';
import { LoggedEvent } from '../audit/logged-event.ts';
import { auditIdOf } from '../identity/audit-id.ts';
import { isJsonObject, type JsonObject, textsAt } from '../json.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { type BytesDigest, IdentityBytes } from './identity-bytes.ts';
import { InstantBytes } from './instant-bytes.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, isDigit, OPEN_ARRAY, OPEN_OBJECT } from './json-bytes.ts';
import { KnownPieces } from './known-pieces.ts';
import { unescaped, valueIn } from './logged-text.ts';
import { type PayloadBytes, TEXT, type TextKind, Words, wordsOfMessage } from './payload-bytes.ts';

/** What is read of an entry, each a place in `LoggedEvents.#from`, `#to` and `#kind`. */
const FIELD = {
  skipped: 0,
  auditId: 1,
  stage: 2,
  uri: 3,
  verb: 4,
  userAgent: 5,
  resource: 6,
  namespace: 7,
  name: 8,
  apiGroup: 9,
  subresource: 10,
  time: 11,
  user: 12,
  addresses: 13,
  status: 14,
  annotations: 15,
} as const;
const FIELDS = 16;
/** Those that an entry need not have. */
const OPTIONAL = [
  FIELD.userAgent,
  FIELD.resource,
  FIELD.namespace,
  FIELD.name,
  FIELD.apiGroup,
  FIELD.subresource,
  FIELD.status,
];

/** What tells events apart, behind the audit id, in the order of `eventIdentity`. */
const OF_IDENTITY = [FIELD.stage, FIELD.time, FIELD.verb, FIELD.uri];

/**
 * What stands around it in an entry of a payload with an audit event as an API server writes it at the level `Metadata`, in full:
 * each member once, in this order (Go's, of the struct Event of k8s.io/apiserver/pkg/apis/audit/v1), with nobody impersonated
 * and no bodies.
 */
const ID = new Words('{"id":"');
const TIMESTAMP = new Words('","timestamp":');
const MESSAGE = new Words(String.raw`,"message":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"`);
const AUDIT_ID = wordsOfMessage(',"auditID":"');
const STAGE = wordsOfMessage(',"stage":"');
const URI = wordsOfMessage(',"requestURI":"');
const VERB = wordsOfMessage(',"verb":"');
const USER = wordsOfMessage(',"user":');
/** The beginning is looked for: V8 prepares itself for longer texts each time. */
const USER_ENDS = String.raw`},\"so`;
const ADDRESSES = new Words(String.raw`},\"sourceIPs\":`);
const USER_AGENT = wordsOfMessage(',"userAgent":"');
const OBJECT = wordsOfMessage(',"objectRef":{"resource":"');
const NAMESPACE = wordsOfMessage(',"namespace":"');
const NAME = wordsOfMessage(',"name":"');
const UID = wordsOfMessage(',"uid":"');
const API_GROUP = wordsOfMessage(',"apiGroup":"');
const API_VERSION = wordsOfMessage(',"apiVersion":"');
const RESOURCE_VERSION = wordsOfMessage(',"resourceVersion":"');
const SUBRESOURCE = wordsOfMessage(',"subresource":"');
const STATUS_OF_CODE = wordsOfMessage(',"responseStatus":{"metadata":{},"code":');
const STATUS = wordsOfMessage(',"responseStatus":');
const RECEIVED = wordsOfMessage(',"requestReceivedTimestamp":"');
const STAGED = wordsOfMessage(',"stageTimestamp":"');
const ANNOTATIONS = wordsOfMessage(',"annotations":');
/** Behind the annotations. */
const END = '}"}';

const ZERO = 0x30;
const CODE_LENGTH = 3;
/** Of a text within a message, in bytes. */
const QUOTE_LENGTH = 2;

/** How many pieces of a kind are expected in one delivery. */
const MANY = 4_096;
const SOME = 1_024;
/** … and how many bytes they take. */
const LARGE = 1024 * 1024;
const SMALL = 128 * 1024;

/** Where there is no such member. */
const NO_RESPONSE = { code: undefined };

interface KnownCaller {
  readonly caller: Caller;
  /** Its part of its events' identities, in UTF-8. */
  readonly identity: Uint8Array;
}

/**
 * Reads audit events where they lie, in the bytes of a subscription's payload: nothing is parsed that came before in the same
 * bytes, and no text made of it. What is read is JSON to its end, or the answer is no, for the plain way.
 *
 * Texts may share the payload's memory, and keep all of it: what is read is for one delivery.
 */
export class LoggedEvents {
  readonly #payload: PayloadBytes;
  /** 0 where there is none; else behind a text's first quotation mark. */
  readonly #from = new Int32Array(FIELDS);
  readonly #to = new Int32Array(FIELDS);
  readonly #kind = new Uint8Array(FIELDS);
  readonly #instants = new InstantBytes();
  readonly #callers;
  readonly #addresses;
  readonly #statuses;
  readonly #annotations;
  /** Words that come again are one text each, which is hashed once wherever it is looked up. */
  readonly #words;
  readonly #agents;
  readonly #identity: IdentityBytes | undefined;
  #end = 0;
  /** Where the next user ends, or one that was passed. */
  #userEnd = 0;
  #code: number | undefined;

  /** @param digest of an event's identity, which is its record's id. */
  constructor(payload: PayloadBytes, digest: BytesDigest | undefined) {
    this.#payload = payload;
    this.#identity = digest && new IdentityBytes(payload, digest);
    this.#callers = new KnownPieces(payload, MANY, LARGE, (text) => told(text, knownCaller));
    this.#addresses = new KnownPieces(payload, SOME, SMALL, (list) => textsAt({ list: valueIn(list) }, 'list'));
    this.#statuses = new KnownPieces(payload, SOME, SMALL, (text) =>
      told(text, (status) => ({ code: responseCodeOf(status) })),
    );
    this.#annotations = new KnownPieces(payload, SOME, SMALL, (text) => told(text, annotatedParts));
    this.#words = new KnownPieces(payload, SOME, SMALL, (text) => text);
    this.#agents = new KnownPieces(payload, SOME, SMALL, unescaped);
  }

  /** The event of the entry that begins and ends there. */
  read(begin: number, end: number): LoggedEvent | undefined {
    for (const field of OPTIONAL) {
      this.#from[field] = 0;
      this.#to[field] = 0;
    }
    this.#code = undefined;
    this.#end = end;
    this.#payload.at = begin;
    return this.#takesHead() && this.#takesUser() && this.#takesObject() && this.#takesRest()
      ? this.#made()
      : undefined;
  }

  #takes(words: Words): boolean {
    return this.#payload.takes(words, this.#end);
  }

  #takesHead(): boolean {
    const isEntry = this.#takes(ID) && this.#payload.takesPlain() && this.#takes(TIMESTAMP) && this.#takesNumber();
    return (
      isEntry &&
      this.#takes(MESSAGE) &&
      this.#takesText(FIELD.skipped, TEXT.plain) &&
      this.#takesMember(AUDIT_ID, FIELD.auditId, TEXT.plain) &&
      this.#takesMember(STAGE, FIELD.stage, TEXT.plain) &&
      this.#takesMember(URI, FIELD.uri, TEXT.escaped) &&
      this.#takesMember(VERB, FIELD.verb, TEXT.plain) &&
      this.#takes(USER)
    );
  }

  #takesUser(): boolean {
    const payload = this.#payload;
    const from = payload.at;
    if (this.#userEnd >= 0 && this.#userEnd < from) this.#userEnd = payload.find(USER_ENDS, from);
    if (this.#userEnd < 0) return false;
    payload.at = this.#userEnd;
    if (!this.#takes(ADDRESSES)) return false;
    this.#from[FIELD.user] = from;
    this.#to[FIELD.user] = this.#userEnd + 1;
    return this.#takesList() && this.#maybe(USER_AGENT, FIELD.userAgent, TEXT.escaped);
  }

  #takesObject(): boolean {
    if (!this.#takes(OBJECT)) return true;
    return (
      this.#takesText(FIELD.resource, TEXT.plain) &&
      this.#maybe(NAMESPACE, FIELD.namespace, TEXT.plain) &&
      this.#maybe(NAME, FIELD.name, TEXT.escaped) &&
      this.#maybe(UID, FIELD.skipped, TEXT.plain) &&
      this.#maybe(API_GROUP, FIELD.apiGroup, TEXT.plain) &&
      this.#maybe(API_VERSION, FIELD.skipped, TEXT.plain) &&
      this.#maybe(RESOURCE_VERSION, FIELD.skipped, TEXT.plain) &&
      this.#maybe(SUBRESOURCE, FIELD.subresource, TEXT.plain) &&
      this.#payload.takesByte(CLOSE_OBJECT)
    );
  }

  #takesRest(): boolean {
    if (!this.#maybeResponse()) return false;
    const isTimed =
      this.#takesMember(RECEIVED, FIELD.time, TEXT.plain) && this.#takesMember(STAGED, FIELD.skipped, TEXT.plain);
    if (!isTimed || !this.#takes(ANNOTATIONS)) return false;
    const from = this.#payload.at;
    this.#payload.at = this.#end - END.length;
    this.#mark(FIELD.annotations, from);
    return this.#payload.at > from && this.#payload.has(END);
  }

  #takesMember(words: Words, field: number, most: TextKind): boolean {
    return this.#takes(words) && this.#takesText(field, most);
  }

  /** A member that need not be there. */
  #maybe(words: Words, field: number, most: TextKind): boolean {
    return !this.#takes(words) || this.#takesText(field, most);
  }

  #takesText(field: number, most: TextKind): boolean {
    const payload = this.#payload;
    const from = payload.at;
    const kind = payload.text();
    if (kind === TEXT.none || kind > most) return false;
    this.#kind[field] = kind;
    this.#mark(field, from);
    payload.at += QUOTE_LENGTH;
    return true;
  }

  #mark(field: number, from: number): void {
    this.#from[field] = from;
    this.#to[field] = this.#payload.at;
  }

  /** A whole one, as RFC 8259 writes it. */
  #takesNumber(): boolean {
    const payload = this.#payload;
    const from = payload.at;
    while (isDigit(payload.next())) payload.at += 1;
    const length = payload.at - from;
    return length === 1 || (length > 1 && payload.bytes[from] !== ZERO);
  }

  /** As a rule it is a code of three digits. */
  #maybeResponse(): boolean {
    const payload = this.#payload;
    const begin = payload.at;
    if (this.#takes(STATUS_OF_CODE)) {
      this.#code = this.#takesNumber() ? codeOf(payload.bytes, begin + STATUS_OF_CODE.length, payload.at) : undefined;
      if (this.#code !== undefined && payload.takesByte(CLOSE_OBJECT)) return true;
      this.#code = undefined;
      payload.at = begin;
    }
    return !this.#takes(STATUS) || this.#takesStatus();
  }

  /** A list without lists or objects in it. */
  #takesList(): boolean {
    const payload = this.#payload;
    const from = payload.at;
    if (!payload.takesByte(OPEN_ARRAY) || payload.bracket(this.#end) !== CLOSE_ARRAY) return false;
    this.#mark(FIELD.addresses, from);
    return true;
  }

  /** An object without lists in it, and with at most objects of texts and numbers. */
  #takesStatus(): boolean {
    const payload = this.#payload;
    const from = payload.at;
    if (!payload.takesByte(OPEN_OBJECT)) return false;
    for (let depth = 1; depth > 0; ) {
      const bracket = payload.bracket(this.#end);
      if (bracket === OPEN_OBJECT && depth === 1) depth = 2;
      else if (bracket === CLOSE_OBJECT) depth -= 1;
      else return false;
    }
    this.#mark(FIELD.status, from);
    return true;
  }

  #made(): LoggedEvent | undefined {
    const known = this.#known(this.#callers, FIELD.user);
    const sourceIps = this.#known(this.#addresses, FIELD.addresses);
    const response = this.#isThere(FIELD.status) ? this.#known(this.#statuses, FIELD.status) : NO_RESPONSE;
    const annotated = this.#known(this.#annotations, FIELD.annotations);
    const request = this.#request();
    const userAgent = this.#isFilled(FIELD.userAgent) ? this.#known(this.#agents, FIELD.userAgent) : '';
    if (!known || !sourceIps || !response || !annotated || !request || userAgent === undefined) return undefined;
    const event: AuditEvent = {
      auditId: auditIdOf(this.#cut(FIELD.auditId)),
      stage: this.#word(FIELD.stage),
      time: this.#isFilled(FIELD.time) ? this.#cut(FIELD.time) : undefined,
      at: this.#isFilled(FIELD.time) ? this.#instant() : undefined,
      request,
      responseCode: this.#code ?? response.code,
      authorization: annotated.authorization,
      sourceIps,
      userAgent: userAgent || undefined,
      caller: known.caller,
      impersonated: undefined,
      issuedCredentialId: annotated.issuedCredentialId,
      created: undefined,
    };
    return new LoggedEvent(event, this.#id(known));
  }

  /** Undefined where JSON would write a text of it in other bytes. */
  #id({ identity }: KnownCaller): string | undefined {
    const to = this.#identity;
    if (to === undefined) return undefined;
    to.begin(this.#from[FIELD.auditId] ?? 0, this.#to[FIELD.auditId] ?? 0);
    for (const field of OF_IDENTITY) {
      if (this.#isFilled(field) && this.#kind[field] !== TEXT.ascii) return undefined;
      to.add(this.#from[field] ?? 0, this.#to[field] ?? 0);
    }
    return this.#kind[FIELD.auditId] === TEXT.ascii ? to.digest(identity) : undefined;
  }

  #request(): AuditRequest | undefined {
    const uri = this.#text(FIELD.uri);
    const name = this.#text(FIELD.name);
    if (uri === undefined || name === undefined) return undefined;
    const resource = this.#word(FIELD.resource);
    const hasGroup = resource !== undefined || this.#isThere(FIELD.apiGroup);
    return {
      verb: this.#word(FIELD.verb),
      uri: uri || undefined,
      apiGroup: this.#word(FIELD.apiGroup) ?? (hasGroup ? '' : undefined),
      resource,
      subresource: this.#word(FIELD.subresource),
      namespace: this.#word(FIELD.namespace),
      name: name || undefined,
    };
  }

  #instant(): EpochMillis | undefined {
    const at = this.#instants.of(this.#payload.bytes, this.#from[FIELD.time] ?? 0, this.#to[FIELD.time] ?? 0);
    return Number.isNaN(at) ? undefined : epochMillis(at);
  }

  #isThere(field: number): boolean {
    return this.#from[field] !== 0;
  }

  #isFilled(field: number): boolean {
    return this.#from[field] !== this.#to[field];
  }

  #cut(field: number): string {
    return this.#payload.cut(this.#from[field] ?? 0, this.#to[field] ?? 0);
  }

  /** What was told of a field that is filled. */
  #known<T>(pieces: KnownPieces<T>, field: number): T {
    return pieces.of(this.#from[field] ?? 0, this.#to[field] ?? 0);
  }

  #word(field: number): string | undefined {
    return this.#isFilled(field) ? this.#known(this.#words, field) : undefined;
  }

  /** Empty where there is none; undefined where its escapes are none. */
  #text(field: number): string | undefined {
    if (!this.#isFilled(field)) return '';
    const text = this.#cut(field);
    return this.#kind[field] !== TEXT.escaped ? text : unescaped(text);
  }
}

/** Of three digits; undefined where there are more or fewer. */
function codeOf(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from !== CODE_LENGTH) return undefined;
  let code = 0;
  for (let at = from; at < to; at += 1) code = code * 10 + (bytes[at] ?? 0) - ZERO;
  return code;
}

function knownCaller(user: JsonObject): KnownCaller {
  const caller = parseCaller(user);
  return { caller, identity: new TextEncoder().encode(callerIdentity(caller)) };
}

/** What an object says; undefined where the text is none. */
function told<T>(text: string, tell: (object: JsonObject) => T): T | undefined {
  const value = valueIn(text);
  return isJsonObject(value) ? tell(value) : undefined;
}
