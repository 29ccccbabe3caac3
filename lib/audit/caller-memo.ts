import { isJsonObject, type JsonObject, objectAt, textAt } from '../json.ts';
import { RecentMap } from '../recent-map.ts';
import { type Caller, firstText, parseCaller } from './caller.ts';

/**
 * The number of callers that are remembered, or up to twice as many for a while (`RecentMap`). That is about the
 * callers of a few busy minutes. A larger number only keeps V8 busy with older callers. Four times as many cost a tenth
 * more CPU time and 40 MB. 20,000 cost more than no memory at all (`npm run bench -- attribute`).
 */
export const MOST_CALLERS = 256;
/**
 * Limits the `user` blocks that are remembered for one key, or for one username without a key. Several clusters have
 * different blocks.
 */
const MOST_BLOCKS = 4;

interface RememberedCaller {
  readonly user: JsonObject;
  /** The keys of its `extra`, in their order. */
  readonly names: readonly string[];
  readonly caller: Caller;
}

/**
 * Remembers callers, so that equal `user` blocks have the same caller object. Results can then be stored by that
 * object.
 */
export class CallerMemo {
  readonly #callers = new RecentMap<string, RememberedCaller[]>(MOST_CALLERS);

  /** Returns what `parseCaller` returns for an event's own `user`. */
  read(user: JsonObject): Caller {
    const extra = objectAt(user, 'extra');
    const key = firstText(extra?.accessKeyId) ?? firstText(extra?.['authentication.kubernetes.io/credential-id']);
    const mark = key ?? textAt(user, 'username') ?? '';
    const known = this.#callers.get(mark) ?? [];
    for (const each of known) if (isSameUser(each, user)) return each.caller;
    const caller = parseCaller(user);
    if (known.unshift({ user, names: Object.keys(extra ?? {}), caller }) > MOST_BLOCKS) known.pop();
    this.#callers.set(mark, known);
    return caller;
  }
}

/** Returns whether both have the same texts, in the same order, in everything that `parseCaller` reads. */
function isSameUser({ user: one, names }: RememberedCaller, other: JsonObject): boolean {
  if (one.uid !== other.uid || one.username !== other.username || !isSameList(one.groups, other.groups)) return false;
  const [extra, others] = [one.extra, other.extra];
  if (!isJsonObject(extra) || !isJsonObject(others)) return extra === others;
  let at = 0;
  for (const name in others) {
    if (name !== names[at] || !isSameList(extra[name], others[name])) return false;
    at += 1;
  }
  return at === names.length;
}

/** Returns whether both are equal lists of texts, or equal texts. */
function isSameList(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  let at = one.length;
  if (at !== other.length) return false;
  while (at > 0 && one[at - 1] === other[at - 1]) at -= 1;
  return at === 0;
}
