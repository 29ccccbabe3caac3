import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  YAMLMap as NewMap,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { type ClusterAccess, EXEC_API_VERSION, execProfile, getTokenArguments } from './access.ts';
import { entriesOf, type Kubeconfig, SECTIONS, type Section, sectionList } from './document.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** What changed in one entry. */
export interface EntryChange {
  readonly section: Section;
  readonly path: string;
  readonly change: 'added' | 'updated' | 'unchanged';
  /** The fields that had another value before. */
  readonly fields: readonly string[];
}

/**
 * Writes the cluster, user and context of an access into the documents of the files. An existing entry is changed in
 * the first file that has it, because kubectl reads that one. A new entry is added to `fallback`. Only the fields of
 * this access are set, and everything else stays. Other ways to sign in or to trust the server are removed. kubectl
 * refuses them beside the new ones (client-go, `clientcmd/validation.go`). Source: client-go,
 * `clientcmd/config.go`, `ModifyConfig` (`LocationOfOrigin`, `GetDefaultFilename`).
 */
export function applyAccess(files: readonly Kubeconfig[], fallback: Kubeconfig, access: ClusterAccess): EntryChange[] {
  const edits: readonly [Section, Edit][] = [
    ['clusters', editCluster],
    ['users', editUser],
    ['contexts', editContext],
  ];
  return edits.map(([section, edit]) => applyEntry(files, fallback, section, access, edit));
}

/** Changes the content of an entry. Returns the names of the changed fields. */
type Edit = (document: Document, content: YAMLMap, access: ClusterAccess) => string[];

function applyEntry(
  files: readonly Kubeconfig[],
  fallback: Kubeconfig,
  section: Section,
  access: ClusterAccess,
  edit: Edit,
): EntryChange {
  for (const file of files) {
    const entry = entriesOf(file, section).find(({ name }) => name === access.name);
    if (entry !== undefined) return updateEntry(file, section, entry.node, access, edit);
  }
  addEntry(fallback, section, access, edit);
  return { section, path: fallback.path, change: 'added', fields: [] };
}

function updateEntry(
  file: Kubeconfig,
  section: Section,
  node: YAMLMap,
  access: ClusterAccess,
  edit: Edit,
): EntryChange {
  const key = SECTIONS[section];
  const trial = node.clone();
  const fields = trial instanceof NewMap ? edit(file.document, mapAt(trial, key), access) : [];
  if (fields.length === 0) return { section, path: file.path, change: 'unchanged', fields };
  refuseShared(file.path, `the ${key} ${access.name}`, node);
  edit(file.document, mapAt(node, key), access);
  return { section, path: file.path, change: 'updated', fields };
}

function addEntry(file: Kubeconfig, section: Section, access: ClusterAccess, edit: Edit): void {
  const list = sectionList(file, section);
  const entry = new NewMap();
  entry.set(textScalar('name'), textScalar(access.name));
  edit(file.document, mapAt(entry, SECTIONS[section]), access);
  list.add(entry);
}

const editCluster: Edit = (document, cluster, access) =>
  setFields(document, cluster, {
    server: access.server,
    'certificate-authority-data': access.certificateAuthority,
    'certificate-authority': undefined,
    'insecure-skip-tls-verify': undefined,
  });

const editContext: Edit = (document, context, access) =>
  setFields(document, context, {
    cluster: access.name,
    user: access.name,
    ...(access.namespace !== undefined && { namespace: access.namespace }),
  });

/** All other ways to sign in (kubeconfig v1, `AuthInfo`). */
const OTHER_SIGN_INS = [
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
  'username',
  'password',
  'auth-provider',
];

const editUser: Edit = (document, user, access) => {
  const others = setFields(document, user, Object.fromEntries(OTHER_SIGN_INS.map((field) => [field, undefined])));
  const exec = mapAt(user, 'exec');
  const fields = setFields(document, exec, {
    apiVersion: EXEC_API_VERSION,
    command: 'aws',
    args: getTokenArguments(access),
    // The AWS CLI asks for an MFA code if the profile requires one.
    interactiveMode: 'IfAvailable',
  });
  const env = setVariable(document, exec, 'AWS_PROFILE', execProfile(access)) ? ['env'] : [];
  return [...others, ...fields, ...env].map((field) => (OTHER_SIGN_INS.includes(field) ? field : `exec.${field}`));
};

