import { hashed, mix } from './hash-bytes.ts';

/** In UTF-16 code units: of a longer text some lead to what is known of it, which lie so far apart. */
const SHORT = 192;
const STRIDE = 16;
/** So many long texts to which the same characters lead are remembered. */
const MOST_ALIKE = 8;
/** So many short texts, and groups of long ones; then all is forgotten. */
const MOST_KEPT = 4_096;

interface Known<T> {
  readonly text: string;
  readonly value: T;
}

/**
 * What was told of the same text before. A map looks at each character of a text, which costs more of a long one than to compare
 * it with the few that some of its characters lead to. Keeps what the texts are slices of.
 */
export class KnownTexts<T> {
  readonly #short = new Map<string, Known<T>>();
  readonly #long = new Map<number, Known<T>[]>();
  readonly #tell: (text: string) => T;

  constructor(tell: (text: string) => T) {
    this.#tell = tell;
  }

  of(text: string): T {
    return text.length > SHORT ? this.#ofLong(text) : this.#ofShort(text);
  }

  #ofShort(text: string): T {
    const known = this.#short.get(text);
    if (known !== undefined) return known.value;
    if (this.#short.size >= MOST_KEPT) this.#short.clear();
    const value = this.#tell(text);
    this.#short.set(text, { text, value });
    return value;
  }

  #ofLong(text: string): T {
    const sum = sampled(text);
    const group = this.#long.get(sum);
    if (group !== undefined) for (const known of group) if (known.text === text) return known.value;
    const value = this.#tell(text);
    if (group !== undefined && group.length < MOST_ALIKE) group.push({ text, value });
    else this.#begin(sum, { text, value });
    return value;
  }

  #begin(sum: number, known: Known<T>): void {
    if (this.#long.size >= MOST_KEPT) this.#long.clear();
    this.#long.set(sum, [known]);
  }
}

function sampled(text: string): number {
  let sum = text.length;
  for (let at = 0; at < text.length; at += STRIDE) sum = mix(sum, text.charCodeAt(at));
  return hashed(sum);
}
