import type { AuditRecord } from '../../attribution/record.ts';
import type { ErrorCode } from '../../error-code.ts';
import { RequestBudgetError } from '../../ports/budget.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../time.ts';
import {
  type Condition,
  canonicalOf,
  FIELD_NAMES,
  type FieldName,
  flawOf,
  isField,
  type RecordFilter,
} from './filter.ts';

/** A question about records. The command line, the API, the page and the filters over files share this form. */
export interface RecordsQuestion {
  readonly filter: RecordFilter;
  readonly range: TimeRange;
  /**
   * Selects records of actors that the service's directory first saw at this time or later. Files have no directory.
   */
  readonly firstSeenSince?: EpochMillis | undefined;
}

type QuestionTimes = TimeRange & Pick<RecordsQuestion, 'firstSeenSince'>;

/** One value of a parameter, as the user gave it. If it is negated, records with this value are excluded. */
export interface GivenValue {
  readonly name: FieldName;
  readonly value: string;
  readonly negated: boolean;
}

/** The error of an invalid question. It names the parameter as the API does, and says what the value should be. */
export class QuestionError extends Error {
  readonly code = 'question' satisfies ErrorCode;
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** The maximum number of values of one field. */
const MOST_VALUES = 50;
/**
 * The maximum number of characters of a value. Everything that audit events and CloudTrail state about a caller is
 * shorter.
 */
export const LONGEST_VALUE = 2_048;

const NEGATED = 'not';
const NO_SYSTEM = 'noSystem';

const TIMES = ['from', 'to', 'firstSeenSince'] as const satisfies readonly (keyof QuestionTimes)[];
type TimeName = (typeof TIMES)[number];

/** The parameters of a question in the API: one for each field, one for each excluded field, and the times. */
export const QUESTION_PARAMETERS: readonly string[] = [
  ...FIELD_NAMES,
  ...FIELD_NAMES.map(negatedName),
  NO_SYSTEM,
  ...TIMES,
];

/**
 * Fields that select one caller or one request, which can also be of the cluster itself. So a question with one of them
 * includes the status `system`.
 */
export const FIELDS_WITH_SYSTEM = ['auditId', 'username'] as const satisfies readonly FieldName[];

/** Returns the parameter that excludes values of a field: `notVerb` for `verb`. */
export function negatedName(name: FieldName): string {
  return `${NEGATED}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/**
 * Parses a question from parameters, named as in `QUESTION_PARAMETERS`. Fields can be given several times.
 * @throws QuestionError if a value is not valid for its field, or a range ends before it begins.
 */
export function readQuestion(given: Iterable<readonly [name: string, value: string]>): RecordsQuestion {
  const values: GivenValue[] = [];
  const times: { [Name in TimeName]?: EpochMillis } = {};
  const once = new Set<string>();
  for (const [name, value] of given) {
    if (once.has(name)) throw new QuestionError(name, 'Give this parameter only once.');
    if (isTime(name) || name === NO_SYSTEM) once.add(name);
    if (isTime(name)) times[name] = instantOf(name, value);
    else if (name === NO_SYSTEM) values.push(...noSystem(value));
    else values.push(givenValue(name, value));
  }
  return questionOf(values, times);
}

function isTime(name: string): name is TimeName {
  return TIMES.some((each) => each === name);
}

/**
 * Makes a question of values and times.
 * @throws the errors of `readQuestion`.
 */
export function questionOf(values: readonly GivenValue[], times: QuestionTimes): RecordsQuestion {
  const { firstSeenSince } = times;
  const range = rangeIn(times);
  const filter: { [Name in FieldName]?: Condition } = {};
  for (const { name, value, negated } of values) {
    const parameter = negated ? negatedName(name) : name;
    check(parameter, name, value);
    const condition = filter[name] ?? {};
    const list = new Set(negated ? condition.not : condition.any).add(canonicalOf(name, value));
    if (list.size > MOST_VALUES) throw new QuestionError(parameter, `Give at most ${MOST_VALUES} values.`);
    filter[name] = { ...condition, [negated ? 'not' : 'any']: [...list] };
  }
  return {
    filter: withCandidates(filter),
    range,
    ...(firstSeenSince !== undefined && { firstSeenSince }),
  };
}

function rangeIn({ from, to }: QuestionTimes): TimeRange {
  if (from === undefined || to === undefined || from <= to) return { from, to };
  throw new QuestionError('from', 'from must not be later than to.');
}

/**
 * Returns the filter with its actor as a candidate, if it asks only for ambiguous records. Ambiguous records have
 * candidates, but no actor.
 */
function withCandidates(filter: RecordFilter): RecordFilter {
  const { actor, status, candidate, ...rest } = filter;
  const isOfCandidates = actor?.any !== undefined && candidate === undefined && isOnly(status?.any, 'ambiguous');
  return isOfCandidates ? { ...rest, status: status ?? {}, candidate: actor } : filter;
}

function isOnly(values: readonly string[] | undefined, value: string): boolean {
  return values?.length === 1 && values[0] === value;
}

function givenValue(name: string, value: string): GivenValue {
  const negated = FIELD_NAMES.find((field) => negatedName(field) === name);
  if (negated !== undefined) return { name: negated, value, negated: true };
  if (isField(name)) return { name, value, negated: false };
  throw new QuestionError(name, `Unknown parameter. The parameters are ${QUESTION_PARAMETERS.join(', ')}.`);
}

function noSystem(value: string): GivenValue[] {
  if (value !== 'true' && value !== 'false') throw new QuestionError(NO_SYSTEM, 'Give true or false.');
  return value === 'true' ? [{ name: 'status', value: 'system', negated: true }] : [];
}

function check(parameter: string, name: FieldName, value: string): void {
  if (value === '' || value.length > LONGEST_VALUE)
    throw new QuestionError(parameter, `Give 1 to ${LONGEST_VALUE} characters.`);
  const flaw = flawOf(name, value);
  if (flaw !== undefined) throw new QuestionError(parameter, flaw);
}

function instantOf(name: string, text: string): EpochMillis {
  // In a URL, a `+` that is not escaped stands for a space. Here it was the sign of a time zone's offset.
  const at = parseInstant(text.replace(/ (\d\d:?\d\d)$/, '+$1'));
  if (at === undefined)
    throw new QuestionError(name, 'Give a time in RFC 3339 format, for example 2026-03-10T14:03:00Z.');
  return at;
}

/** Returns parameters from which `readQuestion` makes the same question. */
export function questionParameters({
  filter,
  range,
  firstSeenSince,
}: RecordsQuestion): [name: string, value: string][] {
  const values = FIELD_NAMES.flatMap((name) => [
    ...(filter[name]?.any ?? []).map((value): [string, string] => [name, value]),
    ...(filter[name]?.not ?? []).map((value): [string, string] => [negatedName(name), value]),
  ]);
  const given: QuestionTimes = { ...range, firstSeenSince };
  const times = TIMES.flatMap((name): [string, string][] => {
    const at = given[name];
    return at === undefined ? [] : [[name, exactInstant(at)]];
  });
  return [...values, ...times];
}

/**
 * Returns whether a record is in the time range. Times are exact to the microsecond, as in the tables. A record without
 * a readable time, or from before 1970, is only in a range without beginning and end.
 */
export function isInRange({ time }: Pick<AuditRecord, 'time'>, { from, to }: TimeRange): boolean {
  if (from === undefined && to === undefined) return true;
  const at = time === undefined ? undefined : parseInstant(time);
  if (at === undefined || micros(at) < 1) return false;
  return (from === undefined || micros(at) >= micros(from)) && (to === undefined || micros(at) <= micros(to));
}

function micros(at: EpochMillis): number {
  return Math.round(at * 1_000);
}

/** Returns whether the question leaves out any records. */
export function asksSomething({ filter, range, firstSeenSince }: RecordsQuestion): boolean {
  return Object.keys(filter).length > 0 || [range.from, range.to, firstSeenSince].some((at) => at !== undefined);
}

/** Returns the time with microseconds, as audit events state it. */
function exactInstant(at: EpochMillis): string {
  const millis = Math.floor(micros(at) / 1_000);
  const rest = String(micros(at) - millis * 1_000).padStart(3, '0');
  return rest === '000' ? formatInstant(epochMillis(millis)) : new Date(millis).toISOString().replace('Z', `${rest}Z`);
}

/** The errors that refuse a question. Another question can succeed. */
export type Refusal = QuestionError | RequestBudgetError;

/**
 * Returns the refusal behind an error: the error itself, or its cause, for example if a remote service refused.
 * Undefined for any other error.
 */
export function refusalOf(error: unknown): Refusal | undefined {
  if (isRefusal(error)) return error;
  return error instanceof Error && isRefusal(error.cause) ? error.cause : undefined;
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof QuestionError || error instanceof RequestBudgetError;
}
