import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { TextOutput } from './output.ts';
import { pagerCommand } from './terminal.ts';
import { widthOf } from './width.ts';

/** The size of the screen, in lines and columns. */
interface ScreenSize {
  readonly height: number;
  readonly width: number;
}

/** Buffers a result until it is clear whether it fits the screen. A longer one goes through a pager. */
export class PagedOutput implements TextOutput {
  readonly isPaged = true;
  readonly #plain: TextOutput;
  readonly #shown: (text: string) => string;
  readonly #size: ScreenSize;
  #held = '';
  #lines = 0;
  #pager: Pager | undefined;
  #hasPager = true;

  /** `shown` returns a text as a terminal may show it. */
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
    // The pager's prompt also takes a line of the screen.
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

/** Returns how many lines of the screen a text takes. A long line takes several. */
function linesOf(text: string, width: number): number {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
  return whole + Math.floor(widthOf(last) / width);
}

/**
 * The maximum number of characters that are kept in case the pager cannot start. No pager reads as much before it shows
 * anything.
 */
const KEPT = 1024 * 1024;

/** Shows a text page by page. Takes it in pieces. */
class Pager {
  readonly #process: ChildProcess;
  readonly #ended: Promise<boolean>;
  #kept: string[] | undefined = [];
  #keptLength = 0;
  #isClosed = false;

  /** Starts a pager. Undefined if there is none. */
  static start(): Pager | undefined {
    const found = pagerCommand(isExecutable);
    if (found === undefined) return undefined;
    const { command, environment } = found;
    return new Pager(spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: environment }));
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#ended = new Promise((resolve) => {
      process.on('error', () => resolve(false));
      process.on('close', (status) => resolve(status === 0));
    });
    process.stdin?.on('error', () => {
      this.#isClosed = true; // the person has closed the pager
    });
    holdInterrupts();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes a part of the text. Returns whether more can be written before the pager reads. */
  write(text: string): boolean {
    if (this.#isClosed) return true;
    if (this.#kept !== undefined) {
      this.#kept.push(text);
      this.#keptLength += text.length;
      if (this.#keptLength > KEPT) this.#kept = undefined;
    }
    return this.#process.stdin?.write(text) ?? true;
  }

  /** Waits until the pager takes more, or has ended. */
  async drained(): Promise<void> {
    const { stdin } = this.#process;
    if (stdin === null || this.#isClosed || !stdin.writableNeedDrain) return;
    const taken = new Promise<void>((resolve) => {
      stdin.once('drain', resolve);
      stdin.once('close', resolve);
    });
    await Promise.race([taken, this.#ended]);
  }

  /** Waits until the pager ends. Returns the text if the pager could not show it. */
  async end(): Promise<string> {
    this.#process.stdin?.end();
    const isShown = await this.#ended;
    releaseInterrupts();
    return isShown || this.#kept === undefined ? '' : this.#kept.join('');
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Leaves Ctrl-C to the pager while it runs: it ends a search there, not this command. */
const ignored = (): void => undefined;

function holdInterrupts(): void {
  process.on('SIGINT', ignored);
}

function releaseInterrupts(): void {
  process.off('SIGINT', ignored);
}
