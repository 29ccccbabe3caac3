import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ItemPattern } from './item-patterns.ts';
import type { Put } from './latest-puts.ts';

/** In characters, of one file. */
const HELD = 64 * 1_024;

/** Puts on disk, in files by the beginning of their keys, so that they are brought into order a file at a time. */
export class SpilledPuts implements Disposable {
  readonly #folder: string;
  readonly #held = new Map<string, string>();
  readonly #files = new Map<string, number>();
  readonly #patterns: ItemPattern[] = [];
  readonly #numbers = new Map<ItemPattern, number>();

  constructor(folder: string) {
    mkdirSync(folder);
    this.#folder = folder;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) closeSync(file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param file the beginning of the key, as a file's name. */
  add(file: string, { pattern, values }: Put): void {
    const held = `${this.#held.get(file) ?? ''}${this.#numberOf(pattern)}\t${values.join('\t')}\n`;
    this.#held.set(file, held);
    if (held.length >= HELD) this.#write(file);
  }

  /** File by file in the order of their names, each as it was added to, and gone then; nothing is added any more. */
  *files(): Generator<readonly Put[]> {
    for (const file of [...this.#held.keys()].toSorted()) {
      this.#write(file);
      const path = join(this.#folder, file);
      const lines = readFileSync(path, 'latin1').split('\n').slice(0, -1);
      rmSync(path);
      yield lines.map((line) => this.#putOf(line));
    }
  }

  #putOf(line: string): Put {
    const [number, ...values] = line.split('\t');
    const pattern = this.#patterns[Number(number)];
    if (pattern === undefined) throw new Error(`no pattern ${number}`);
    return { pattern, values };
  }

  #numberOf(pattern: ItemPattern): number {
    const number = this.#numbers.get(pattern) ?? this.#patterns.push(pattern) - 1;
    this.#numbers.set(pattern, number);
    return number;
  }

  #write(file: string): void {
    const open = this.#files.get(file) ?? openSync(join(this.#folder, file), 'w');
    this.#files.set(file, open);
    writeSync(open, this.#held.get(file) ?? '', undefined, 'latin1');
    this.#held.set(file, '');
  }
}
