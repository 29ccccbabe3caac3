import { isDeepStrictEqual } from 'node:util';
import { type Expression, named, presence } from './condition.ts';
import { type Conditional, laidOver } from './laid-over.ts';

/** One question that decides which resources there are, or what they say; the last state needs no condition. */
export interface Choice<T> {
  readonly states: readonly State<T>[];
}

export interface State<T> {
  /** The condition under which it holds; undefined for the last: where none before it does. */
  readonly condition?: string;
  readonly values: Partial<T>;
}

/** What a template has under one heading, by logical id. */
export type Entries = Readonly<Record<string, object>>;

export interface Overlaid {
  readonly entries: Record<string, object>;
  /** Conditions that entries have beside those of the choices, by name. */
  readonly conditions: Record<string, Expression>;
}

/**
 * Lays the entries of all choices over one another: what differs stands under `Fn::If`, what is not always there has a
 * `Condition`. So a template with parameters says, for each choice, what `make` says for it, and nothing is written twice.
 * Which choices an entry goes by is found by changing one and two of them; a test tries the whole of it at random.
 */
export function overlay<T>(choices: readonly Choice<T>[], make: (values: Partial<T>) => Entries): Overlaid {
  const points = new Points(choices, make);
  const conditions: Record<string, Expression> = {};
  const entries = points.ids().map((id) => {
    const going = points.choicesOf(id);
    const tree = entryTree(points, id, going, points.base());
    const expression = presence(tree.presence);
    const entry = tree.value as object;
    if (expression === true) return [id, entry] as const;
    const condition = named(expression, conditions);
    return [id, { ...entry, Condition: condition }] as const;
  });
  return { entries: Object.fromEntries(entries), conditions };
}

type Point = readonly number[];

/** What `make` says at points of the choices, each asked for once. */
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

  /** The base, and each one other state. */
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

  /** The choices by which the entry is there or not, or says something else. */
  choicesOf(id: string): readonly number[] {
    const singles = [this.base(), ...this.around(this.base())];
    const differs = (choice: number, point: Point) =>
      this.choices[choice]?.states.some(
        (_, state) => !isDeepStrictEqual(this.at(point)[id], this.at(point.with(choice, state))[id]),
      );
    return [...this.choices.keys()].filter((choice) => singles.some((point) => differs(choice, point)));
  }
}

function entryTree<T>(points: Points<T>, id: string, going: readonly number[], point: Point): Conditional {
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
    .reduceRight<Conditional>(
      (otherwise, { condition, of }) => laidOver(condition, of, otherwise),
      branches.at(-1)?.of ?? { presence: false, value: undefined },
    );
}
