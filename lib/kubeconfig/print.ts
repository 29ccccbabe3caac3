import { type Document, isMap } from 'yaml';
import { documentOf, isJson, type Kubeconfig } from './document.ts';
import { keepLineEnds, linesOf, type Run, runsBetween, withPlainLineEnds } from './lines.ts';

/**
 * The text of the changed document. Lines that the change does not concern stay as they were written, byte for byte:
 * the library would lay some out anew. Where that cannot be done, it is laid out anew much as the file was. JSON stays
 * JSON. Each line keeps its own end, and new ones take that which most lines have.
 */
export function printKubeconfig(file: Kubeconfig): string {
  return keepLineEnds(file.text, printPlain(file));
}

/** With `\n` alone at the ends of the lines. */
function printPlain({ path, text, document }: Kubeconfig): string {
  if (isMap(document.contents) && document.contents.flow === true && isJson(text))
    return printJson(document, indentOf(text));
  const lines = withPlainLineEnds(text.replace(/^\uFEFF/, ''));
  const changed = printYaml(document, lines);
  const kept = keepLayout(lines, printYaml(documentOf(path, lines), lines), changed);
  const printed = kept !== undefined && saysTheSame(documentOf(path, kept), document) ? kept : changed;
  return `${text.startsWith('\uFEFF') ? '\uFEFF' : ''}${printed}`;
}

function printYaml(document: Document, text: string): string {
  return document.toString({
    lineWidth: 0,
    indent: indentOf(text),
    indentSeq: /^[\w-]+:[ \t]*\n[ \t]+- /m.test(text),
    flowCollectionPadding: !/[{[][^\s}\]]/.test(text),
  });
}

/** Spaces a level: those of the first indented key that is not within a list. */
function indentOf(text: string): number {
  const spaces = /^(?:[\w-]+:|\{)[ \t]*\r?\n( +)["\w]/m.exec(text)?.[1]?.length ?? 2;
  return Math.min(Math.max(spaces, 2), 8);
}

/** Aliases are compared as aliases, so that nothing is expanded. */
function saysTheSame(one: Document, other: Document): boolean {
  return one.errors.length === 0 && outline(one) === outline(other);
}

function outline(document: Document): string {
  return document
    .toString({ lineWidth: 0, commentString: () => '', flowCollectionPadding: false })
    .replace(/^\s*\n/gm, '');
}

/** Scalars that are quoted stay text, and those that are not stay numbers and the like; what is new is quoted. */
function printJson(document: Document, indent: number): string {
  const quoted = { defaultKeyType: 'QUOTE_DOUBLE', defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 } as const;
  const plain: unknown = JSON.parse(document.toString(quoted));
  return `${JSON.stringify(plain, null, indent)}\n`;
}

/**
 * Merges a change into a text that is laid out otherwise than the change was made: `plain` is the same as `original` in
 * the layout in which it became `changed`. Undefined where both altered the same line. The caller checks that the
 * result says the same as `changed`: lines that both inserted at one place come one after the other.
 *
 * Line by line, unlike diff3: a comment that was laid out anew often lies right beside the lines that were changed.
 */
function keepLayout(original: string, plain: string, changed: string): string | undefined {
  if (original === plain) return changed;
  const base = linesOf(plain);
  const layout = alterations(runsBetween(base, linesOf(original)), base.length);
  const change = alterations(runsBetween(base, linesOf(changed)), base.length);
  const merged: string[] = [];
  for (let index = 0; index <= base.length; index += 1) {
    const [ours, theirs] = [layout[index], change[index]];
    if (ours === undefined || theirs === undefined || (ours.removed && theirs.removed)) return undefined;
    merged.push(...ours.inserted, ...theirs.inserted);
    const line = base[index];
    if (line !== undefined && !ours.removed && !theirs.removed) merged.push(line);
  }
  return `${merged.join('\n')}\n`;
}

/** What becomes of one line, and of the place before it. */
interface Alteration {
  readonly inserted: string[];
  removed: boolean;
}

function alterations(runs: readonly Run[], count: number): readonly Alteration[] {
  const found = Array.from({ length: count + 1 }, (): Alteration => ({ inserted: [], removed: false }));
  let index = 0;
  for (const { kind, lines } of runs) {
    if (kind === 'added') found[index]?.inserted.push(...lines);
    else {
      for (const alteration of found.slice(index, index + lines.length)) alteration.removed = kind === 'removed';
      index += lines.length;
    }
  }
  return found;
}
