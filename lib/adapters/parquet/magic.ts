const MAGIC = Buffer.from('PAR1');

/** Told by its first four bytes (Apache Parquet, "File Format"). */
export function isParquet(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
