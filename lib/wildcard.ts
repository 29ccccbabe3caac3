/** Returns whether the text has a `*`, which stands for any text, or a `?`, which stands for one character. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Returns a matcher for a pattern. Each `*` stands for any text, or none, and each `?` for one character: `web-*`,
 * `*-admin`, `node-?`. The time it takes is at most proportional to the length of the text for each part of the
 * pattern.
 */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const [head = NOTHING, ...rest] = pattern.split('*').map(partOf);
  const tail = rest.pop();
  if (tail === undefined) return (text) => text.length === head.length && head.isAt(text, 0);
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !head.isAt(text, 0) || !tail.isAt(text, end)) return false;
    let from = head.length;
    for (const part of rest) {
      const at = part.indexIn(text, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}

/** A part of a pattern between two `*`. */
interface Part {
  readonly length: number;
  isAt(text: string, at: number): boolean;
  /** Returns the first position, from `from` on, at which the part matches. -1 if there is none. */
  indexIn(text: string, from: number): number;
}

function partOf(part: string): Part {
  const { length } = part;
  if (!part.includes('?'))
    return {
      length,
      isAt: (text, at) => text.startsWith(part, at),
      indexIn: (text, from) => text.indexOf(part, from),
    };
  const fixed = Array.from({ length }, (_, at) => [at, part[at]] as const).filter(([, letter]) => letter !== '?');
  const isAt = (text: string, at: number) => fixed.every(([place, letter]) => text[at + place] === letter);
  return {
    length,
    isAt,
    indexIn(text, from) {
      for (let at = from; at + length <= text.length; at += 1) if (isAt(text, at)) return at;
      return -1;
    },
  };
}

const NOTHING = partOf('');
