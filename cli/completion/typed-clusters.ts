const OPTION = '--cluster';

/**
 * The clusters that the words of a line name, of which namespaces are offered; undefined where they name none, or one that
 * means something only where the shell expands it.
 */
export function clustersIn(words: readonly string[]): readonly string[] | undefined {
  const written = words.flatMap((word, at) => {
    if (word === OPTION) return words[at + 1] ?? [];
    return word.startsWith(`${OPTION}=`) ? word.slice(OPTION.length + 1) : [];
  });
  const clusters = written.map((text) => text.replace(/^(["'])(.*)\1$/, '$2')).filter((text) => text !== '');
  return clusters.length === 0 || clusters.some((text) => /[$`\\'"~]/.test(text)) ? undefined : clusters;
}
