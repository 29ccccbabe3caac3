import { firstBytes } from './first-bytes.ts';

/** Told by the two bytes of its byte order mark (Unicode Standard, 23.8), as Windows PowerShell's `>` writes them. */
function encodingOf(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** The bytes as UTF-8 where they are UTF-16 with a byte order mark, else as they are. What is no UTF-16 becomes U+FFFD. */
export async function* asUtf8(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    const head = await firstBytes(bytes);
    const encoding = encodingOf(head);
    const decoder = encoding && new TextDecoder(encoding);
    if (head.length > 0) yield decoder === undefined ? head : decoded(decoder, head);
    for await (const chunk of bytes) yield decoder === undefined ? chunk : decoded(decoder, chunk);
    if (decoder !== undefined) yield Buffer.from(decoder.decode());
  } finally {
    await bytes.return(undefined);
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer): Buffer {
  return Buffer.from(decoder.decode(chunk, { stream: true }));
}
