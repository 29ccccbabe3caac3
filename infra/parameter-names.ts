import { PARAMETER_NAMES } from './parameters.ts';

/** Where osls has names of parameters from: `--param` on the command line, and `params` of `serverless.yml`. */
export interface GivenNames {
  /** `key=value`, as typed. */
  readonly commandLine: readonly string[];
  /** By stage; `default` counts for each. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly stage: string;
}

/**
 * What is wrong with the names: osls itself takes any, and a `cluster` for `clusters` would deploy a hub without
 * subscriptions.
 */
export function wrongNames({ commandLine, params, stage }: GivenNames): string[] {
  const typed = commandLine.map((text) => text.split('=', 1)[0] ?? '');
  const written = ['default', stage].flatMap((each) => Object.keys(params[each] ?? {}));
  const unknown = [...new Set([...typed, ...written])].filter((name) => !isKnown(name));
  return unknown.map((name) => `${name}: there is no such parameter. ${advice(name)}`);
}

function isKnown(name: string): boolean {
  return PARAMETER_NAMES.some((known) => known === name);
}

/** A name that is nearer than a third of its letters is one mistyped; else all there are help more. */
function advice(name: string): string {
  const distances = PARAMETER_NAMES.map((known) => distance(known.toLowerCase(), name.toLowerCase()));
  const least = Math.min(...distances);
  if (least > name.length / 3) return `There are ${PARAMETER_NAMES.join(', ')}.`;
  return `Did you mean ${PARAMETER_NAMES[distances.indexOf(least)]}?`;
}

/** Letters put in, left out or changed between two words (Levenshtein), row by row. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (let at = 1; at <= other.length; at += 1) {
      const changed = cell(row, at - 1) + (other[at - 1] === letter ? 0 : 1);
      next.push(Math.min(changed, cell(row, at) + 1, cell(next, at - 1) + 1));
    }
    row = next;
  }
  return cell(row, other.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
