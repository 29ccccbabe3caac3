import type { TextOutput } from './output.ts';
import { Pager } from './pager.ts';
import { widthOf } from './width.ts';

/** How large the screen is, in lines and columns. */
export interface ScreenSize {
  readonly height: number;
  readonly width: number;
}

/** Holds a result back until it is known whether it fits the screen: what is longer goes through a pager. */
export class PagedOutput implements TextOutput {
  readonly isPaged = true;
  readonly #plain: TextOutput;
  readonly #shown: (text: string) => string;
  readonly #size: ScreenSize;
  #held = '';
  #lines = 0;
  #pager: Pager | undefined;
  #hasPager = true;

  /** `shown` is how a text is written for a terminal. */
  constructor(plain: TextOutput, shown: (text: string) => string, size: ScreenSize) {
    this.#plain = plain;
    this.#shown = shown;
    this.#size = size;
  }

  get closedByReader(): boolean {
    return this.#pager?.isClosed ?? this.#plain.closedByReader;
  }

  write(text: string): void {
    if (!this.#hasPager) return this.#plain.write(text);
    if (this.#pager !== undefined) return void this.#pager.write(this.#shown(text));
    this.#held += text;
    this.#lines += linesOf(text, this.#size.width);
    // The prompt takes a line of the screen, too.
    if (this.#lines >= this.#size.height) this.#begin();
  }

  drain(): Promise<void> | undefined {
    return this.#pager === undefined ? this.#plain.drain() : this.#pager.drained();
  }

  flush(): void {
    this.#plain.flush();
  }

  async end(): Promise<void> {
    const unseen = this.#pager === undefined ? this.#held : '';
    if (unseen !== '') this.#plain.write(unseen);
    const lost = await this.#pager?.end();
    await this.#plain.end();
    if (lost !== undefined && lost !== '') process.stdout.write(lost);
  }

  #begin(): void {
    this.#pager = Pager.start();
    this.#hasPager = this.#pager !== undefined;
    if (this.#pager === undefined) this.#plain.write(this.#held);
    else this.#pager.write(this.#shown(this.#held));
    this.#held = '';
  }
}

/** How many lines of the screen a text takes; a longer line takes several. */
function linesOf(text: string, width: number): number {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
  return whole + Math.floor(widthOf(last) / width);
}
