import { isJsonObject, type JsonObject } from '../../lib/json.ts';

/** Far below any field that the rules read, and far above where `JSON.stringify`, which recurses, gives up. */
const DEEPEST = 100;

/**
 * The object as it is, or, where somebody nested it thousands of levels deep, without what lies too deep to be written
 * as JSON again: no field of an audit event or CloudTrail record that is read lies there.
 */
export function withoutDepths(object: JsonObject): JsonObject {
  return isDeep(object, DEEPEST) ? cutObject(object, DEEPEST) : object;
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

function cutObject(object: JsonObject, levels: number): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, cut(value, levels - 1)]));
}

function cut(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((entry) => cut(entry, levels - 1));
  return isJsonObject(value) ? cutObject(value, levels) : null;
}
