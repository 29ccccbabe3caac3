import type { Hidden } from './mask.ts';
import { isSecretComment } from './secret-words.ts';

/**
 * The comments of a YAML text that could hold a secret: those behind one, and runs of comments with what looks like a
 * setting that was commented out. `scalars` are all the scalars of the text, in which a `#` begins no comment.
 */
export function commentSecrets(
  text: string,
  scalars: readonly Hidden[],
  secrets: readonly Hidden[],
): readonly Hidden[] {
  const secretLines = linesWith(text, secrets);
  return runsOf(commentsOf(blanked(text, scalars), text)).flatMap((run) =>
    run.some(({ line, words }) => isSecretComment(words) || secretLines.has(line)) ? run : [],
  );
}

interface Comment extends Hidden {
  readonly line: number;
  /** Whether nothing else stands on the line. */
  readonly alone: boolean;
  readonly words: string;
}

/** The text with its scalars written over, its line breaks kept. */
function blanked(text: string, scalars: readonly Hidden[]): string {
  let done = 0;
  let blank = '';
  for (const { start, end } of scalars.toSorted((one, other) => one.start - other.start)) {
    if (start < done) continue;
    blank += text.slice(done, start) + text.slice(start, end).replace(/[^\n]/g, '_');
    done = end;
  }
  return blank + text.slice(done);
}

function commentsOf(blank: string, text: string): readonly Comment[] {
  let offset = 0;
  return blank.split('\n').flatMap((content, line) => {
    const lineStart = offset;
    offset += content.length + 1;
    const [, before, mark] = /^(.*?(?:^|\s))(#\s*)(?=\S)/s.exec(content) ?? [];
    if (before === undefined || mark === undefined) return [];
    const start = lineStart + before.length + mark.length;
    const end = lineStart + content.length;
    return [{ line, start, end, alone: before.trim() === '', words: text.slice(start, end) }];
  });
}

/** Comments on lines that follow each other, and those behind something by themselves. */
function runsOf(comments: readonly Comment[]): readonly (readonly Comment[])[] {
  const runs: Comment[][] = [];
  for (const comment of comments) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && comment.alone && last?.alone === true && last.line === comment.line - 1) run.push(comment);
    else runs.push([comment]);
  }
  return runs;
}

/** The numbers of the lines on which a part ends: nothing but a comment can come behind it. */
function linesWith(text: string, parts: readonly Hidden[]): ReadonlySet<number> {
  const lines = new Set<number>();
  let [line, offset] = [0, 0];
  for (const end of parts.map((part) => part.end - 1).sort((one, other) => one - other)) {
    for (; offset < end; offset += 1) if (text[offset] === '\n') line += 1;
    lines.add(line);
  }
  return lines;
}
