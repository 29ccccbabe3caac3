/**
 * The first two bytes at least, unless there are fewer: a pipe may deliver them one by one. They are valid until the next
 * ones are asked for.
 */
export async function firstBytes(raw: AsyncIterator<Buffer>): Promise<Buffer> {
  const first = await raw.next();
  if (first.done) return Buffer.alloc(0);
  if (first.value.length >= 2) return first.value;
  let head = Buffer.from(first.value);
  while (head.length < 2) {
    const next = await raw.next();
    if (next.done) return head;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}
