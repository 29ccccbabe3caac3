import { isJsonObject, type JsonObject } from '../json.ts';
import { ANY, isLike, type Pattern } from './wildcards.ts';

/** Whether an event matches. Undefined if that cannot be decided. */
export type Verdict = boolean | undefined;

/** Stands for a value or object that differs from event to event, so that a match cannot be decided. */
export const UNKNOWN = Symbol('differs from event to event');

/**
 * Returns whether an event matches an EventBridge event pattern. It knows all operators except `cidr`. Undefined if the
 * result depends on an unknown operator or value. Sources: EventBridge User Guide, "Comparison operators for use in
 * event patterns", and the README of aws/event-ruler.
 */
export function eventPatternTakes(pattern: unknown, event: unknown): Verdict {
  if (!isJsonObject(pattern)) return undefined;
  return all(Object.entries(pattern).map(([key, wanted]) => fieldTakes(key, wanted, event)));
}

/**
 * Returns whether a pattern has a condition on a value that is not known of the event. The value need not decide the
 * match.
 */
export function asksForUnknown(pattern: unknown, event: unknown): boolean {
  if (event === UNKNOWN) return true;
  if (!isJsonObject(pattern)) return false;
  return Object.entries(pattern).some(([key, wanted]) => {
    const isChoice = key === '$or' && Array.isArray(wanted);
    if (isChoice) return wanted.some((each) => asksForUnknown(each, event));
    return asksForUnknown(wanted, valueAt(event, key));
  });
}

function fieldTakes(key: string, wanted: unknown, event: unknown): Verdict {
  const values = Array.isArray(wanted) ? (wanted as readonly unknown[]) : undefined;
  if (key === '$or' && values !== undefined) return any(values.map((pattern) => eventPatternTakes(pattern, event)));
  const value = valueAt(event, key);
  return values === undefined ? eventPatternTakes(wanted, value) : any(values.map((each) => fits(each, value)));
}

function valueAt(event: unknown, key: string): unknown {
  if (event === UNKNOWN) return UNKNOWN;
  return isJsonObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
}

/**
 * Returns whether a value matches one condition. One matching element of a list is enough. An object is no value, and
 * an empty list has none.
 */
function fits(wanted: unknown, value: unknown): Verdict {
  if (value === UNKNOWN) return undefined;
  const leaves = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter(isLeaf);
  if (isJsonObject(wanted) && typeof wanted.exists === 'boolean') return leaves.length > 0 === wanted.exists;
  return any(leaves.map((leaf) => leafFits(wanted, leaf)));
}

function isLeaf(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function leafFits(wanted: unknown, leaf: unknown): Verdict {
  if (!isJsonObject(wanted)) return isLeaf(wanted) ? leaf === wanted : undefined;
  const [operator, operand] = onlyEntry(wanted);
  if (operator === 'anything-but') return fitsNone(operand, leaf);
  if (operator === 'numeric') return isInRange(operand, leaf);
  return textFits(operator, operand, leaf);
}

function onlyEntry(wanted: JsonObject): readonly [string, unknown] {
  const [entry, ...others] = Object.entries(wanted);
  return entry === undefined || others.length > 0 ? ['', undefined] : entry;
}

/**
 * Returns whether a value matches `anything-but`. The operand is a value, a list of values, or an operator on one of
 * these.
 */
function fitsNone(operand: unknown, leaf: unknown): Verdict {
  const [operator, inner] = isJsonObject(operand) ? onlyEntry(operand) : ['', operand];
  const barred = Array.isArray(inner) ? (inner as readonly unknown[]) : [inner];
  const fit = any(barred.map((each) => leafFits(operator === '' ? each : { [operator]: each }, leaf)));
  return fit === undefined ? undefined : !fit;
}

/** The operators on strings. They get the string of the event, and that of the pattern. */
const TEXTS: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  prefix: (text, wanted) => text.startsWith(wanted),
  suffix: (text, wanted) => text.endsWith(wanted),
  'equals-ignore-case': (text, wanted) => text.toLowerCase() === wanted.toLowerCase(),
  wildcard: (text, wanted) => isLike(text, wildcardPattern(wanted)),
};

function textFits(operator: string, operand: unknown, leaf: unknown): Verdict {
  const compare = Object.hasOwn(TEXTS, operator) ? TEXTS[operator] : undefined;
  const anyCase = isJsonObject(operand) && isEnd(operator) ? operand['equals-ignore-case'] : undefined;
  const wanted = anyCase ?? operand;
  if (compare === undefined || typeof wanted !== 'string') return undefined;
  if (typeof leaf !== 'string') return false;
  return anyCase === undefined ? compare(leaf, wanted) : compare(leaf.toLowerCase(), wanted.toLowerCase());
}

function isEnd(operator: string): boolean {
  return operator === 'prefix' || operator === 'suffix';
}

/** Parses a wildcard. A star matches any text, unless a backslash comes before it. */
function wildcardPattern(text: string): Pattern {
  return [...text.matchAll(/\\([*\\])|./gs)].map(([sign, escaped]) => escaped ?? (sign === '*' ? ANY : sign));
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/**
 * Returns whether a value is in a numeric range such as `[">", 0, "<=", 5]`, which is made of comparisons and their
 * limits.
 */
function isInRange(operand: unknown, leaf: unknown): Verdict {
  if (!Array.isArray(operand) || operand.length === 0) return undefined;
  const [sign, limit, ...others] = operand as readonly unknown[];
  const compare = typeof sign === 'string' && Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
  if (compare === undefined || typeof limit !== 'number') return undefined;
  const holds = typeof leaf === 'number' && compare(leaf, limit);
  return others.length === 0 ? holds : all([holds, isInRange(others, leaf)]);
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

function any(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}
