import { type Command, Option } from 'commander';
import { type EpochMillis, formatInstant, parseInstant } from '../../lib/time.ts';
import { FIELD_NAMES, FIELDS, type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import {
  asksSomething,
  FIELDS_WITH_SYSTEM,
  type GivenValue,
  negatedName,
  QuestionError,
  questionOf,
  type RecordsQuestion,
} from '../../lib/usecases/query/question.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';
import { optionOf } from './option-name.ts';
import { RepeatableOption } from './repeatable-option.ts';
import { type RangeOptions, rangeOf } from './time-range.ts';
import { instantOption } from './times.ts';

/** The values of each filter, and of each filter that excludes, as commander hands them over. */
export type QuestionOptions = RangeOptions & {
  readonly [Name in FieldName | `not${Capitalize<FieldName>}`]?: readonly string[];
} & {
  /** Whether requests of the cluster itself are included. False after `--no-system`. */
  readonly system?: boolean;
  /** Whether to ask for requests in which the actor is only a candidate, instead of requests of the actor. */
  readonly candidates?: boolean;
  /** Only actors that were first seen at this time or later. */
  readonly firstSeenSince?: EpochMillis;
};

/** Fields that have no option in the help. The option `--candidates` stands for `candidate`. */
export const HIDDEN_FIELDS: ReadonlySet<FieldName> = new Set(['candidate']);
const SHORT: Readonly<Partial<Record<FieldName, string>>> = { namespace: '-n, ' };

/** Gives the command a repeatable option for each field, and one that excludes (CONTRACT, "FILTER"). */
export function withQuestion(command: Command): Command {
  for (const name of FIELD_NAMES) {
    const flag = `${SHORT[name] ?? ''}${optionOf(name)} <${placeholder(name)}>`;
    const option = new RepeatableOption(flag, FIELDS[name].says, fieldOf(name).words).helpGroup(GROUPS.filters);
    command.addOption(HIDDEN_FIELDS.has(name) ? option.hideHelp() : option);
  }
  for (const name of FIELD_NAMES) {
    const flag = `${optionOf(negatedName(name))} <${placeholder(name)}>`;
    command.addOption(new RepeatableOption(flag, `not: ${FIELDS[name].says}`, fieldOf(name).words).hideHelp());
  }
  return command.addOption(
    new Option('--no-system', 'leave out requests of the cluster itself and AWS').helpGroup(GROUPS.filters),
  );
}

/** Returns `--first-seen-since`, for a command that knows when actors were seen. */
export function firstSeenOption(): Option {
  return instantOption(
    '--first-seen-since <time>',
    'only requests of actors that were first seen at this time or later: 7d, 2026-03-10',
    'start',
  ).helpGroup(GROUPS.filters);
}

/** Returns `--candidates`. */
export function candidatesOption(): Option {
  return new Option(
    '--candidates',
    'with --actor: requests that may be theirs, as one of several candidates',
  ).helpGroup(GROUPS.filters);
}

/** Explains in the short help how filters combine. */
export const FILTER_HINT =
  'Repeat a filter to match any of its values. Different filters combine with AND. Each has a --not-… form that excludes.';

/** Explains the filters in the long help. */
export const FILTER_TOPIC: Topic = {
  heading: 'How filters combine:',
  text: `
Repeat a filter to match any of its values: --verb get --verb list. Different filters combine with AND. Each filter has a
--not-… form that excludes: --not-verb get --not-verb list.

A resource is written as in an audit policy, or as kubectl accepts it: pods (without subresources), pods/exec, 'pods/*', deploy.`,
};

function placeholder(name: FieldName): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(' ', '-');
}

/** Returns the question that the options ask. @throws CommandError that names the option that is wrong. */
export function questionFrom(options: QuestionOptions): RecordsQuestion {
  const { from, to } = rangeOf(options);
  const times = { from: instantOf(from), to: instantOf(to), firstSeenSince: options.firstSeenSince };
  try {
    return questionOf(valuesOf(options), times);
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error;
    const [, given] = Object.entries(options).find(([name]) => name === error.parameter) ?? [];
    const values = [given].flat();
    const what = values.length === 1 && typeof values[0] === 'string' ? `cannot be ${values[0]}` : 'is not valid';
    throw wrongUsage(`${optionOf(error.parameter)} ${what}. ${error.message}`);
  }
}

/**
 * Returns what `questionFrom` returns.
 * @throws CommandError also if the options select nothing.
 */
export function selectiveQuestion(options: QuestionOptions): RecordsQuestion {
  const question = questionFrom(options);
  if (asksSomething(question)) return question;
  throw wrongUsage(
    'Nothing selects which records to show. Give a time range, such as --since 2h, or a filter, such as --actor, --cluster or --verb.',
  );
}

function instantOf(text: string | undefined) {
  return text === undefined ? undefined : parseInstant(text);
}

function valuesOf(options: QuestionOptions): readonly GivenValue[] {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const valuesAt = (key: string, name: FieldName, negated: boolean) =>
    [given[key]].flat().flatMap((value) => (typeof value === 'string' ? { name, value, negated } : []));
  const values = FIELD_NAMES.flatMap((name) => [
    ...valuesAt(name, options.candidates === true && name === 'actor' ? 'candidate' : name, false),
    ...valuesAt(negatedName(name), name, true),
  ]);
  if (options.candidates === true && options.actor === undefined)
    throw wrongUsage('--candidates needs --actor: it shows requests that this actor may have made. Add --actor.');
  return options.system === false ? [...values, { name: 'status', value: 'system', negated: true }] : values;
}

/**
 * Returns whether the options themselves say if requests of the cluster itself and AWS are included. `--no-system`
 * does, and so do filters by status, audit ID or username.
 */
export function asksForSystem(options: QuestionOptions): boolean {
  const names = ['status', 'notStatus', ...FIELDS_WITH_SYSTEM] as const;
  return names.some((name) => options[name] !== undefined) || options.system === false;
}

/** Describes whose records a question asks for, without the time range: `for actor ana.silva`. */
export function questionText(question: RecordsQuestion): string {
  return `for ${filtersText(question) || 'any actor'}`;
}

/** Describes the filters without the time range: `actor ana.silva, verb get or list`. Empty if there are none. */
export function filtersText({ filter, firstSeenSince }: RecordsQuestion): string {
  const fields = FIELD_NAMES.flatMap((name) => [
    ...partOf(`${wordOf(name)} `, filter[name]?.any),
    ...partOf(`not ${wordOf(name)} `, filter[name]?.not),
  ]);
  const since = firstSeenSince === undefined ? [] : [`actors first seen since ${formatInstant(firstSeenSince)}`];
  return [...fields, ...since].join(', ');
}

function partOf(word: string, values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : [`${word}${values.join(' or ')}`];
}

function wordOf(name: FieldName): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
