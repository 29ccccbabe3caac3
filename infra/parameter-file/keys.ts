import { nearest } from '../../lib/nearness.ts';
import { text } from '../parameter-kinds.ts';
import { PARAMETER_NAMES } from '../parameters.ts';
import { shown } from './node-text.ts';

/** As osls takes the name of a stage (`stage-pattern.js`). */
export const STAGE = /^[a-zA-Z0-9-]+$/;

/** The keys that say which stack is meant, and are no parameters of it. */
export const PLACE_READERS = {
  stage: text(STAGE, 'the name of a stage, of letters, digits and -'),
  region: text(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'an AWS Region'),
} as const;

export const KEYS_OF_STAGE: readonly string[] = ['region', ...PARAMETER_NAMES];
export const KEYS_AT_TOP: readonly string[] = ['stage', 'region', 'stages', ...PARAMETER_NAMES];

/** What is wrong with a key of such a mapping. */
export type KeyCheck = (key: string) => string | undefined;

/** One of these keys; `where` is the mapping, as a sentence names it. */
export function knownKey(where: string, known: readonly string[]): KeyCheck {
  return (key) => {
    if (known.includes(key)) return undefined;
    const name = /^[\w-]{1,64}$/.test(key) ? key : shown(key);
    if (KEYS_AT_TOP.includes(key)) return `${name}: stands at the top of the file only`;
    const [near] = nearest(key, known);
    return `${name}: ${where} has no such key. ${near === undefined ? ALL : `Did you mean ${near}?`}`;
  };
}

const ALL = `There are stage, region, stages, and ${PARAMETER_NAMES.length} parameters: eks-whois.schema.json has them`;

export const stageKey: KeyCheck = (key) =>
  STAGE.test(key) ? undefined : `stages has ${shown(key)}, which is no name of a stage`;
