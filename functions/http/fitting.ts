/**
 * In bytes of JSON: Lambda answers with 6 MB at most (Lambda Developer Guide, "Lambda quotas", synchronous payload), in
 * which the body is a JSON text in its turn, where each quote and backslash takes two.
 */
const MOST_BYTES = 3_000_000;

/**
 * The page that fits into an answer: asked for again with fewer rows while it does not. What an attacker wrote can make
 * each row tens of kilobytes long, and a page that cannot be answered would hide them.
 */
export async function fittingPage<T extends object | undefined>(
  limit: number,
  read: (limit: number) => Promise<T>,
): Promise<T> {
  for (let rows = limit; ; ) {
    const page = await read(rows);
    const bytes = page === undefined ? 0 : Buffer.byteLength(JSON.stringify(page));
    if (bytes <= MOST_BYTES || rows === 1) return page;
    rows = Math.max(1, Math.floor((rows * MOST_BYTES) / bytes / 2));
  }
}
