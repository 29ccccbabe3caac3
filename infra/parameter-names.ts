import { nearest } from '../lib/nearness.ts';
import { namesIn } from './osls-options.ts';
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
  const typed = namesIn(commandLine);
  const written = ['default', stage].flatMap((each) => Object.keys(params[each] ?? {}));
  const unknown = [...new Set([...typed, ...written])].filter((name) => !isKnown(name));
  return unknown.map((name) => `${name}: there is no such parameter. ${advice(name)}`);
}

function isKnown(name: string): boolean {
  return PARAMETER_NAMES.some((known) => known === name);
}

/** Where none is near, all there are help more. */
function advice(name: string): string {
  const [near] = nearest(name, PARAMETER_NAMES);
  return near === undefined ? `There are ${PARAMETER_NAMES.join(', ')}.` : `Did you mean ${near}?`;
}
