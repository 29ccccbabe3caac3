/**
 * The session names that `{{SessionName}}` may have made this one of, but for itself: each with one `-` as the `@`,
 * since an e-mail address has one. The shortest domain first.
 */
export function spellingsWithAt(dashedName: string): string[] {
  const dashes = [...dashedName.matchAll(/-/g)].reverse();
  return dashes.map(({ index }) => `${dashedName.slice(0, index)}@${dashedName.slice(index + 1)}`);
}

/** Whether something stands before the `@`, and a domain with a dot behind it. */
export function looksLikeEmail(name: string): boolean {
  return /^[^@]+@[^@.-][^@]*\.[^@.-]+$/.test(name);
}
