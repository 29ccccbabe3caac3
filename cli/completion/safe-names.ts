/**
 * Names that mean themselves in every shell, unquoted and behind a blank: whoever may ask a cluster, or name a session, chooses
 * them. No letters but ASCII's, since others can look alike or turn the line around; `-` alone is no option but what lies in
 * no namespace.
 */
const SAFE = /^(?:-|[A-Za-z0-9_][A-Za-z0-9_@%+=,.:/-]{0,255})$/;

/** The names that begin so, each once: as they are written, also in case, and only those that a shell can be handed. */
export function offeredNames(names: readonly string[], beginning: string): readonly string[] {
  return [...new Set(names)].filter((name) => SAFE.test(name) && name.startsWith(beginning));
}

/** The beginning of a name as it was typed, a quote in front or not; undefined where no name that is offered begins so. */
export function beginningOf(typed: string): string | undefined {
  const beginning = typed.replace(/^["']/, '');
  return beginning === '' || SAFE.test(beginning) ? beginning : undefined;
}
