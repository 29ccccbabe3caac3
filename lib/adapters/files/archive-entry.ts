/** A file in an archive. Its bytes can be read only once. The rest must be skipped before the next file is read. */
export interface ArchiveEntry {
  readonly name: string;
  bytes(): AsyncGenerator<Buffer>;
  /** Skips the rest of the entry. A second call does nothing. */
  skipRest(): Promise<void>;
}
