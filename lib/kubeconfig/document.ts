import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  YAMLMap,
  type YAMLParseError,
  YAMLSeq,
} from 'yaml';
import { KubeconfigFault } from './fault.ts';

/** One kubeconfig file, parsed so that comments, unknown fields, anchors and their order stay. */
export interface Kubeconfig {
  readonly path: string;
  /** The file as it was read; empty where there was none. */
  readonly text: string;
  /** Changed in place; `printKubeconfig` gives the text for it. */
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
    throw new KubeconfigFault(`${path} cannot be read as YAML: ${reasonOf(error)}. Correct it there.`);
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    document.contents = new YAMLMap();
  }
  const kubeconfig = { path, text, document };
  checkShape(kubeconfig);
  return kubeconfig;
}

function documentOf(path: string, text: string): Document {
  try {
    return parseDocument(text, { merge: true, logLevel: 'silent' });
  } catch (cause) {
    // The parser recurses: brackets nested by the ten thousand exhaust its stack.
    throw new KubeconfigFault(`${path} cannot be read as YAML: it is nested too deeply. Correct it there.`, { cause });
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
  if (kind !== undefined && kind !== null && kind !== 'Config')
    throw notAKubeconfig(path, `its kind is ${String(kind)}`);
  for (const section of Object.keys(SECTIONS)) {
    const list = document.get(section);
    if (list !== undefined && list !== null && !isSeq(list)) throw notAKubeconfig(path, `${section} is no list`);
  }
  checkNames(kubeconfig);
}

function notAKubeconfig(path: string, why: string): KubeconfigFault {
  return new KubeconfigFault(`${path} is no kubeconfig: ${why}. Give another file, or correct it there.`);
}

function checkNames(kubeconfig: Kubeconfig): void {
  for (const section of ['clusters', 'contexts', 'users'] as const) {
    const seen = new Set<string>();
    for (const { name } of entriesOf(kubeconfig, section)) {
      if (seen.has(name)) {
        throw new KubeconfigFault(`${kubeconfig.path} has two ${section} named ${name}: remove one of them there.`);
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
    throw new KubeconfigFault(`${kubeconfig.path} uses YAML aliases that cannot be followed: write them out there.`, {
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

/**
 * The text of the changed document, laid out as the file was: lists indented or not, line ends, byte order mark; JSON
 * stays JSON.
 */
export function printKubeconfig({ text, document }: Kubeconfig): string {
  if (isFlow(document) && isJson(text)) return `${JSON.stringify(document.toJS(), null, indentOf(text))}\n`;
  const indentSeq = /^[\w-]+:[ \t]*\r?\n[ \t]+- /m.test(text);
  const printed = document.toString({ lineWidth: 0, indentSeq, indent: indentOf(text) });
  const lineEnds = text.includes('\r\n') ? printed.replace(/\r?\n/g, '\r\n') : printed;
  return text.startsWith('\uFEFF') && !lineEnds.startsWith('\uFEFF') ? `\uFEFF${lineEnds}` : lineEnds;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Spaces a level: those of the first indented key that is not within a list. */
function indentOf(text: string): number {
  const spaces = /^(?:[\w-]+:|\{)[ \t]*\r?\n( +)["\w]/m.exec(text)?.[1]?.length ?? 2;
  return Math.min(Math.max(spaces, 2), 8);
}
