/** In bytes: what is pasted has 4 MiB at most, and JSON may write a character as six. */
export const MOST_OF_A_LINE = 24 * 1024 * 1024;

const NEWLINE = 10;

/** The lines of the stdio transport as they come, empty ones left out; undefined for one that is too long, of which no more is kept. */
export async function* linesOf(
  input: AsyncIterable<Uint8Array | string>,
  most = MOST_OF_A_LINE,
): AsyncGenerator<string | undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const keep = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= most) pieces.push(piece);
  };
  const taken = () => {
    const line = size > most ? undefined : Buffer.concat(pieces).toString('utf8').trim();
    pieces = [];
    size = 0;
    return line;
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      keep(bytes.subarray(from, end));
      from = end + 1;
      const line = taken();
      if (line !== '') yield line;
    }
    keep(bytes.subarray(from));
  }
  const last = taken();
  if (last !== '') yield last;
}
