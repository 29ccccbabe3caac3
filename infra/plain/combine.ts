import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, listAt } from '../../lib/json.ts';
import type { Presence } from './condition.ts';

/** An entry of the combined templates so far: the condition under which it is present, and its value. */
export interface ConditionalEntry {
  readonly presence: Presence;
  readonly value: unknown;
}

/** Returns the combination of two entries: `then` if the condition holds, and `otherwise` if not. */
export function combine(condition: string, then: ConditionalEntry, otherwise: ConditionalEntry): ConditionalEntry {
  const presence = isDeepStrictEqual(then.presence, otherwise.presence)
    ? then.presence
    : { condition, met: then.presence, unmet: otherwise.presence };
  if (then.presence === false) return { presence, value: otherwise.value };
  if (otherwise.presence === false) return { presence, value: then.value };
  return { presence, value: merge(condition, then.value, otherwise.value) };
}

const NOTHING = { Ref: 'AWS::NoValue' };

function merge(condition: string, then: unknown, otherwise: unknown): unknown {
  if (isDeepStrictEqual(then, otherwise)) return then;
  if (Array.isArray(then) && Array.isArray(otherwise)) return mergeLists(condition, then, otherwise);
  if (isPlain(then) && isPlain(otherwise)) return mergeObjects(condition, then, otherwise);
  return { 'Fn::If': [condition, then ?? NOTHING, otherwise ?? NOTHING] };
}

/** Returns whether the value is an object other than an intrinsic function of CloudFormation. */
function isPlain(value: unknown): value is JsonObject {
  return isJsonObject(value) && !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function mergeObjects(condition: string, then: JsonObject, otherwise: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(then), ...Object.keys(otherwise)])];
  return Object.fromEntries(keys.map((key) => [key, merge(condition, then[key], otherwise[key])]));
}

/** Merges two lists and keeps the order of both. An entry that only one of them has gets the condition. */
function mergeLists(condition: string, then: readonly unknown[], otherwise: readonly unknown[]): unknown {
  const [one, ...restOfOne] = then;
  const [other, ...restOfOther] = otherwise;
  if (then.length === 0 && otherwise.length === 0) return [];
  if (then.length > 0 && otherwise.length > 0 && isSame(one, other))
    return [merge(condition, one, other), ...list(mergeLists(condition, restOfOne, restOfOther))];
  const isOneLater = otherwise.some((each) => isSame(one, each));
  if (then.length > 0 && !isOneLater)
    return [{ 'Fn::If': [condition, one, NOTHING] }, ...list(mergeLists(condition, restOfOne, otherwise))];
  return [{ 'Fn::If': [condition, NOTHING, other] }, ...list(mergeLists(condition, then, restOfOther))];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Returns whether two entries are the same. Entries with a name in the list are compared by it, even under a condition.
 * Others are compared by value.
 */
function isSame(one: unknown, other: unknown): boolean {
  const [name, another] = [nameWithin(one), nameWithin(other)];
  return name === undefined ? isDeepStrictEqual(one, other) : name === another;
}

function nameWithin(entry: unknown): unknown {
  if (!isJsonObject(entry)) return undefined;
  const [, met, unmet] = listAt(entry, 'Fn::If') ?? [];
  return entry.Sid ?? entry.PolicyName ?? nameWithin(met) ?? nameWithin(unmet);
}
