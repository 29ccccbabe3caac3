import { isJsonObject, listAt, objectAt, textAt, textsAt } from '../json.ts';
import { contentOf, currentContextOf, entriesOf, type Kubeconfig, type Section } from './document.ts';

/** A context as kubectl sees it across all files. */
export interface Context {
  readonly name: string;
  readonly current: boolean;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
  /** The URL of the server. Empty if no file has the cluster. */
  readonly server: string;
  readonly signIn: ContextSignIn;
  /** The file that has the context. */
  readonly path: string;
}

/** How a context signs in, as far as the kubeconfig states it. */
export type ContextSignIn =
  | { readonly kind: 'aws'; readonly profile?: string; readonly roleArn?: string; readonly sessionName?: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'other'; readonly how: 'certificate' | 'token' | 'password' | 'auth provider' | 'nothing' };

/**
 * Returns the contexts of all files, by name. If several entries have one name, that of the first file counts as a
 * whole, without merging. The same is true for `current-context` (client-go, `clientcmd/loader.go`, `Load`).
 */
export function contextsOf(files: readonly Kubeconfig[]): readonly Context[] {
  const current = mergedCurrentContext(files);
  const clusters = firstOf(files, 'clusters');
  const users = firstOf(files, 'users');
  return [...firstOf(files, 'contexts')]
    .map(([name, { content, path }]): Context => {
      const context = isJsonObject(content) ? content : undefined;
      const cluster = textAt(context, 'cluster') ?? '';
      const user = textAt(context, 'user') ?? '';
      const server = clusters.get(cluster)?.content;
      return {
        name,
        current: name === current,
        cluster,
        user,
        namespace: textAt(context, 'namespace') ?? '',
        server: isJsonObject(server) ? (textAt(server, 'server') ?? '') : '',
        signIn: signInOf(users.get(user)?.content),
        path,
      };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function mergedCurrentContext(files: readonly Kubeconfig[]): string | undefined {
  for (const file of files) {
    const name = currentContextOf(file);
    if (name !== undefined) return name;
  }
  return undefined;
}

interface ListedContext {
  readonly content: unknown;
  readonly path: string;
}

function firstOf(files: readonly Kubeconfig[], section: Section): ReadonlyMap<string, ListedContext> {
  const found = new Map<string, ListedContext>();
  for (const file of files) {
    for (const entry of entriesOf(file, section)) {
      if (!found.has(entry.name)) found.set(entry.name, { content: contentOf(file, section, entry), path: file.path });
    }
  }
  return found;
}

function signInOf(content: unknown): ContextSignIn {
  const user = isJsonObject(content) ? content : undefined;
  const exec = objectAt(user, 'exec');
  if (exec === undefined) return { kind: 'other', how: otherSignIn(user) };
  const command = textAt(exec, 'command') ?? '';
  const words = textsAt(exec, 'args') ?? [];
  if (!/(?:^|[\\/])aws(?:\.exe)?$/.test(command) || !words.includes('get-token')) return { kind: 'command', command };
  const profile = option(words, '--profile') ?? variable(exec, 'AWS_PROFILE');
  const roleArn = option(words, '--role-arn') ?? option(words, '--role') ?? option(words, '-r');
  const sessionName = option(words, '--session-name');
  return {
    kind: 'aws',
    ...(profile !== undefined && { profile }),
    ...(roleArn !== undefined && { roleArn }),
    ...(sessionName !== undefined && { sessionName }),
  };
}

function otherSignIn(
  user: Parameters<typeof textAt>[0],
): 'certificate' | 'token' | 'password' | 'auth provider' | 'nothing' {
  if (user === undefined) return 'nothing';
  if ('token' in user || 'tokenFile' in user) return 'token';
  if ('client-certificate' in user || 'client-certificate-data' in user) return 'certificate';
  if ('username' in user) return 'password';
  return 'auth-provider' in user ? 'auth provider' : 'nothing';
}

/** Returns the value of `--name value` or `--name=value`. */
function option(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

function variable(exec: Parameters<typeof listAt>[0], name: string): string | undefined {
  const found = listAt(exec, 'env')?.find((item) => isJsonObject(item) && item.name === name);
  return isJsonObject(found) ? textAt(found, 'value') : undefined;
}
