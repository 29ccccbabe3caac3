/** The destination of a command's results. It collects them into larger writes. `drain` waits for a slow reader. */
export interface TextOutput {
  write(text: string): void;
  /**
   * Writes the buffered results if they are enough for a larger write. If the reader is slow, returns a promise that
   * resolves when more can be written.
   */
  drain(): Promise<void> | undefined;
  /** Writes the buffered results, however little, because a person is watching. */
  flush(): void;
  /** Writes the rest. Closes a file, and moves it to its path. */
  end(): Promise<void>;
  /** Whether the reader closed the output, as `head` does, so that nothing more needs to be written. */
  readonly closedByReader: boolean;
  /** Whether a pager may show the results. Then nothing else may be written to the screen meanwhile. */
  readonly isPaged?: boolean;
}
