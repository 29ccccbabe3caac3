import { nearest } from '../nearness.ts';
import type { ClusterAccess } from './access.ts';
import { applyAccess, type EntryChange, NEW_KUBECONFIG, setCurrentContext } from './apply.ts';
import { type ProfileEdit, type RoleProfile, writeRoleProfile } from './aws-profile.ts';
import { contextsOf, mergedCurrentContext } from './contexts.ts';
import type { Format } from './diff.ts';
import { type Kubeconfig, parseKubeconfig, SECTIONS } from './document.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { printKubeconfig } from './print.ts';

/** The kubeconfig files that exist, and the one that is for what is new, which may not. */
export interface Files {
  readonly files: readonly Kubeconfig[];
  readonly defaultPath: string;
}

/** A file's text before and after; `before` is empty where there was no file. */
export interface TextChange {
  readonly path: string;
  readonly format: Format;
  readonly before: string;
  readonly after: string;
}

/** The AWS profile that is to assume the role, and the file for it. */
export interface ProfileRequest extends RoleProfile {
  readonly name: string;
  readonly path: string;
  /** The file as it is; empty where there is none. */
  readonly text: string;
}

/** What would be written. Nothing is, until the texts are. */
export interface Plan {
  readonly entries: readonly EntryChange[];
  readonly profile: (ProfileEdit & { readonly path: string; readonly name: string }) | undefined;
  /** Whether the context becomes, or is, the current one. */
  readonly isCurrent: boolean;
  readonly texts: readonly TextChange[];
}

/**
 * Plans a context for the access. It becomes the current one where that was asked for, and where no file has any.
 * Changes the documents of the files: read them anew for another plan.
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

/** Plans that the context becomes the current one. */
export function planUse({ files, defaultPath }: Files, name: string): readonly TextChange[] {
  const names = contextsOf(files).map((context) => context.name);
  if (!names.includes(name)) throw new KubeconfigError(noSuchContext(files, names, name));
  const file = files.find(({ path }) => path === defaultPath);
  return file !== undefined && mergedCurrentContext(files) !== name && setCurrentContext(file, name)
    ? [textChange(file)]
    : [];
}

function noSuchContext(files: readonly Kubeconfig[], names: readonly string[], name: string): string {
  const where = files.map(({ path }) => path).join(', ') || 'any kubeconfig';
  const near = nearest(name, names);
  const hint =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'eks-whois kubeconfig list shows those that there are.';
  return `There is no context ${name} in ${where}: ${hint}`;
}

function newKubeconfig(path: string): Kubeconfig {
  return { ...parseKubeconfig(path, NEW_KUBECONFIG), text: '' };
}

function textChange(file: Kubeconfig): TextChange {
  return { path: file.path, format: 'kubeconfig', before: file.text, after: printKubeconfig(file) };
}

/** What the plan would overwrite, for the sentence that asks for `--force`; empty where it only adds. */
export function overwritten({ entries, profile }: Plan): readonly string[] {
  const fields = entries.flatMap(({ section, change, path, fields }) =>
    change === 'updated' ? [`${SECTIONS[section]} in ${path} (${fields.join(', ')})`] : [],
  );
  return profile?.change === 'updated'
    ? [...fields, `AWS profile in ${profile.path} (${profile.fields.join(', ')})`]
    : fields;
}
