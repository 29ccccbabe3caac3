import { ANONYMOUS, parseRecording, RecordingError } from '../lib/audit/recording.ts';
import { CONTROL_PLANE, SERVICE_ACCOUNTS } from '../lib/identity/audit-filter.ts';
import { type JsonObject, objectAt } from '../lib/json.ts';
import type { Value } from './cloudformation.ts';
import { PARAMETER_NAMES, type Parameters } from './parameters.ts';

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

/** What differs between the deployed parameters and the new ones. `defaults` are those of `serverless.yml`. */
export function changesBetween(before: JsonObject, after: JsonObject, defaults: JsonObject): Change[] {
  return PARAMETER_NAMES.filter((name) => name in before && shown(before[name]) !== shown(after[name])).map((name) => ({
    name,
    before: shown(before[name]),
    after: shown(after[name]),
    takesAway: isLess(name, before[name], after[name]) || shown(after[name]) === shown(defaults[name]),
  }));
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : value === undefined || value === null ? '' : String(value);
}

/** Words from the least to the most. */
const LADDERS: Readonly<Record<string, readonly string[]>> = {
  serviceAccounts: SERVICE_ACCOUNTS,
  controlPlane: CONTROL_PLANE,
  anonymous: ANONYMOUS,
};
/** What is older than the new number of days is deleted. */
const DAYS = ['recordDays', 'sessionDays', 'logDays'];

function isLess(name: string, before: unknown, after: unknown): boolean {
  if (Array.isArray(before)) return before.some((entry) => !(Array.isArray(after) && after.includes(entry)));
  if (DAYS.includes(name)) return Number(after) < Number(before);
  if (name === 'record') return isLessRecorded(unrecorded(before), unrecorded(after));
  const ladder = LADDERS[name];
  if (ladder !== undefined) return ladder.indexOf(shown(after)) < ladder.indexOf(shown(before));
  return before === true || shown(after) === '';
}

function isLessRecorded(before: readonly string[], after: readonly string[]): boolean {
  return !before.includes('*') && after.some((each) => !before.includes(each));
}

/** Resources whose reads are left out; none where another version kept what this one cannot read. */
function unrecorded(record: unknown): readonly string[] {
  try {
    return parseRecording(shown(record)).omits;
  } catch (error) {
    if (error instanceof RecordingError) return [];
    throw error;
  }
}

/** For the terminal: the deployed parameters beside the new ones, those that differ. */
export function describeChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Parameters: as deployed.';
  const rows = changes.map(({ name, before, after }) => `  ${name}: ${before || 'none'} → ${after || 'none'}`);
  return ['Parameters that differ, as deployed → now:', ...rows].join('\n');
}
