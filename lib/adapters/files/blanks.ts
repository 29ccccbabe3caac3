const NEWLINE = 0x0a;
/** NUL too: what a log's writer leaves where the file was made shorter under it. */
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x00]);

/** How many blanks the bytes begin with. */
export function blanksIn(bytes: Buffer): number {
  let blanks = 0;
  while (BLANK.has(bytes[blanks] ?? NEWLINE)) blanks += 1;
  return blanks;
}

const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);

/** Whether a JSON object or list may begin here. */
export function isOpening(byte: number | undefined): boolean {
  return byte !== undefined && OPENING.has(byte);
}
