import { type JsonObject, objectAt } from '../lib/json.ts';
import type { Value } from './cloudformation.ts';
import { DEFAULTS, PARAMETER_NAMES, type Parameters, parameter } from './parameters.ts';

/** What a stack was deployed with, for its template's metadata, which CloudFormation keeps; it takes no null there. */
export function kept(of: Parameters): Readonly<Record<string, Value>> {
  return Object.fromEntries(PARAMETER_NAMES.map((name) => [name, of[name] ?? '']));
}

/** The same out of a template; undefined where a version deployed it that kept nothing. */
export function keptIn(template: JsonObject): JsonObject | undefined {
  return objectAt(objectAt(template, 'Metadata'), 'Parameters');
}

/** A parameter that a deployment would change. */
export interface Change {
  readonly name: string;
  /** As `--param` takes it; empty for none. */
  readonly before: string;
  readonly after: string;
  /** Whether the stack has less of something afterwards, or goes back to a default that nobody may have asked for. */
  readonly takesAway: boolean;
}

/** What differs between the deployed parameters and the new ones. */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  return PARAMETER_NAMES.filter((name) => name in before && shown(before[name]) !== shown(after[name])).map((name) => ({
    name,
    before: shown(before[name]),
    after: shown(after[name]),
    takesAway: parameter(name).reads.isLess(before[name], after[name]) || shown(after[name]) === shown(DEFAULTS[name]),
  }));
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : value === undefined || value === null ? '' : String(value);
}

/** For the terminal: the deployed parameters beside the new ones, those that differ. */
export function describeChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Parameters: as deployed.';
  const rows = changes.map(({ name, before, after }) => `  ${name}: ${before || 'none'} → ${after || 'none'}`);
  return ['Parameters that differ, as deployed → now:', ...rows].join('\n');
}
