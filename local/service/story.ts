/** The progress of a feed in words, from the same metrics as in Lambda. */
export class Story {
  readonly #say: (line: string) => void;
  #metrics = new Map<string, number>();
  readonly totals = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Adds to the sum of a metric. */
  add(name: string, sum: number): void {
    if (sum === 0) return;
    this.#metrics.set(name, (this.#metrics.get(name) ?? 0) + sum);
    this.totals.set(name, (this.totals.get(name) ?? 0) + sum);
  }

  /** Reports the results of invocations since the last call, if there are any. */
  report(time: string, what: (metrics: ReadonlyMap<string, number>) => string | undefined): void {
    const line = what(this.#metrics);
    this.#metrics = new Map();
    if (line !== undefined) this.#say(`${time}  ${line}`);
  }
}

const STATUSES = ['Attributed', 'Partial', 'Ambiguous', 'Unattributed', 'Pending', 'System'] as const;
const WORDS = [...STATUSES.map((status) => [status, status.toLowerCase()]), ['EventsRejected', 'unreadable']] as const;

/** Returns the counts in words: `12 attributed, 1 pending, 2 unreadable`. */
export function inWords(metrics: ReadonlyMap<string, number>): string {
  const parts = WORDS.flatMap(([name = '', word]) => {
    const number = metrics.get(name);
    return number === undefined ? [] : [`${number} ${word}`];
  });
  return parts.join(', ');
}

/** Returns the number with its noun: `1 grant`, `2 grants`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
