/** Returns the values of an option in the words of a line, without the quotes around them. */
export function valuesIn(words: readonly string[], option: string): readonly string[] {
  const written = words.flatMap((word, at) => {
    if (word === option) return words[at + 1] ?? [];
    return word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [];
  });
  return written.map((text) => text.replace(/^(["'])(.*)\1$/, '$2'));
}

/** Returns whether a shell would expand the text to something else. */
export function isExpanded(text: string): boolean {
  return /[$`\\'"~]/.test(text);
}
