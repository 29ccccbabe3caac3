/** Returns whether the text has a `*`, which stands for any text. */
export function hasWildcard(text: string): boolean {
  return text.includes('*');
}

/**
 * Returns a matcher for texts. Each `*` of the pattern stands for any text, also none: `web-*`, `*-admin`. It takes time in proportion to
 * the length of the text for each part of the pattern, whatever they are.
 */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  return (text) => {
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    const end = text.length - tail.length;
    let from = head.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}
