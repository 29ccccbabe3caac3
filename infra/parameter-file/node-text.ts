import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** What YAML calls nothing: `key:`, `key: ~`, `key: null`; not `key: ""`. */
export function isNothing(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value));
}

/** The text of a scalar, as it stands in the file; undefined for anything else. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'symbol' ? node.source : String(node.value); // a merge key, <<
}

/** What else than a text it is, for a sentence. */
export function wordFor(node: unknown): string {
  if (isNothing(node)) return 'empty';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return isAlias(node) ? `an alias, *${node.source}` : 'a text';
}

/** A value as it is quoted in a sentence: enough to find it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

const LONGEST = 80;

/** In which line of the text a node begins, from 1 on. */
export function lineOf(text: string, node: unknown): number {
  const [start = 0] = (node as Partial<Node> | null)?.range ?? [];
  return lineAt(text, start);
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
