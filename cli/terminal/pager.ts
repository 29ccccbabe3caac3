import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { pagerCommand } from './terminal.ts';

/** What is kept of the text until it is clear that the pager runs: more than a pager reads before it shows anything. */
const KEPT = 1024 * 1024;

/** Shows a text page by page; takes it piece by piece. */
export class Pager {
  readonly #process: ChildProcess;
  readonly #ended: Promise<boolean>;
  #kept: string[] | undefined = [];
  #keptLength = 0;
  #isClosed = false;

  /** Undefined where there is no pager. */
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
      this.#isClosed = true; // whoever reads has seen enough
    });
    holdInterrupts();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether more may be written before it has been read. */
  write(text: string): boolean {
    if (this.#isClosed) return true;
    if (this.#kept !== undefined) {
      this.#kept.push(text);
      this.#keptLength += text.length;
      if (this.#keptLength > KEPT) this.#kept = undefined;
    }
    return this.#process.stdin?.write(text) ?? true;
  }

  /** Waits until more can be taken, or nobody reads any more. */
  async drained(): Promise<void> {
    const { stdin } = this.#process;
    if (stdin === null || this.#isClosed || !stdin.writableNeedDrain) return;
    const taken = new Promise<void>((resolve) => {
      stdin.once('drain', resolve);
      stdin.once('close', resolve);
    });
    await Promise.race([taken, this.#ended]);
  }

  /** Waits until the person has read; answers with what was written where the pager could not show it. */
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

/** Ctrl-C is the pager's while it runs: it ends a search, say, and not the command behind it. */
const ignored = (): void => undefined;

function holdInterrupts(): void {
  process.on('SIGINT', ignored);
}

function releaseInterrupts(): void {
  process.off('SIGINT', ignored);
}
