/** What there is of these sentences, as one text; undefined where there is none. */
export function together(...sentences: readonly (string | undefined)[]): string | undefined {
  const all = sentences.filter((each) => each !== undefined);
  return all.length === 0 ? undefined : all.join(' ');
}