/** Makes the context the current one in this file. Returns whether that changed the file. */
export function setCurrentContext({ document }: Kubeconfig, name: string): boolean {
  if (document.get('current-context') === name) return false;
  document.set('current-context', textScalar(name));
  return true;
}

/** The content of a new file, in kubectl's order. */
export const NEW_KUBECONFIG = `apiVersion: v1
kind: Config
clusters: []
contexts: []
users: []
`;

/** The new value of a field. Undefined removes the field. */
type FieldValue = string | readonly string[] | undefined;

/** Sets fields of a mapping. Returns the names of those that changed. Other fields, the order and comments stay. */
function setFields(document: Document, map: YAMLMap, fields: Readonly<Record<string, FieldValue>>): string[] {
  return Object.entries(fields).flatMap(([key, value]) => (setField(document, map, key, value) ? [key] : []));
}

function setField(document: Document, map: YAMLMap, key: string, value: FieldValue): boolean {
  if (value === undefined) return map.delete(key);
  if (JSON.stringify(plainAt(document, map, key)) === JSON.stringify(value)) return false;
  const old = map.get(key, true);
  if (typeof value === 'string' && isScalar(old)) {
    old.value = value;
    const { type } = textScalar(value);
    if (type !== undefined) old.type = type;
    else if (old.type?.startsWith('BLOCK')) delete old.type;
    return true;
  }
  map.set(key, nodeOf(value));
  return true;
}

function plainAt(document: Document, map: YAMLMap, key: string): unknown {
  const node = map.get(key, true);
  return isNode(node) ? node.toJS(document) : node;
}

function nodeOf(value: string | readonly string[]): unknown {
  if (typeof value === 'string') return textScalar(value);
  const list = new YAMLSeq();
  for (const text of value) list.add(textScalar(text));
  return list;
}

/** Returns the mapping at a key. Creates one if there is none, or if the value is not a mapping. */
function mapAt(map: YAMLMap, key: string): YAMLMap {
  const found = map.get(key, true);
  if (isMap(found)) return found;
  const made = new YAMLMap();
  map.set(textScalar(key), made);
  return made;
}

/**
 * Sets a variable in `exec.env`, which is a list of names and values. If the value is undefined, removes the variable.
 * Other variables stay. Returns whether the list changed.
 */
function setVariable(document: Document, exec: YAMLMap, name: string, value: string | undefined): boolean {
  const list = exec.get('env', true);
  const items = isSeq(list) ? list.items : [];
  const found = items.find((item) => isMap(item) && item.get('name') === name);
  if (value === undefined) return isSeq(list) && found !== undefined && removeItem(exec, list, found);
  if (isMap(found)) return setFields(document, found, { value }).length > 0;
  const variable = new YAMLMap();
  setFields(document, variable, { name, value });
  if (isSeq(list)) list.add(variable);
  else exec.set('env', Object.assign(new YAMLSeq(), { items: [variable] }));
  return true;
}

function removeItem(exec: YAMLMap, list: YAMLSeq, item: unknown): boolean {
  list.items = list.items.filter((one) => one !== item);
  if (list.items.length === 0) exec.delete('env');
  return true;
}

/**
 * Refuses to change an entry that shares content with others by YAML anchors, because the others would change too.
 * @throws KubeconfigError
 */
function refuseShared(path: string, what: string, node: YAMLMap): void {
  visit(node, (_, inner) => {
    if (isAlias(inner) || (isNode(inner) && !isAlias(inner) && inner.anchor !== undefined)) {
      throw new KubeconfigError(
        `${path} shares ${what} with other entries by YAML anchors. Write it out in that file, then try again.`,
      );
    }
  });
}

/**
 * Matches unquoted texts that YAML 1.1 does not read as strings: `no`, `12_000`, `1:30`, `0x1f`, dates (yaml.org/type).
 * kubectl reads YAML 1.1. The library writes YAML 1.2, and would not quote some of them.
 */
const AMBIGUOUS = /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$|^[-+.]?\d|^[-+]?\.(?:inf|nan)$/i;

/** Returns a scalar for the text. It is quoted if YAML 1.1 or 1.2 could read it as anything but a string. */
function textScalar(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  if (AMBIGUOUS.test(text)) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
