/** The destination of a command's results. It collects them into larger writes. `drain` waits for a slow reader. */
export interface TextOutput {
  write(text: string): void;
  /**
   * Writes the buffered results if they are enough. Returns a promise if the reader is slow; it resolves when more can
   * be written.
   */
  drain(): Promise<void> | undefined;
  /** Writes the buffered results, however little, because a person is watching. */
  flush(): void;
  /** Writes the rest. Closes a file and puts it in its place. */
  end(): Promise<void>;
  /** Whether the reader closed the output, as `head` does, so that nothing more needs to be written. */
  readonly closedByReader: boolean;
  /** Whether a pager may show it. Then nothing else may be written to the screen meanwhile. */
  readonly isPaged?: boolean;
}
