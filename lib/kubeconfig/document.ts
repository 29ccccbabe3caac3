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

/** A kubeconfig file. The parser keeps comments, unknown fields, anchors and the order. */
export interface Kubeconfig {
  readonly path: string;
  /** The text of the file. Empty if it did not exist. */
  readonly text: string;
  /** The document. Changes are made in it, and `printKubeconfig` (print.ts) returns its text. */
  readonly document: Document;
}

/** The three lists of a kubeconfig, with the key of an entry's content. */
export const SECTIONS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
export type Section = keyof typeof SECTIONS;

/** Limits the aliases that are resolved. A document with more counts as an attack ("billion laughs"). */
const MOST_ALIASES = 1_000;

/**
 * Parses a kubeconfig, which is YAML or JSON. It refuses text that is not YAML, several documents, and a top level or
 * list of the wrong type. It also refuses two entries with one name. kubectl does the same (client-go,
 * `api/v1/conversion.go`).
 * It also refuses duplicate keys, because readers of YAML keep different ones.
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
 * Parses a text into a document. All scalars are read as strings (YAML's failsafe schema). So `0012`, `1e3` or a number
 * of twenty digits is written back unchanged. An empty text is an empty mapping. JSON has no merge keys, so its `"<<"`
 * is a string and stays quoted.
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
 * Returns the first line of the parser's message, which has the reason and the place. The other lines quote the file,
 * and could show a secret.
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

/**
 * Refuses an alias without an anchor before it. Such a document could not be printed.
 * @throws KubeconfigError
 */
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

/** An entry of a section: `- name: <name>`, with its content if that is a mapping. */
export interface Entry {
  readonly name: string;
  readonly node: YAMLMap;
}

/**
 * Returns the named entries of a section, in the order of the file. Entries without a name are not returned, but stay
 * in the file.
 */
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

/**
 * Returns the content of the entry as plain data, with aliases and merge keys resolved. Undefined if it is no mapping.
 */
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
