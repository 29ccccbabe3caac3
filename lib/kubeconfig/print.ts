import { type Document, isMap } from 'yaml';
import { documentOf, isJson, type Kubeconfig } from './document.ts';
import { keepLineEnds, linesOf, type Run, runsBetween, withPlainLineEnds } from './lines.ts';

/**
 * Returns the text of the changed document. Lines outside of the change stay byte for byte, although the library would
 * format some anew. If that is not possible, the whole file is formatted in a similar style. JSON stays JSON. Each line
 * keeps its own end, and new lines get the most frequent one.
 */
export function printKubeconfig(file: Kubeconfig): string {
  return keepLineEnds(file.text, printPlain(file));
}

/** Returns the text with `\n` line ends. */
function printPlain({ path, text, document }: Kubeconfig): string {
  if (isMap(document.contents) && document.contents.flow === true && isJson(text))
    return printJson(document, indentOf(text));
  const lines = withPlainLineEnds(text.replace(/^\uFEFF/, ''));
  const changed = printYaml(document, lines);
  const kept = keepLayout(lines, printYaml(documentOf(path, lines), lines), changed);
  const printed = kept !== undefined && hasSameContent(documentOf(path, kept), document) ? kept : changed;
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

/** Returns the spaces for each level: those of the first indented key outside a list. */
function indentOf(text: string): number {
  const spaces = /^(?:[\w-]+:|\{)[ \t]*\r?\n( +)["\w]/m.exec(text)?.[1]?.length ?? 2;
  return Math.min(Math.max(spaces, 2), 8);
}

/**
 * Returns whether two documents have the same content. Aliases are compared without resolving them, so that nothing
 * becomes large.
 */
function hasSameContent(one: Document, other: Document): boolean {
  return one.errors.length === 0 && outline(one) === outline(other);
}

function outline(document: Document): string {
  return document
    .toString({ lineWidth: 0, commentString: () => '', flowCollectionPadding: false })
    .replace(/^\s*\n/gm, '');
}

/** Prints JSON. Quoted scalars stay strings, and unquoted ones stay numbers and the like. New scalars are quoted. */
function printJson(document: Document, indent: number): string {
  const quoted = { defaultKeyType: 'QUOTE_DOUBLE', defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 } as const;
  const plain: unknown = JSON.parse(document.toString(quoted));
  return `${JSON.stringify(plain, null, indent)}\n`;
}

/**
 * Merges a change into a text of another layout. Undefined if both sides changed the same line. Unlike diff3, it
 * works
 * line by line, because a reformatted comment is often beside the changed lines. Check that the result has the content
 * of `changed`. Lines that both sides inserted at one place follow each other.
 * @param plain the content of `original` in the layout of `changed`.
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

/** The changes to one line and to the place before it. */
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
