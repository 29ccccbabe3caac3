import { type FieldName, isField } from '../../../lib/usecases/query/filter.ts';
import { negatedName, QUESTION_PARAMETERS, WHOEVER_BEARS } from '../../../lib/usecases/query/question.ts';

/** One value that the records that are looked at must have, or must not. */
export interface Filter {
  readonly field: FieldName;
  readonly value: string;
  readonly isNegated: boolean;
}

const NEGATIONS: ReadonlyMap<string, FieldName> = new Map(
  QUESTION_PARAMETERS.filter(isField).map((field) => [negatedName(field), field]),
);

/** The filters of an address, in its order. */
export function filtersOf(params: URLSearchParams): readonly Filter[] {
  return [...params].flatMap(([name, value]): Filter[] => {
    const negated = NEGATIONS.get(name);
    if (negated !== undefined) return [{ field: negated, value, isNegated: true }];
    return isField(name) ? [{ field: name, value, isNegated: false }] : [];
  });
}

/** What of a value is asked at the moment: that it is so, that it is not, or nothing. */
export function stateOf(filters: readonly Filter[], field: FieldName, value: string): 'only' | 'not' | undefined {
  const found = filters.find((each) => each.field === field && each.value === value);
  if (found === undefined) return undefined;
  return found.isNegated ? 'not' : 'only';
}

/** What becomes of parameters of the address; null takes one away. */
type Changes = Readonly<Record<string, readonly string[] | null>>;

/** The change of the address after which that is asked of a value. */
export function asking(
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

/** Without any of them. */
export function withoutFilters(params: URLSearchParams): Changes {
  const names = filtersOf(params).map(({ field, isNegated }) => (isNegated ? negatedName(field) : field));
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Whether what the cluster itself and AWS do is left out: as its switch says, else unless it is asked for, as in a table of the command line. */
export function leavesOutSystem(params: URLSearchParams): boolean {
  if (params.get('system') === 'shown' || params.getAll('status').includes('system')) return false;
  if (params.has('noSystem')) return params.get('noSystem') !== 'false';
  return !WHOEVER_BEARS.some((name) => params.has(name));
}

/** The change of the address by that switch. */
export function systemSwitch(params: URLSearchParams): Readonly<Record<'system' | 'noSystem', string | null>> {
  if (leavesOutSystem(params)) return { system: 'shown', noSystem: null };
  return { system: null, noSystem: WHOEVER_BEARS.some((name) => params.has(name)) ? 'true' : null };
}

const TIMES = ['from', 'to'];

/** The parameters of the address that say which records are meant, but for the time: the API's own names. */
export const questionNames: ReadonlySet<string> = new Set(QUESTION_PARAMETERS.filter((name) => !TIMES.includes(name)));
