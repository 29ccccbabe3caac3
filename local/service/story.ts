import { isJsonObject, parseJson } from '../../lib/json.ts';

/** What happens, in words, from the metrics that the handlers print as they do in Lambda. */
export class Story {
  readonly #say: (line: string) => void;
  #metrics = new Map<string, number>();
  readonly totals = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Takes one text in the embedded metric format. */
  take(text: string): void {
    const parsed = parseJson(text);
    if (!parsed.ok || !isJsonObject(parsed.value)) return;
    for (const [name, value] of Object.entries(parsed.value)) {
      const sum = (Array.isArray(value) ? value : [value]).reduce(
        (all, one) => all + (typeof one === 'number' ? one : 0),
        0,
      );
      if (name !== '_aws') this.add(name, sum);
    }
  }

  /** Counts what happened outside of the handlers, under the metric's name. */
  add(name: string, sum: number): void {
    if (sum === 0) return;
    this.#metrics.set(name, (this.#metrics.get(name) ?? 0) + sum);
    this.totals.set(name, (this.totals.get(name) ?? 0) + sum);
  }

  /** Tells what the invocations since the last call came to, if anything. */
  tell(time: string, what: (metrics: ReadonlyMap<string, number>) => string | undefined): void {
    const line = what(this.#metrics);
    this.#metrics = new Map();
    if (line !== undefined) this.#say(`${time}  ${line}`);
  }
}

const STATUSES = ['Attributed', 'Partial', 'Ambiguous', 'Unattributed', 'Pending', 'System'] as const;
const WORDS = [...STATUSES.map((status) => [status, status.toLowerCase()]), ['EventsRejected', 'unreadable']] as const;

/** `12 attributed, 1 pending, 2 unreadable` */
export function inWords(metrics: ReadonlyMap<string, number>): string {
  const parts = WORDS.flatMap(([name = '', word]) => {
    const number = metrics.get(name);
    return number === undefined ? [] : [`${number} ${word}`];
  });
  return parts.join(', ');
}

/** `1 grant`, `2 grants` */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
