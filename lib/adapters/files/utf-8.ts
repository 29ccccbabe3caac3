/**
 * Returns the UTF-16 encoding that the first two bytes state as a byte order mark (Unicode Standard, 23.8). Undefined
 * if they are no such mark. Windows PowerShell writes one if output is redirected to a file with `>`.
 */
function encodingOf(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** Yields UTF-16 with a byte order mark as UTF-8, and other bytes unchanged. Invalid UTF-16 becomes U+FFFD. */
export async function* asUtf8(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    const head = await firstBytes(bytes, 2);
    const encoding = encodingOf(head);
    const decoder = encoding && new TextDecoder(encoding);
    if (head.length > 0) yield decoder === undefined ? head : decodeChunk(decoder, head);
    for await (const chunk of bytes) yield decoder === undefined ? chunk : decodeChunk(decoder, chunk);
    if (decoder !== undefined) yield Buffer.from(decoder.decode());
  } finally {
    await bytes.return(undefined);
  }
}

function decodeChunk(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer): Buffer {
  return Buffer.from(decoder.decode(chunk, { stream: true }));
}

/**
 * Returns the first bytes: at least `least` of them, unless there are fewer. A pipe may deliver them one by one. They
 * are valid until the next bytes are requested.
 */
export async function firstBytes(raw: AsyncIterator<Buffer>, least: number): Promise<Buffer> {
  const first = await raw.next();
  if (first.done) return Buffer.alloc(0);
  if (first.value.length >= least) return first.value;
  let head = Buffer.from(first.value);
  while (head.length < least) {
    const next = await raw.next();
    if (next.done) return head;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}
