import type { AuditEvent, AuditRequest } from '../audit/audit-event.ts';
import { parseCaller } from '../audit/caller.ts';
import { annotatedParts, responseCodeOf } from '../audit/event.ts';
import { auditIdOf } from '../identity/audit-id.ts';
import { isJsonObject, type JsonObject, textsAt } from '../json.ts';
import { LogInstants } from '../time.ts';
import { KnownTexts } from './known-texts.ts';
import { ANY_TEXT, LIST, OBJECT, PLAIN_TEXT, TEXT, unescaped, valueIn, words } from './logged-text.ts';

/**
 * An entry of a payload with an audit event as an API server writes it at the level `Metadata`, in full: each member once, in
 * this order (Go's, of the struct Event of k8s.io/apiserver/pkg/apis/audit/v1), with nobody impersonated and no bodies. What
 * stands before the user, then what stands between the user and what the annotations are. So far it is JSON, if it matches.
 */
const HEAD = patternOf(
  String.raw`\{"id":"[^"\\\u0000-\u001f]*","timestamp":(?:0|[1-9]\d*),"message":"`,
  `${words('{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":')}${ANY_TEXT}`,
  `${words(',"auditID":')}${PLAIN_TEXT}`,
  `${words(',"stage":')}${PLAIN_TEXT}`,
  `${words(',"requestURI":')}${TEXT}`,
  `${words(',"verb":')}${PLAIN_TEXT}`,
  words(',"user":'),
);
const OF_HEAD = { auditId: 1, stage: 2, uri: 3, verb: 5 } as const;

const BEHIND_USER = String.raw`,\"sourceIPs\":`;
const TAIL = patternOf(
  `${words(',"sourceIPs":')}${LIST}`,
  `(?:${words(',"userAgent":')}${TEXT})?`,
  `(?:${words(',"objectRef":{"resource":')}${PLAIN_TEXT}`,
  `(?:${words(',"namespace":')}${PLAIN_TEXT})?`,
  `(?:${words(',"name":')}${TEXT})?`,
  `(?:${words(',"uid":')}${ANY_TEXT})?`,
  `(?:${words(',"apiGroup":')}${PLAIN_TEXT})?`,
  `(?:${words(',"apiVersion":')}${ANY_TEXT})?`,
  `(?:${words(',"resourceVersion":')}${ANY_TEXT})?`,
  `(?:${words(',"subresource":')}${PLAIN_TEXT})?`,
  String.raw`\})?`,
  `(?:${words(',"responseStatus":')}(?:${words('{"metadata":{},"code":')}([1-9]\\d\\d)\\}|${OBJECT}))?`,
  `${words(',"requestReceivedTimestamp":')}${PLAIN_TEXT}`,
  `${words(',"stageTimestamp":')}${ANY_TEXT}`,
  words(',"annotations":'),
);
const OF_TAIL = {
  addresses: 1,
  userAgent: 2,
  resource: 4,
  namespace: 5,
  name: 6,
  apiGroup: 8,
  subresource: 9,
  code: 10,
  status: 11,
  time: 12,
} as const;

/** Behind the annotations. */
const END = '}"}';

/** Tried at the place of its `lastIndex`, where it stands then behind what matched. */
function patternOf(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join(''), 'y');
}

/** Where there is no such member. */
const NO_RESPONSE = { code: undefined };

/**
 * Reads audit events where they lie, in the text of a subscription's payload, by these patterns: nothing is parsed that came
 * before in the same characters. Says no to whatever does not match to its end, for the plain way.
 *
 * What is read shares the payload's memory, and keeps all of it: it is for one delivery.
 */
export class LoggedEvents {
  readonly #callers = new KnownTexts((text) => told(text, parseCaller));
  readonly #addresses = new KnownTexts((list) => textsAt({ list: valueIn(list) }, 'list'));
  readonly #statuses = new KnownTexts((text) => told(text, (status) => ({ code: responseCodeOf(status) })));
  readonly #instants = new LogInstants();
  /** Words that come again are one text each, which is hashed once wherever it is looked up. */
  readonly #words = new KnownTexts((text) => text);
  readonly #annotations = new KnownTexts((text) => told(text, annotatedParts));

  /** The event of the entry, which is a piece of the payload. */
  read(entry: string): AuditEvent | undefined {
    HEAD.lastIndex = 0;
    const head = HEAD.exec(entry);
    const userAt = HEAD.lastIndex;
    if (head === null) return undefined;
    TAIL.lastIndex = entry.indexOf(BEHIND_USER, userAt);
    const userEnd = TAIL.lastIndex;
    if (userEnd < 0 || !entry.endsWith(END)) return undefined;
    const tail = TAIL.exec(entry);
    if (tail === null) return undefined;
    return this.#eventOf(head, tail, entry.slice(userAt, userEnd), entry.slice(TAIL.lastIndex, -END.length));
  }

  #eventOf(head: RegExpExecArray, tail: RegExpExecArray, user: string, notes: string): AuditEvent | undefined {
    const caller = this.#callers.of(user);
    const sourceIps = this.#addresses.of(tail[OF_TAIL.addresses] ?? '');
    const { [OF_TAIL.code]: code, [OF_TAIL.status]: status, [OF_TAIL.time]: time } = tail;
    const response = status === undefined ? NO_RESPONSE : this.#statuses.of(status);
    const annotated = this.#annotations.of(notes);
    const request = this.#requestOf(head, tail);
    const userAgent = textOf(tail, OF_TAIL.userAgent);
    if (!caller || !sourceIps || !response || !annotated || !request || userAgent === NO_TEXT) return undefined;
    return {
      auditId: auditIdOf(head[OF_HEAD.auditId] ?? ''),
      stage: this.#word(head[OF_HEAD.stage]),
      time: time || undefined,
      at: time ? this.#instants.read(time) : undefined,
      request,
      responseCode: code === undefined ? response.code : Number(code),
      authorization: annotated.authorization,
      sourceIps,
      userAgent: this.#word(userAgent),
      caller,
      impersonated: undefined,
      issuedCredentialId: annotated.issuedCredentialId,
      created: undefined,
    };
  }

  #requestOf(head: RegExpExecArray, tail: RegExpExecArray): AuditRequest | undefined {
    const uri = textOf(head, OF_HEAD.uri);
    const name = textOf(tail, OF_TAIL.name);
    if (uri === NO_TEXT || name === NO_TEXT) return undefined;
    const resource = this.#word(tail[OF_TAIL.resource]);
    return {
      verb: this.#word(head[OF_HEAD.verb]),
      uri: uri || undefined,
      apiGroup: tail[OF_TAIL.apiGroup] ?? (resource === undefined ? undefined : ''),
      resource,
      subresource: tail[OF_TAIL.subresource] || undefined,
      namespace: this.#word(tail[OF_TAIL.namespace]),
      name: name || undefined,
    };
  }

  #word(text: string | undefined): string | undefined {
    return text ? this.#words.of(text) : undefined;
  }
}

const NO_TEXT = Symbol('no text');

/** Of a `TEXT`. */
function textOf(match: RegExpExecArray, group: number): string | undefined | typeof NO_TEXT {
  const { [group]: text, [group + 1]: escapes } = match;
  return text === undefined || escapes === undefined ? text : (unescaped(text) ?? NO_TEXT);
}

/** What an object says; undefined where the text is none. */
function told<T>(text: string, tell: (object: JsonObject) => T): T | undefined {
  const value = valueIn(text);
  return isJsonObject(value) ? tell(value) : undefined;
}
