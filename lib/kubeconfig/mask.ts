/** A part of a text to hide, from the offset `start` up to, but not including, `end`. */
export interface HiddenPart {
  readonly start: number;
  readonly end: number;
  /** The text that replaces it. If absent, and for parts with several lines, it is `REDACTED`. */
  readonly instead?: string;
}

export const REDACTED = 'REDACTED';

/**
 * Returns the lines of the text, as `split` returns them, with the hidden parts masked. Indentation and line ends stay.
 */
export function maskedLines(text: string, parts: readonly HiddenPart[]): readonly string[] {
  const hidden = withoutOverlap(parts);
  let offset = 0;
  let first = 0;
  return text.split('\n').map((line) => {
    const [start, end] = [offset, offset + line.length];
    offset = end + 1;
    while ((hidden[first]?.end ?? end) < start) first += 1;
    return maskedLine(line, start, partsUpTo(hidden, first, end));
  });
}

/** Sorts the parts by offset and merges those that overlap. */
function withoutOverlap(parts: readonly HiddenPart[]): readonly HiddenPart[] {
  const merged: HiddenPart[] = [];
  for (const part of parts.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1);
    if (last === undefined || part.start >= last.end) merged.push(part);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, part.end) };
  }
  return merged;
}

function partsUpTo(hidden: readonly HiddenPart[], first: number, end: number): readonly HiddenPart[] {
  let next = first;
  while ((hidden[next]?.start ?? end) < end) next += 1;
  return hidden.slice(first, next);
}

function maskedLine(line: string, offset: number, parts: readonly HiddenPart[]): string {
  let shown = '';
  let done = 0;
  for (const { start, end, instead } of parts) {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, line.length)];
    const [, before = '', after = ''] = /^(\s*).*?(\s*)$/s.exec(line.slice(from, to)) ?? [];
    const isFullValue = from === start - offset && to === end - offset;
    const isBlank = from + before.length >= to;
    const mask = isBlank ? '' : isFullValue && instead !== undefined ? instead : REDACTED;
    shown += `${line.slice(done, from)}${before}${mask}${after}`;
    done = Math.max(to, done);
  }
  return shown + line.slice(done);
}
