import { type JsonObject, object, present, text } from './json.ts';
import { printTime, readTime } from './time.ts';

/** The action that an event states (rule 10.21). */
export type Action = {
  command?: string;
  container?: string;
  endedAt?: string;
  ports?: number[];
  audiences?: string[];
  expiresAt?: string;
  credentialId?: string;
  boundTo?: string;
  role?: string;
  subjects?: string[];
  subjectsLeftOut?: number;
};

export function actionOf(raw: JsonObject): Action | undefined {
  const stated = { ...actionOfUri(raw), ...actionOfBodies(raw), ...issuedId(raw) };
  return Object.keys(stated).length === 0 ? undefined : stated;
}

/** The action's part that comes from bodies, which copies state. */
export function actionOfBodies(raw: JsonObject): Action {
  const { resource, subresource } = object(raw.objectRef) ?? {};
  const isBinding = resource === 'rolebindings' || resource === 'clusterrolebindings';
  if (isBinding && subresource === undefined) return ofBinding(raw);
  return resource === 'serviceaccounts' && subresource === 'token' && raw.verb === 'create' ? ofToken(raw) : {};
}

/** The request path with the secrets of its command masked. */
export function keptUri(raw: JsonObject): string | undefined {
  const [path, query] = (text(raw.requestURI) ?? '').split('?');
  if (query === undefined) return path || undefined;
  const masked = maskAll(commandOf(query));
  const pairs = query.split('&').map((pair) => {
    if (!isWord(pair)) return pair;
    const word = masked.shift() ?? '';
    return word === wordOf(pair) ? pair : `command=${encodeURIComponent(word)}`;
  });
  return `${path}?${pairs.join('&')}`;
}

/** The ID of the token that the event says it issued. */
function issuedId(raw: JsonObject): Action {
  const { resource, subresource } = object(raw.objectRef) ?? {};
  const code = object(raw.responseStatus)?.code;
  if (resource !== 'serviceaccounts' || subresource !== 'token' || raw.verb !== 'create') return {};
  if (typeof code === 'number' && code >= 300) return {};
  const notes = object(raw.annotations) ?? {};
  const names = ['authentication.kubernetes.io', 'authentication.k8s.io'];
  return present<Action>({
    credentialId: names.map((name) => text(notes[`${name}/issued-credential-id`])).find(Boolean),
  });
}

function ofBinding(raw: JsonObject): Action {
  const has = (body: JsonObject | undefined) => object(body?.roleRef) !== undefined || Array.isArray(body?.subjects);
  const body = [object(raw.responseObject), object(raw.requestObject)].find(has) ?? {};
  const subjects = (Array.isArray(body.subjects) ? body.subjects : []).flatMap((subject: unknown) => {
    const { kind, name, namespace } = object(subject) ?? {};
    if (!text(kind) || !text(name)) return [];
    return [kind === 'ServiceAccount' && text(namespace) ? `${kind}/${namespace}:${name}` : `${kind}/${name}`];
  });
  return present<Action>({
    role: named(body.roleRef),
    subjects: subjects.length > 0 ? subjects.slice(0, 16) : undefined,
    subjectsLeftOut: subjects.length > 16 ? subjects.length - 16 : undefined,
  });
}

function ofToken(raw: JsonObject): Action {
  const spec = object(object(raw.requestObject)?.spec) ?? object(object(raw.responseObject)?.spec) ?? {};
  const audiences = Array.isArray(spec.audiences) ? spec.audiences.filter((one) => typeof one === 'string') : [];
  const at = readTime(raw.requestReceivedTimestamp);
  const seconds = spec.expirationSeconds;
  const planned = at !== undefined && typeof seconds === 'number' && seconds > 0 ? at + seconds * 1000 : undefined;
  return present<Action>({
    audiences: audiences.length > 0 ? audiences.slice(0, 8) : undefined,
    expiresAt:
      text(object(object(raw.responseObject)?.status)?.expirationTimestamp) ??
      (planned === undefined ? undefined : printTime(planned - (planned % 1000))),
    boundTo: named(spec.boundObjectRef),
  });
}

function named(value: unknown): string | undefined {
  const { kind, name } = object(value) ?? {};
  return text(kind) && text(name) ? `${kind}/${name}` : undefined;
}

function actionOfUri(raw: JsonObject): Action {
  const { resource, subresource } = object(raw.objectRef) ?? {};
  const what = `${resource}/${subresource}`;
  const query = (text(raw.requestURI) ?? '').split('?')[1] ?? '';
  if (!['pods/exec', 'pods/attach', 'pods/portforward', 'nodes/proxy'].includes(what)) return {};
  const all = new URLSearchParams(query);
  const isLast = ['ResponseComplete', 'Panic'].includes(text(raw.stage) ?? '');
  const isRefused = Number(object(raw.responseStatus)?.code ?? 0) >= 400;
  const ports = all.getAll('ports').flatMap((value) => value.split(',').map(Number));
  return present<Action>({
    command: maskAll(commandOf(query)).map(inShell).join(' ') || undefined,
    container: all.get('container') || undefined,
    endedAt: /exec|attach/.test(what) && isLast && !isRefused ? text(raw.stageTimestamp) || undefined : undefined,
    ports: ports.length > 0 ? ports : undefined,
  });
}

function isWord(pair: string): boolean {
  return pair.startsWith('command=');
}

function wordOf(pair: string): string {
  return new URLSearchParams(pair).get('command') ?? '';
}

function commandOf(query: string): string[] {
  return query.split('&').filter(isWord).map(wordOf);
}

function inShell(word: string): string {
  return /[^\w@%+=:,./*-]/.test(word) || word === '' ? `'${word.replaceAll("'", "'\\''")}'` : word;
}

/** Rule 10.22 for words that have no words of their own: a name before the value, or a form of the value. */
function maskAll(words: readonly string[]): string[] {
  const isSecretName = (name = '') =>
    /password|token|secret|_pass$|_pwd$/i.test(name) && !/(file|name|id)$/i.test(name);
  return words.map((word, at) => {
    const before = words[at - 1] ?? '';
    if (before.startsWith('--') && !before.includes('=') && isSecretName(before)) return '***';
    const [, head, name] = /^(?:(-{0,2}([\w-]+)=)|(?:([\w-]+): ))/.exec(word) ?? [];
    if (head !== undefined && isSecretName(name)) return `${head}***`;
    const isKey = /^A[KS]IA[A-Z0-9]{16}$/.test(word);
    const isRun = /^[A-Za-z0-9+/]{32,}$/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
    return isKey || isRun || /^eyJ/.test(word) || /^[0-9a-f]{32,}$/.test(word) ? '***' : word;
  });
}
