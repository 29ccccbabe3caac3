import { isJsonObject, type JsonObject, objectAt, parseJson } from '../json.ts';
import type { AuditEvent } from './audit-event.ts';
import { type Caller, type ImpersonatedUser, parseCaller, parseImpersonatedUser } from './caller.ts';
import { type AnnotatedParts, annotatedParts, auditEventOf } from './event.ts';

const USER = ',"user":{';
const BEHIND_USER = ',"sourceIPs":';
const ANNOTATIONS = ',"annotations":{';
const MOST_KEPT = 4_096;

/** Who calls, and for whom. */
interface Identities {
  readonly caller: Caller;
  readonly impersonated: ImpersonatedUser | undefined;
}

/**
 * Reads audit events from their texts. Of a delivery's thousands of events some dozens of callers, and of reasons to allow
 * them, come again and again in the same characters: each such text is read once, and all its events share what it says.
 */
export class EventTexts {
  readonly #identities = new Map<string, Identities | undefined>();
  readonly #annotations = new Map<string, AnnotatedParts | undefined>();

  /**
   * The event as `parseAuditEvent` reads it; undefined where the text is not as an API server writes it, or no audit event:
   * it is then to be read as any other.
   *
   * What is cut out of the text is whole members of the outermost object, or this answers undefined. Before the user stands
   * no bracket but the first, and no text that goes on: what is behind it would end it, and what is left be no JSON. Before
   * the annotations stands what is JSON with a bracket behind it. No member that was cut out may be there once more.
   */
  read(text: string): AuditEvent | undefined {
    const user = placeOfUser(text);
    if (user === undefined) return undefined;
    const identities = known(this.#identities, text.slice(user.begin, user.end), identitiesOf);
    if (identities === undefined) return undefined;
    const head = text.slice(0, user.key);
    const annotationsAt = text.endsWith('}}') ? text.lastIndexOf(ANNOTATIONS) : -1;
    if (annotationsAt < user.end) return eventOfRest(head + text.slice(user.end), identities);
    const annotations = text.slice(annotationsAt + ANNOTATIONS.length - 1, -1);
    const annotated = known(this.#annotations, annotations, annotatedBy);
    return annotated === undefined
      ? eventOfRest(head + text.slice(user.end), identities)
      : eventOfRest(`${head}${text.slice(user.end, annotationsAt)}}`, identities, annotated);
  }
}

/** Where the key of the user stands, with its comma, and where its value begins and ends, or what else stands with it. */
function placeOfUser(text: string): { readonly key: number; readonly begin: number; readonly end: number } | undefined {
  const key = text.indexOf(USER);
  const begin = key + USER.length - 1;
  if (key < 0 || text.indexOf('{', 1) !== begin) return undefined;
  const list = text.indexOf('[', 1);
  const end = text.indexOf(BEHIND_USER, begin);
  return end < 0 || (list >= 0 && list < begin) ? undefined : { key, begin, end };
}

/** `annotated` is there where the annotations were cut out too. */
function eventOfRest(rest: string, identities: Identities, annotated?: AnnotatedParts): AuditEvent | undefined {
  const event = objectOf(rest);
  if (event === undefined || 'user' in event || 'impersonatedUser' in event) return undefined;
  if (annotated !== undefined && 'annotations' in event) return undefined;
  const { auditID } = event;
  if (typeof auditID !== 'string') return undefined;
  return auditEventOf(event, auditID, identities, annotated ?? annotatedParts(event.annotations));
}

/** What the text says, told once; not for ever, since whoever calls can be called anything. */
function known<T>(all: Map<string, T | undefined>, text: string, tell: (text: string) => T | undefined): T | undefined {
  const told = all.get(text);
  if (told !== undefined || all.has(text)) return told;
  if (all.size >= MOST_KEPT) all.clear();
  const now = tell(text);
  all.set(text, now);
  return now;
}

/** By the value of `user`, behind which an `impersonatedUser` may stand; undefined where it is anything else. */
function identitiesOf(text: string): Identities | undefined {
  const members = objectOf(`{"user":${text}}`);
  const user = objectAt(members, 'user');
  if (members === undefined || user === undefined) return undefined;
  if (Object.keys(members).some((key) => key !== 'user' && key !== 'impersonatedUser')) return undefined;
  return { caller: parseCaller(user), impersonated: parseImpersonatedUser(members) };
}

function annotatedBy(text: string): AnnotatedParts | undefined {
  const annotations = objectOf(text);
  return annotations && annotatedParts(annotations);
}

function objectOf(text: string): JsonObject | undefined {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}
