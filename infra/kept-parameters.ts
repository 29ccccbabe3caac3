import { type JsonObject, objectAt } from '../lib/json.ts';
import type { Value } from './cloudformation.ts';
import { DEFAULTS, PARAMETER_NAMES, type Parameters, parameter } from './parameters.ts';

/**
 * Returns the parameters for the template's metadata, which CloudFormation stores. An absent value is '', because
 * metadata must not contain null.
 */
export function parametersToStore(of: Parameters): Readonly<Record<string, Value>> {
  return Object.fromEntries(PARAMETER_NAMES.map((name) => [name, of[name] ?? '']));
}

/**
 * Returns the parameters stored in a template. Undefined if the template is empty, because the stack does not exist.
 */
export function storedParameters(template: JsonObject): JsonObject | undefined {
  return objectAt(objectAt(template, 'Metadata'), 'Parameters');
}

/** A parameter that a deployment would change. */
export interface Change {
  readonly name: string;
  /** The value as `--param` takes it, or '' for none. */
  readonly before: string;
  readonly after: string;
  /** Whether the change takes something away, or returns to a default that may not be intended. */
  readonly takesAway: boolean;
}

/** Returns the parameters that differ between the deployed stack and the new one. */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  return PARAMETER_NAMES.filter((name) => name in before && textOf(before[name]) !== textOf(after[name])).map(
    (name) => ({
      name,
      before: textOf(before[name]),
      after: textOf(after[name]),
      takesAway:
        parameter(name).reads.isLess(before[name], after[name]) || textOf(after[name]) === textOf(DEFAULTS[name]),
    }),
  );
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : value === undefined || value === null ? '' : String(value);
}

/** Describes the changes for a terminal. */
export function describeChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Parameters: no changes.';
  const rows = changes.map(({ name, before, after }) => `  ${name}: ${before || 'none'} → ${after || 'none'}`);
  return ['Parameters that change (deployed → now):', ...rows].join('\n');
}
