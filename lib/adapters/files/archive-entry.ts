/** A file in an archive. Its bytes are read once, and the rest is skipped before the next file is read. */
export interface ArchiveEntry {
  readonly name: string;
  bytes(): AsyncGenerator<Buffer>;
  /** Skips the rest of the entry. Does nothing the second time. */
  skipRest(): Promise<void>;
}
