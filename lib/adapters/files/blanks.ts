const NEWLINE = 0x0a;
/** Blanks, including NUL. The writer of a log leaves NULs behind if somebody truncated the file. */
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x00]);

/** Returns how many blanks come first in the bytes. */
export function blanksIn(bytes: Buffer): number {
  let blanks = 0;
  while (BLANK.has(bytes[blanks] ?? NEWLINE)) blanks += 1;
  return blanks;
}

const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);

/** Returns whether a JSON object or list may begin with this byte. */
export function isOpening(byte: number | undefined): boolean {
  return byte !== undefined && OPENING.has(byte);
}
