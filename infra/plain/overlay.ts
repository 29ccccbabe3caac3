import { isDeepStrictEqual } from 'node:util';
import { type ConditionalEntry, combine } from './combine.ts';
import { type Expression, nameCondition, toExpression } from './condition.ts';

/** A choice that decides which resources exist, or which properties they have. Its last state needs no condition. */
export interface Choice<T> {
  readonly states: readonly State<T>[];
}

export interface State<T> {
  /** The condition of the state, or undefined for the last state, which holds if no other does. */
  readonly condition?: string;
  readonly values: Partial<T>;
}

/** The entries of one section of a template, by logical ID. */
export type Entries = Readonly<Record<string, object>>;

/** The combined entries of all choices. */
export interface CombinedEntries {
  readonly entries: Record<string, object>;
  /** The conditions of entries in addition to those of the choices, by name. */
  readonly conditions: Record<string, Expression>;
}

/**
 * Combines the entries of all choices. Values that differ get an `Fn::If`. Entries that are not always present get a
 * `Condition`. So for each choice, a template with parameters has exactly what `make` returns. No definition is written
 * twice. To find the choices on which an entry depends, one or two of them are changed at a time. A test checks random
 * combinations.
 */
export function overlay<T>(choices: readonly Choice<T>[], make: (values: Partial<T>) => Entries): CombinedEntries {
  const points = new Points(choices, make);
  const conditions: Record<string, Expression> = {};
  const entries = points.ids().map((id) => {
    const going = points.choicesOf(id);
    const tree = entryTree(points, id, going, points.base());
    const expression = toExpression(tree.presence);
    const entry = tree.value as object;
    if (expression === true) return [id, entry] as const;
    const condition = nameCondition(expression, conditions);
    return [id, { ...entry, Condition: condition }] as const;
  });
  return { entries: Object.fromEntries(entries), conditions };
}

type Point = readonly number[];

/** The results of `make` at points of the choices. Each point is computed once. */
class Points<T> {
  private readonly made = new Map<string, Entries>();
  readonly choices: readonly Choice<T>[];
  private readonly make: (values: Partial<T>) => Entries;

  constructor(choices: readonly Choice<T>[], make: (values: Partial<T>) => Entries) {
    this.choices = choices;
    this.make = make;
  }

  base(): Point {
    return this.choices.map(() => 0);
  }

  at(point: Point): Entries {
    const key = point.join();
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const values = Object.assign({}, ...this.choices.map(({ states }, choice) => states[point[choice] ?? 0]?.values));
    const entries = this.make(values);
    this.made.set(key, entries);
    return entries;
  }

  /** Returns the points that differ from this one in one choice at most. */
  private around(point: Point): Point[] {
    return this.choices.flatMap(({ states }, choice) => states.map((_, state) => point.with(choice, state)));
  }

  ids(): string[] {
    return [...new Set(this.pairs().flatMap((point) => Object.keys(this.at(point))))];
  }

  private pairs(): Point[] {
    const singles = [this.base(), ...this.around(this.base())];
    return singles.flatMap((point) => this.around(point));
  }

  /** Returns the choices that change the entry or its presence. */
  choicesOf(id: string): readonly number[] {
    const singles = [this.base(), ...this.around(this.base())];
    const differs = (choice: number, point: Point) =>
      this.choices[choice]?.states.some(
        (_, state) => !isDeepStrictEqual(this.at(point)[id], this.at(point.with(choice, state))[id]),
      );
    return [...this.choices.keys()].filter((choice) => singles.some((point) => differs(choice, point)));
  }
}

function entryTree<T>(points: Points<T>, id: string, going: readonly number[], point: Point): ConditionalEntry {
  const [choice, ...rest] = going;
  if (choice === undefined) {
    const value = points.at(point)[id];
    return { presence: value !== undefined, value };
  }
  const states = points.choices[choice]?.states ?? [];
  const branches = states.map((state, at) => ({
    condition: state.condition ?? '',
    of: entryTree(points, id, rest, point.with(choice, at)),
  }));
  return branches
    .slice(0, -1)
    .reduceRight<ConditionalEntry>(
      (otherwise, { condition, of }) => combine(condition, of, otherwise),
      branches.at(-1)?.of ?? { presence: false, value: undefined },
    );
}
