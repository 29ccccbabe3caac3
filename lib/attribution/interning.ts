import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { RoleId } from '../identity/arn.ts';
import { isJsonObject } from '../json.ts';

/**
 * Makes grants share equal parts, to save memory. Every record has its own copy of its caller and role. Without this, a
 * person who assumes a role a hundred times a day would be in memory a hundred times.
 */
export class Interning {
  readonly #callers = new Map<string, TrailCaller>();
  readonly #texts = new Map<string, string>();
  readonly #roleIds = new Map<RoleId, RoleId>();

  /** Returns an equal grant that shares its caller, role and Region with earlier grants where these are equal. */
  of(grant: Grant): Grant {
    const { caller, region, roleArn, roleId } = grant;
    return {
      ...grant,
      region: textLike(region, this.#texts),
      roleArn: textLike(roleArn, this.#texts),
      roleId: textLike(roleId, this.#roleIds),
      caller: this.#callerLike(caller),
    };
  }

  /**
   * Returns the last caller with the same ARN, if it is equal. Earlier ones are not compared, because a session usually
   * calls several times in a row or never again.
   */
  #callerLike(caller: TrailCaller): TrailCaller {
    const { arn } = caller;
    if (arn === undefined) return caller;
    const known = this.#callers.get(arn);
    if (known === caller || (known !== undefined && isSame(known, caller))) return known;
    this.#callers.set(arn, caller);
    return caller;
  }
}

/** Returns the equal text that was stored before, or else stores this one. */
function textLike<T extends string>(text: T | undefined, earlier: Map<T, T>): T | undefined {
  if (text === undefined) return undefined;
  const known = earlier.get(text);
  if (known === undefined) earlier.set(text, text);
  return known ?? text;
}

/** Returns whether both objects have equal values, also in inner objects. The field `but` does not count. */
export function isSame<T extends object>(a: T, b: T, but?: keyof T): boolean {
  for (const key in a) if (key !== but && !isSameValue(a[key], b[key])) return false;
  for (const key in b) if (key !== but && b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || (isJsonObject(a) && isJsonObject(b) && isSame(a, b));
}
