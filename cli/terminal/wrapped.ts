import { brokenAtBlanks } from './shortened.ts';
import { terminalOf } from './terminal.ts';

/**
 * The text as lines of at most so many columns, broken at blanks only: a longer word, as an ARN, sticks out whole. The first
 * line begins with `first`, the others with `other`. One line where nothing says how wide the screen is.
 */
export function wrapped(text: string, width: number | undefined, first = '', other = first): string {
  if (width === undefined) return `${first}${text}\n`;
  const lines = brokenAtBlanks(text, Math.max(width, NARROWEST) - Math.max(first.length, other.length));
  const shown = lines.map((line, at) => (at === 0 ? first + line : other + line.trimStart()).trimEnd());
  return `${shown.join('\n')}\n`;
}

/** So narrow no lines are made. */
const NARROWEST = 40;

/** How wide the screen is that a result is shown on; undefined for a file and, unless COLUMNS says it, for a pipe. */
export function screenWidth(outputFile: string | undefined): number | undefined {
  return outputFile !== undefined && outputFile !== '-' ? undefined : terminalOf('never').width;
}
