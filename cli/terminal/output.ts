/** The destination of a command's results. It gathers them for larger writes. `drain` waits for a slow reader. */
export interface TextOutput {
  write(text: string): void;
  /** Writes what was gathered, if it is enough; the promise, where there is one, waits until more is taken. */
  drain(): Promise<void> | undefined;
  /** Writes what was gathered, however little: somebody is watching. */
  flush(): void;
  /** Writes the rest; a file is closed, and is in its place from then on. */
  end(): Promise<void>;
  /** Whether the reader closed the output, as `head` does, so that nothing more needs to be written. */
  readonly closedByReader: boolean;
  /** Whether a pager may show it, so that nothing else may be written on the screen meanwhile. */
  readonly isPaged?: boolean;
}
