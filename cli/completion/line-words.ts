/** What the words of a line give an option, without the quotes around it. */
export function valuesIn(words: readonly string[], option: string): readonly string[] {
  const written = words.flatMap((word, at) => {
    if (word === option) return words[at + 1] ?? [];
    return word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [];
  });
  return written.map((text) => text.replace(/^(["'])(.*)\1$/, '$2'));
}

/** Whether a shell would make something else of it. */
export function isExpanded(text: string): boolean {
  return /[$`\\'"~]/.test(text);
}
