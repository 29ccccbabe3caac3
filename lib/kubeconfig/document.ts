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

/** One kubeconfig file, parsed so that comments, unknown fields, anchors and their order stay. */
export interface Kubeconfig {
  readonly path: string;
  /** The file as it was read; empty where there was none. */
  readonly text: string;
  /** Changed in place; `printKubeconfig` (print.ts) gives the text for it. */
  readonly document: Document;
}

/** The three lists of a kubeconfig, and the key under which an entry holds its content. */
export const SECTIONS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
export type Section = keyof typeof SECTIONS;

/** More than this many aliases resolved is taken for an attack (a "billion laughs" document). */
const MOST_ALIASES = 1_000;

/**
 * Reads a kubeconfig (YAML, or JSON, which is YAML too). Refuses what kubectl refuses as well: text that is no YAML,
 * several documents, a top level or a list of another type, and entries of one name (client-go, `api/v1/conversion.go`);
 * also keys that stand twice, of which YAML readers keep one or the other.
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

/** What YAML calls null. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && /^(?:|~|null|Null|NULL)$/.test(value));
}

/**
 * The document behind a text. All scalars are read as text (YAML's failsafe schema), so that `0012`, `1e3` or a number of twenty digits is written
 * back as it stood. A text that says nothing is an empty mapping. JSON has no merge keys: its `"<<"` is a text, and stays quoted.
 */
export function documentOf(path: string, text: string): Document {
  try {
    const document: Document = parseDocument(text, { schema: 'failsafe', merge: !isJson(text), logLevel: 'error' });
    const { contents } = document;
    if (contents === null || (isScalar(contents) && isNothing(contents.value))) document.contents = new YAMLMap();
    return document;
  } catch (cause) {
    // The parser recurses: brackets nested by the ten thousand exhaust its stack.
    throw new KubeconfigError(`${path} cannot be read as YAML: it is nested too deeply. Correct it there.`, { cause });
  }
}

/** The parser's first line, which says what and where; the lines after it quote the file, and could show a secret. */
function reasonOf(error: YAMLParseError): string {
  if (error.code === 'MULTIPLE_DOCS') return 'it holds several documents, and a kubeconfig is one';
  const [line = ''] = error.message.split('\n');
  return line.replace(/:$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function checkShape(kubeconfig: Kubeconfig): void {
  const { path, document } = kubeconfig;
  if (!isMap(document.contents)) throw notAKubeconfig(path, 'its top level is no mapping');
  const kind = document.get('kind');
  if (!isNothing(kind) && kind !== 'Config')
    throw notAKubeconfig(path, `its kind is ${typeof kind === 'string' ? kind : 'no text'}`);
  for (const section of Object.keys(SECTIONS)) {
    const list = document.get(section);
    if (!isNothing(list) && !isSeq(list)) throw notAKubeconfig(path, `${section} is no list`);
  }
  checkAliases(kubeconfig);
  checkNames(kubeconfig);
}

/** An alias must come after its anchor; printing the document would fail on one that does not. */
function checkAliases({ path, document }: Kubeconfig): void {
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node) && !anchors.has(node.source)) {
        throw new KubeconfigError(
          `${path} cannot be read as YAML: nothing before *${node.source} has the anchor &${node.source}. Correct it there.`,
        );
      }
      if (!isAlias(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
  });
}

function notAKubeconfig(path: string, why: string): KubeconfigError {
  return new KubeconfigError(`${path} is no kubeconfig: ${why}. Give another file, or correct it there.`);
}

function checkNames(kubeconfig: Kubeconfig): void {
  for (const section of ['clusters', 'contexts', 'users'] as const) {
    const seen = new Set<string>();
    for (const { name } of entriesOf(kubeconfig, section)) {
      if (seen.has(name)) {
        throw new KubeconfigError(`${kubeconfig.path} has two ${section} named ${name}: remove one of them there.`);
      }
      seen.add(name);
    }
  }
}

/** An entry of a section: `- name: <name>` with its content, where that is a mapping. */
export interface Entry {
  readonly name: string;
  readonly node: YAMLMap;
}

/** The entries of a section that have a name, in the order of the file. What has none is left alone. */
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

/** The entry's content as plain data, aliases and merge keys followed; undefined where it is no mapping. */
export function contentOf(kubeconfig: Kubeconfig, section: Section, entry: Entry): unknown {
  try {
    const plain: unknown = entry.node.toJS(kubeconfig.document, { maxAliasCount: MOST_ALIASES });
    return typeof plain === 'object' && plain !== null ? Reflect.get(plain, SECTIONS[section]) : undefined;
  } catch (cause) {
    throw new KubeconfigError(`${kubeconfig.path} uses YAML aliases that cannot be followed: write them out there.`, {
      cause,
    });
  }
}

/** The list of a section, made where the file has none. */
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

/** The context that the file makes the current one. */
export function currentContextOf({ document }: Kubeconfig): string | undefined {
  const name = document.get('current-context');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Whether a kubeconfig's text is JSON. */
export function isJson(text: string): boolean {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value);
}
