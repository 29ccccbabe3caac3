import { type JsonObject, objectAt } from '../json.ts';
import { type Caller, parseCaller } from './caller.ts';

/** Of one name: what groups or pods tell apart. */
const MOST_ALIKE = 4;
const MOST_NAMES = 4_096;
/** A `user` has its extra's lists no deeper than this. */
const DEEPEST = 4;

interface Seen {
  readonly user: JsonObject;
  readonly caller: Caller;
}

/**
 * Reads callers as `parseCaller` does, each `user` that is the same as an earlier one only once: a delivery has thousands of
 * events and some dozens of callers. The same `user` gives the same object, by which else is told once a caller.
 */
export class SeenCallers {
  readonly #byName = new Map<string, Seen[]>();

  parse(user: JsonObject): Caller {
    const name = nameOf(user);
    const alike = this.#byName.get(name);
    if (alike !== undefined) for (const seen of alike) if (isSameObject(seen.user, user, DEEPEST)) return seen.caller;
    const caller = parseCaller(user);
    this.#note(name, { user, caller });
    return caller;
  }

  #note(name: string, seen: Seen): void {
    const alike = this.#byName.get(name);
    if (alike === undefined) {
      if (this.#byName.size >= MOST_NAMES) this.#byName.clear();
      this.#byName.set(name, [seen]);
    } else {
      if (alike.length >= MOST_ALIKE) alike.shift();
      alike.push(seen);
    }
  }
}

/** By what callers mostly differ; whether they do is seen by all that they are. */
function nameOf(user: JsonObject): string {
  const { username, uid } = user;
  const extra = objectAt(user, 'extra');
  const credential = extra && (extra.accessKeyId ?? extra['authentication.kubernetes.io/credential-id']);
  const first: unknown = Array.isArray(credential) ? credential[0] : credential;
  const name = typeof username === 'string' ? username : typeof uid === 'string' ? uid : '';
  return typeof first === 'string' ? `${name} ${first}` : name;
}

/** Whether they are the same JSON, their keys in the same order: of keys that differ in case alone the first counts. */
function isSameJson(a: unknown, b: unknown, depth: number): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth === 0) return false;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b, depth - 1);
  return !Array.isArray(b) && isSameObject(a as JsonObject, b as JsonObject, depth - 1);
}

function isSameList(a: readonly unknown[], b: readonly unknown[], depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (!isSameJson(a[at], b[at], depth)) return false;
  return true;
}

function isSameObject(a: JsonObject, b: JsonObject, depth: number): boolean {
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length) return false;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    if (key !== others[at] || !isSameJson(a[key], b[key], depth)) return false;
  }
  return true;
}
