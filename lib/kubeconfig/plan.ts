import { nearest } from '../nearness.ts';
import type { ClusterAccess } from './access.ts';
import { applyAccess, type EntryChange, NEW_KUBECONFIG, setCurrentContext } from './apply.ts';
import { type ProfileEdit, type RoleProfile, writeRoleProfile } from './aws-profile.ts';
import { contextsOf, mergedCurrentContext } from './contexts.ts';
import type { Format } from './diff.ts';
import { type Kubeconfig, parseKubeconfig, SECTIONS } from './document.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { printKubeconfig } from './print.ts';

/** The kubeconfig files that exist, and the path of the file for new entries, which need not exist. */
export interface Files {
  readonly files: readonly Kubeconfig[];
  readonly defaultPath: string;
}

/** The text of a file before and after. `before` is empty if the file did not exist. */
export interface TextChange {
  readonly path: string;
  readonly format: Format;
  readonly before: string;
  readonly after: string;
}

/** The AWS profile that will assume the role, and its file. */
export interface ProfileRequest extends RoleProfile {
  readonly name: string;
  readonly path: string;
  /** The present text of the file. Empty if it does not exist. */
  readonly text: string;
}

/** The changes to write. Planning writes nothing. */
export interface Plan {
  readonly entries: readonly EntryChange[];
  readonly profile: (ProfileEdit & { readonly path: string; readonly name: string }) | undefined;
  /** Whether the context is the current one after the change. */
  readonly isCurrent: boolean;
  readonly texts: readonly TextChange[];
}

/**
 * Plans a context for the access. It becomes the current one if `use` is set, or if no file has a current one. This
 * changes the documents in `files`, so read them again for another plan.
 */
export function planAccess(
  { files, defaultPath }: Files,
  access: ClusterAccess,
  use: boolean,
  request: ProfileRequest | undefined,
): Plan {
  const fallback = files.find(({ path }) => path === defaultPath) ?? newKubeconfig(defaultPath);
  const all = [...new Set([...files, fallback])];
  const isCurrent = use || [undefined, access.name].includes(mergedCurrentContext(files));
  const entries = applyAccess(files, fallback, access);
  const currentSet =
    isCurrent && mergedCurrentContext(files) !== access.name && setCurrentContext(fallback, access.name);
  const changed = new Set(entries.flatMap(({ change, path }) => (change === 'unchanged' ? [] : path)));
  if (currentSet) changed.add(fallback.path);
  const profile = request && {
    ...writeRoleProfile(request.text, request.name, request),
    path: request.path,
    name: request.name,
  };
  const texts = all.filter(({ path }) => changed.has(path)).map(textChange);
  if (request !== undefined && profile !== undefined && profile.change !== 'unchanged') {
    texts.unshift({ path: request.path, format: 'aws-config', before: request.text, after: profile.text });
  }
  return { entries, profile, isCurrent, texts };
}

/**
 * Plans to make the context the current one.
 * @throws KubeconfigError if there is no such context.
 */
export function planUse({ files, defaultPath }: Files, name: string): readonly TextChange[] {
  const names = contextsOf(files).map((context) => context.name);
  if (!names.includes(name)) throw new KubeconfigError(noSuchContext({ files, defaultPath }, names, name));
  const file = files.find(({ path }) => path === defaultPath);
  return file !== undefined && mergedCurrentContext(files) !== name && setCurrentContext(file, name)
    ? [textChange(file)]
    : [];
}

function noSuchContext({ files, defaultPath }: Files, names: readonly string[], name: string): string {
  const where = files.map(({ path }) => path).join(', ') || `${defaultPath}, which is missing or empty`;
  const near = nearest(name, names);
  const other =
    names.length === 0
      ? 'Create one with eks-whois kubeconfig create.'
      : 'List all contexts with eks-whois kubeconfig list.';
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : other;
  return `There is no context ${name} in ${where}. ${hint}`;
}

function newKubeconfig(path: string): Kubeconfig {
  return { ...parseKubeconfig(path, NEW_KUBECONFIG), text: '' };
}

function textChange(file: Kubeconfig): TextChange {
  return { path: file.path, format: 'kubeconfig', before: file.text, after: printKubeconfig(file) };
}

/** Returns what the plan would overwrite, for the message about `--force`. Empty if the plan only adds. */
export function overwritten({ entries, profile }: Plan): readonly string[] {
  const fields = entries.flatMap(({ section, change, path, fields }) =>
    change === 'updated' ? [`${SECTIONS[section]} in ${path} (${fields.join(', ')})`] : [],
  );
  return profile?.change === 'updated'
    ? [...fields, `AWS profile in ${profile.path} (${profile.fields.join(', ')})`]
    : fields;
}
