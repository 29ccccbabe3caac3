/** The key that seals cursors for users who may see only some clusters. */
export interface SealingKey {
  /**
   * Returns the key. It has 32 bytes, and is the same for all programs that use the tables. The first call makes it.
   */
  get(): Promise<Uint8Array>;
}
