import { type Document, YAMLMap as NewMap, type YAMLMap } from 'yaml';
import { type ClusterAccess, EXEC_API_VERSION, execProfile, getTokenArguments } from './access.ts';
import { entriesOf, type Kubeconfig, SECTIONS, type Section, sectionList } from './document.ts';
import { mapAt, refuseShared, setFields, setVariable } from './edit.ts';
import { textScalar } from './scalar.ts';

/** What became of one entry. */
export interface EntryChange {
  readonly section: Section;
  readonly path: string;
  readonly change: 'added' | 'updated' | 'unchanged';
  /** The fields that said something else before. */
  readonly fields: readonly string[];
}

/**
 * Writes the access into the files' documents: cluster, user and context. Where an entry of that name lives is where it
 * is changed; the first file that has it counts, since kubectl reads that one; a new entry goes to `fallback`. Only the
 * fields that this access decides are set; whatever else an entry says stays, but for other ways to sign in or to trust
 * the server, beside which kubectl would refuse the new ones (client-go, `clientcmd/validation.go`).
 * Source: client-go, `clientcmd/config.go`, `ModifyConfig` (`LocationOfOrigin`, `GetDefaultFilename`).
 */
export function applyAccess(files: readonly Kubeconfig[], fallback: Kubeconfig, access: ClusterAccess): EntryChange[] {
  const edits: readonly [Section, Edit][] = [
    ['clusters', editCluster],
    ['users', editUser],
    ['contexts', editContext],
  ];
  return edits.map(([section, edit]) => applyEntry(files, fallback, section, access, edit));
}

/** Changes the content of an entry; returns the fields that it changed. */
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

/** Every other way to sign in (kubeconfig v1, `AuthInfo`). */
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
    // The AWS CLI asks for an MFA code where the profile wants one.
    interactiveMode: 'IfAvailable',
  });
  const env = setVariable(document, exec, 'AWS_PROFILE', execProfile(access)) ? ['env'] : [];
  return [...others, ...fields, ...env].map((field) => (OTHER_SIGN_INS.includes(field) ? field : `exec.${field}`));
};

/** Makes the context current in this file; says whether that changed anything. */
export function setCurrentContext({ document }: Kubeconfig, name: string): boolean {
  if (document.get('current-context') === name) return false;
  document.set('current-context', textScalar(name));
  return true;
}

/** What a file that did not exist begins with, in kubectl's order. */
export const NEW_KUBECONFIG = `apiVersion: v1
kind: Config
clusters: []
contexts: []
users: []
`;
