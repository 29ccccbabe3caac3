import { type FieldName, isField } from '../../../lib/usecases/query/filter.ts';
import { FIELDS_WITH_SYSTEM, negatedName, QUESTION_PARAMETERS } from '../../../lib/usecases/query/question.ts';

/** A value that records must have, or must not have. */
export interface Filter {
  readonly field: FieldName;
  readonly value: string;
  readonly isNegated: boolean;
}

const NEGATIONS: ReadonlyMap<string, FieldName> = new Map(
  QUESTION_PARAMETERS.filter(isField).map((field) => [negatedName(field), field]),
);

/** Returns the filters of an address, in its order. */
export function filtersOf(params: URLSearchParams): readonly Filter[] {
  return [...params].flatMap(([name, value]): Filter[] => {
    const negated = NEGATIONS.get(name);
    if (negated !== undefined) return [{ field: negated, value, isNegated: true }];
    return isField(name) ? [{ field: name, value, isNegated: false }] : [];
  });
}

/** Returns whether a value is required (`only`), excluded (`not`) or not filtered. */
export function stateOf(filters: readonly Filter[], field: FieldName, value: string): 'only' | 'not' | undefined {
  const found = filters.find((each) => each.field === field && each.value === value);
  if (found === undefined) return undefined;
  return found.isNegated ? 'not' : 'only';
}

/** New values of parameters of the address; null removes one. */
type Changes = Readonly<Record<string, readonly string[] | null>>;

/** Returns the change of the address that puts the filter for a value into that state. */
export function withFilterState(
  params: URLSearchParams,
  { field, value }: Pick<Filter, 'field' | 'value'>,
  state: 'only' | 'not' | undefined,
): Changes {
  const others = (name: string) => params.getAll(name).filter((each) => each !== value);
  const not = negatedName(field);
  return {
    [field]: [...others(field), ...(state === 'only' ? [value] : [])],
    [not]: [...others(not), ...(state === 'not' ? [value] : [])],
  };
}

/** Returns the change of the address that removes all filters. */
export function withoutFilters(params: URLSearchParams): Changes {
  const names = filtersOf(params).map(({ field, isNegated }) => (isNegated ? negatedName(field) : field));
  return Object.fromEntries(names.map((name) => [name, null]));
}

/**
 * Returns whether system requests are hidden. The switch of the timeline decides. Without it they are hidden, as in the
 * tables of the command line, unless a filter names them.
 */
export function leavesOutSystem(params: URLSearchParams): boolean {
  if (params.get('system') === 'shown' || params.getAll('status').includes('system')) return false;
  if (params.has('noSystem')) return params.get('noSystem') !== 'false';
  return !FIELDS_WITH_SYSTEM.some((name) => params.has(name));
}

/** Returns the change of the address that turns the switch for system requests. */
export function systemSwitch(params: URLSearchParams): Readonly<Record<'system' | 'noSystem', string | null>> {
  if (leavesOutSystem(params)) return { system: 'shown', noSystem: null };
  return { system: null, noSystem: FIELDS_WITH_SYSTEM.some((name) => params.has(name)) ? 'true' : null };
}

const TIMES = ['from', 'to'];

/** The API's filter parameters, without the times. The address uses the same names. */
export const questionNames: ReadonlySet<string> = new Set(QUESTION_PARAMETERS.filter((name) => !TIMES.includes(name)));
