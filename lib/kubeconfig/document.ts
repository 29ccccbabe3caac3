import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  YAMLMap,
  type YAMLParseError,
  YAMLSeq,
} from 'yaml';
import { isJsonObject, parseJson } from '../json.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** A kubeconfig file, parsed without losing comments, unknown fields, anchors and order. */
export interface Kubeconfig {
  readonly path: string;
  /** The text of the file; empty if it did not exist. */
  readonly text: string;
  /** The document. Changes are made in it, and `printKubeconfig` (print.ts) returns its text. */
  readonly document: Document;
}

/** The three lists of a kubeconfig, with the key of an entry's content. */
export const SECTIONS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
export type Section = keyof typeof SECTIONS;

/** The maximum number of aliases to resolve. More indicate an attack (a "billion laughs" document). */
const MOST_ALIASES = 1_000;

/**
 * Parses a kubeconfig (YAML, or JSON, which is YAML too). Refuses what kubectl refuses: text that is not YAML, several
 * documents, a top level or list of the wrong type, and two entries with one name (client-go, `api/v1/conversion.go`).
 * Also refuses duplicate keys, because YAML readers differ in which one they keep.
 * @throws KubeconfigError with the path and the reason.
 */
export function parseKubeconfig(path: string, text: string): Kubeconfig {
  const document = documentOf(path, text);
  const [error] = document.errors;
  if (error !== undefined)
    throw new KubeconfigError(`${path} cannot be read as YAML: ${reasonOf(error)}. Correct it there.`);
  const kubeconfig = { path, text, document };
  checkShape(kubeconfig);
  return kubeconfig;
}

/** Returns whether YAML reads the value as null. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && /^(?:|~|null|Null|NULL)$/.test(value));
}

/**
 * Parses a text into a document. Reads all scalars as strings (YAML's failsafe schema), so that `0012`, `1e3` or a
 * number of twenty digits is written back unchanged. An empty text is an empty mapping. JSON has no merge keys: its
 * `"<<"` is a string and stays quoted.
 */
export function documentOf(path: string, text: string): Document {
  try {
    const document: Document = parseDocument(text, { schema: 'failsafe', merge: !isJson(text), logLevel: 'error' });
    const { contents } = document;
    if (contents === null || (isScalar(contents) && isNothing(contents.value))) document.contents = new YAMLMap();
    return document;
  } catch (cause) {
    // The parser is recursive. Tens of thousands of nested brackets exhaust its stack.
    throw new KubeconfigError(`${path} cannot be read as YAML: it is nested too deeply. Correct it there.`, { cause });
  }
}

/**
 * Returns the first line of the parser's message, with reason and place. The following lines quote the file and could
 * show a secret.
 */
function reasonOf(error: YAMLParseError): string {
  if (error.code === 'MULTIPLE_DOCS') return 'it contains several documents, but a kubeconfig is only one';
  const [line = ''] = error.message.split('\n');
  return line.replace(/:$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function checkShape(kubeconfig: Kubeconfig): void {
  const { path, document } = kubeconfig;
  if (!isMap(document.contents)) throw notAKubeconfig(path, 'its top level is not a mapping');
  const kind = document.get('kind');
  if (!isNothing(kind) && kind !== 'Config')
    throw notAKubeconfig(path, `its kind is ${typeof kind === 'string' ? kind : 'not a string'}`);
  for (const section of Object.keys(SECTIONS)) {
    const list = document.get(section);
    if (!isNothing(list) && !isSeq(list)) throw notAKubeconfig(path, `${section} is not a list`);
  }
  checkAliases(kubeconfig);
  checkNames(kubeconfig);
}

/** Refuses an alias without an anchor before it. Printing such a document would fail. */
function checkAliases({ path, document }: Kubeconfig): void {
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node) && !anchors.has(node.source)) {
        throw new KubeconfigError(
          `${path} cannot be read as YAML: the anchor &${node.source} is missing before *${node.source}. Correct it there.`,
        );
      }
      if (!isAlias(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
  });
}

function notAKubeconfig(path: string, why: string): KubeconfigError {
  return new KubeconfigError(`${path} is not a kubeconfig: ${why}. Correct it, or give another file.`);
}

function checkNames(kubeconfig: Kubeconfig): void {
  for (const section of ['clusters', 'contexts', 'users'] as const) {
    const seen = new Set<string>();
    for (const { name } of entriesOf(kubeconfig, section)) {
      if (seen.has(name)) {
        throw new KubeconfigError(`${kubeconfig.path} has two ${section} named ${name}. Remove one of them.`);
      }
      seen.add(name);
    }
  }
}

/** An entry of a section: `- name: <name>` with its content, if that is a mapping. */
export interface Entry {
  readonly name: string;
  readonly node: YAMLMap;
}

/** Returns the named entries of a section in the order of the file. Entries without a name are ignored and kept. */
export function entriesOf({ document }: Kubeconfig, section: Section): readonly Entry[] {
  const list = document.get(section);
  if (!isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const node = isAlias(item) ? item.resolve(document) : item;
    if (!isMap(node)) return [];
    const name = node.get('name');
    return typeof name === 'string' ? [{ name, node }] : [];
  });
}

/** Returns the entry's content as plain data with aliases and merge keys resolved; undefined if it is not a mapping. */
export function contentOf(kubeconfig: Kubeconfig, section: Section, entry: Entry): unknown {
  try {
    const plain: unknown = entry.node.toJS(kubeconfig.document, { maxAliasCount: MOST_ALIASES });
    return typeof plain === 'object' && plain !== null ? Reflect.get(plain, SECTIONS[section]) : undefined;
  } catch (cause) {
    throw new KubeconfigError(
      `${kubeconfig.path} uses YAML aliases that cannot be resolved. Write them out in that file.`,
      {
        cause,
      },
    );
  }
}

/** Returns the list of a section. Creates it if the file has none. */
export function sectionList({ document }: Kubeconfig, section: Section): YAMLSeq {
  const found = document.get(section);
  if (isSeq(found)) {
    if (found.items.length === 0) found.flow = isFlow(document);
    return found;
  }
  const list = new YAMLSeq();
  document.set(section, list);
  return list;
}

function isFlow(document: Document): boolean {
  return isMap(document.contents) && document.contents.flow === true;
}

/** Returns the current context that the file states. */
export function currentContextOf({ document }: Kubeconfig): string | undefined {
  const name = document.get('current-context');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Returns whether a kubeconfig's text is JSON. */
export function isJson(text: string): boolean {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value);
}
