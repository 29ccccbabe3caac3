import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, listAt } from '../../lib/json.ts';
import type { Presence } from './condition.ts';

/** An entry under the choices that were laid over one another so far: when it is there, and what it is then. */
export interface Conditional {
  readonly presence: Presence;
  readonly value: unknown;
}

/** What holds under the condition, over what holds otherwise. */
export function laidOver(condition: string, then: Conditional, otherwise: Conditional): Conditional {
  const presence = isDeepStrictEqual(then.presence, otherwise.presence)
    ? then.presence
    : { condition, met: then.presence, unmet: otherwise.presence };
  if (then.presence === false) return { presence, value: otherwise.value };
  if (otherwise.presence === false) return { presence, value: then.value };
  return { presence, value: merged(condition, then.value, otherwise.value) };
}

const NOTHING = { Ref: 'AWS::NoValue' };

function merged(condition: string, then: unknown, otherwise: unknown): unknown {
  if (isDeepStrictEqual(then, otherwise)) return then;
  if (Array.isArray(then) && Array.isArray(otherwise)) return mergedLists(condition, then, otherwise);
  if (isPlain(then) && isPlain(otherwise)) return mergedObjects(condition, then, otherwise);
  return { 'Fn::If': [condition, then ?? NOTHING, otherwise ?? NOTHING] };
}

/** An object that is no call of CloudFormation's. */
function isPlain(value: unknown): value is JsonObject {
  return isJsonObject(value) && !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function mergedObjects(condition: string, then: JsonObject, otherwise: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(then), ...Object.keys(otherwise)])];
  return Object.fromEntries(keys.map((key) => [key, merged(condition, then[key], otherwise[key])]));
}

/** Entries of both, in the order of both; those of one alone stand under the condition. */
function mergedLists(condition: string, then: readonly unknown[], otherwise: readonly unknown[]): unknown {
  const [one, ...restOfOne] = then;
  const [other, ...restOfOther] = otherwise;
  if (then.length === 0 && otherwise.length === 0) return [];
  if (then.length > 0 && otherwise.length > 0 && isSame(one, other))
    return [merged(condition, one, other), ...list(mergedLists(condition, restOfOne, restOfOther))];
  const isOneLater = otherwise.some((each) => isSame(one, each));
  if (then.length > 0 && !isOneLater)
    return [{ 'Fn::If': [condition, one, NOTHING] }, ...list(mergedLists(condition, restOfOne, otherwise))];
  return [{ 'Fn::If': [condition, NOTHING, other] }, ...list(mergedLists(condition, then, restOfOther))];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What has a name within its list is the same by it, also where it stands under a condition; anything else by what it is. */
function isSame(one: unknown, other: unknown): boolean {
  const [name, another] = [nameWithin(one), nameWithin(other)];
  return name === undefined ? isDeepStrictEqual(one, other) : name === another;
}

function nameWithin(entry: unknown): unknown {
  if (!isJsonObject(entry)) return undefined;
  const [, met, unmet] = listAt(entry, 'Fn::If') ?? [];
  return entry.Sid ?? entry.PolicyName ?? nameWithin(met) ?? nameWithin(unmet);
}
