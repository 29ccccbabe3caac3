import { parse } from 'yaml';
import { Effort } from './effort.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
import { LONGEST_VALUE } from './limits.ts';

const START =
  /^(?:- )?(?:events|results|Events|Records|items|encryptionKey|queryLanguage|statistics|status|searchedLogStreams):(?:\s|$)/;

/** Returns whether a file's first line begins a response in the AWS CLI's YAML (`--output yaml` or `yaml-stream`). */
export function isYamlStart(line: string): boolean {
  return START.test(line);
}

const ITEM = /^( *)- /;
/** The keys of a response's lists that are read. */
const LIST = /^(?:events|results|Events|Records|items):/;

/**
 * Reads the items of a YAML list, one at a time. All items of a list have the same indentation. Everything in an item
 * is indented further, even the lines of a text. Data outside of the list is not read.
 */
export class YamlItems {
  readonly #sink: FramingSink;
  readonly #effort: Effort;
  #lines: string[] = [];
  #length = 0;
  /** The indentation of the item that is being read. */
  #indent = 0;
  #isListRead = true;
  #spot: Spot;

  constructor(first: string, spot: Spot, sink: FramingSink, effort = new Effort()) {
    this.#sink = sink;
    this.#effort = effort;
    this.#spot = spot;
    this.line(first, spot);
  }

  line(text: string, spot: Spot): void {
    this.#effort.spend(text.length);
    const [, blanks] = ITEM.exec(text) ?? [];
    const isItem = blanks !== undefined && (this.#lines.length === 0 || blanks.length <= this.#indent);
    const isWithin = this.#lines.length > 0 && (text.startsWith(' '.repeat(this.#indent + 1)) || text.trim() === '');
    if (!isWithin) this.end();
    if (!isWithin && !isItem) this.#isListRead = LIST.test(text);
    if (isItem) [this.#spot, this.#indent] = [spot, blanks.length];
    else if (!isWithin) return;
    this.#length += text.length;
    if (this.#length <= LONGEST_VALUE) this.#lines.push(text.replace(/\r$/, ''));
  }

  end(): void {
    const [lines, length] = [this.#lines, this.#length];
    this.#lines = [];
    this.#length = 0;
    if (lines.length === 0 || !this.#isListRead) return;
    this.#effort.spend(length);
    const text = lines.join('\n');
    if (length > LONGEST_VALUE) return this.#sink.reject('too-long', this.#spot, lines[0] ?? '');
    const item = itemOf(text);
    if (item === undefined) this.#sink.reject('invalid-yaml', this.#spot, text);
    else this.#sink.value(item.value, this.#spot);
  }
}

function itemOf(text: string): { readonly value: unknown } | undefined {
  try {
    // Aliases are refused, because they could make a small text large.
    const list: unknown = parse(text, { logLevel: 'error', maxAliasCount: 0 });
    return Array.isArray(list) && list.length === 1 ? { value: list[0] } : undefined;
  } catch {
    return undefined; // The caller sets the item aside.
  }
}
