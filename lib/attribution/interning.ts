import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { isJsonObject } from '../json.ts';

/**
 * Shares equal parts among grants. Each record has its own copy of caller and role, and a person who assumes a role a
 * hundred times a day would be stored a hundred times.
 */
export class Interning {
  readonly #callers = new Map<string, TrailCaller>();
  readonly #roleArns = new Map<string, string>();

  /** Returns an equal grant that shares its caller and its role's ARN with an earlier grant if they are equal. */
  of(grant: Grant): Grant {
    const [caller, roleArn] = [this.#callerLike(grant.caller), this.#roleArnLike(grant.roleArn)];
    return caller === grant.caller && roleArn === grant.roleArn ? grant : { ...grant, caller, roleArn };
  }

  /**
   * Returns the last caller with the ARN if it is equal. Only that one is compared: a session usually calls several times
   * in a row, or never again.
   */
  #callerLike(caller: TrailCaller): TrailCaller {
    const { arn } = caller;
    if (arn === undefined) return caller;
    const known = this.#callers.get(arn);
    if (known === caller || (known !== undefined && isSame(known, caller))) return known;
    this.#callers.set(arn, caller);
    return caller;
  }

  #roleArnLike(arn: string | undefined): string | undefined {
    if (arn === undefined) return undefined;
    const known = this.#roleArns.get(arn);
    if (known === undefined) this.#roleArns.set(arn, arn);
    return known ?? arn;
  }
}

/** Whether both have equal values, also within their objects. Ignores the field `but`. */
export function isSame<T extends object>(a: T, b: T, but?: keyof T): boolean {
  for (const key in a) if (key !== but && !isSameValue(a[key], b[key])) return false;
  for (const key in b) if (key !== but && b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || (isJsonObject(a) && isJsonObject(b) && isSame(a, b));
}
