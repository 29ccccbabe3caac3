import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { isJsonObject } from '../json.ts';

/**
 * Lets grants share what they have alike: each record states its caller and role in texts of its own, and a person who
 * assumes a role a hundred times a day would be kept a hundred times.
 */
export class Interning {
  readonly #callers = new Map<string, TrailCaller>();
  readonly #roleArns = new Map<string, string>();

  /** An equal grant, its caller and its role's ARN being those of an earlier one where these are equal. */
  of(grant: Grant): Grant {
    const [caller, roleArn] = [this.#callerLike(grant.caller), this.#roleArnLike(grant.roleArn)];
    return caller === grant.caller && roleArn === grant.roleArn ? grant : { ...grant, caller, roleArn };
  }

  /** The last one with the ARN is compared: a session calls several times in a row, or never again. */
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

/** Whether they have the same values and, in their objects, the same again; `but`: of no account. */
export function isSame<T extends object>(a: T, b: T, but?: keyof T): boolean {
  for (const key in a) if (key !== but && !isSameValue(a[key], b[key])) return false;
  for (const key in b) if (key !== but && b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || (isJsonObject(a) && isJsonObject(b) && isSame(a, b));
}
