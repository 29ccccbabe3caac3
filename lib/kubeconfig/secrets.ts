import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Scalar, visit } from 'yaml';
import { documentOf } from './document.ts';
import type { Hidden } from './mask.ts';

/**
 * The parts of a kubeconfig's text that are not to be shown, by its YAML nodes, so that it does not matter over how
 * many lines, in which quotes and by which anchors a secret is written; and comments that could hold one. All of a text
 * that cannot be parsed.
 */
export function kubeconfigSecrets(text: string): readonly Hidden[] {
  const document = parsed(text);
  if (document === undefined) return [{ start: 0, end: text.length }];
  const finder = new SecretFinder(document, text);
  finder.look(document.contents, KUBECONFIG);
  return [...finder.found, ...commentSecrets(text, scalarsOf(document), finder.found)];
}

function parsed(text: string): Document | undefined {
  try {
    const document = documentOf('', text);
    return document.errors.length === 0 ? document : undefined;
  } catch {
    return undefined;
  }
}

function scalarsOf(document: Document): readonly Hidden[] {
  const found: Hidden[] = [];
  visit(document, {
    Scalar(_, { range }) {
      if (range) found.push({ start: range[0], end: range[1] });
    },
  });
  return found;
}

/** Walks the nodes, each by the rule for its place, and collects what is to be hidden. */
class SecretFinder {
  readonly found: Hidden[] = [];
  /** By which rules a node was looked at: aliases lead to one node often, and by a fault in a circle. */
  readonly #seen = new Map<Node, Set<Rule>>();
  readonly #document: Document;
  readonly #text: string;

  constructor(document: Document, text: string) {
    this.#document = document;
    this.#text = text;
  }

  look(node: unknown, rule: Rule): void {
    if (!isNode(node) || this.#wasSeen(node, rule)) return;
    if (rule === 'secret') this.#hideWhole(node);
    else if (isAlias(node)) this.look(node.resolve(this.#document), rule);
    else if (isMap(node)) for (const pair of node.items) this.#lookAtPair(pair, rule);
    else if (isSeq(node)) this.#lookAtItems(node.items, rule);
    else if (isScalar(node)) this.#lookAtScalar(node, rule);
  }

  #wasSeen(node: Node, rule: Rule): boolean {
    const rules = this.#seen.get(node) ?? new Set();
    if (rules.has(rule)) return true;
    this.#seen.set(node, rules.add(rule));
    return false;
  }

  /** Also what its aliases lead to. */
  #hideWhole(node: Node): void {
    this.#hide(node);
    visit(node, {
      Alias: (_, alias) => {
        this.look(alias.resolve(this.#document), 'secret');
      },
    });
  }

  #lookAtPair({ key, value }: Pair, rule: Rule): void {
    if (!isScalar(key)) this.look(key, 'open');
    const name = isScalar(key) ? String(key.source ?? key.value) : '';
    if (name !== '<<') this.look(value, ruleOf(rule, name));
    else for (const merged of isSeq(value) ? value.items : [value]) this.look(merged, rule);
  }

  #lookAtItems(items: readonly unknown[], rule: Rule): void {
    const words = items.map((item) => this.#wordOf(item));
    items.forEach((item, index) => {
      if (rule !== 'arguments') this.look(item, itemRule(rule));
      else if (!isShownArgument(words[index], words[index - 1])) this.look(item, 'secret');
    });
  }

  #wordOf(node: unknown): string | undefined {
    const word = isAlias(node) ? node.resolve(this.#document) : node;
    return isScalar(word) && typeof word.value === 'string' ? word.value : undefined;
  }

  #lookAtScalar(node: Scalar, rule: Rule): void {
    const value = String(node.value);
    if (rule === 'shown') return;
    if (rule === 'certificate') this.#hide(node, abridged(this.#sourceOf(node)));
    else if (rule !== 'open' || isSecretValue(value)) this.#hide(node);
  }

  #sourceOf({ range }: Scalar): string {
    return range ? this.#text.slice(range[0], range[1]) : '';
  }

  #hide({ range }: Node, instead?: string): void {
    if (range) this.found.push({ start: range[0], end: range[1], ...(instead !== undefined && { instead }) });
  }
}

/** A certificate by its ends and length, so that a changed one can be told. */
function abridged(source: string): string {
  return source.replace(
    /^(["']?\S{12})(\S{24,})(\S{8})$/,
    (_, start: string, middle: string, end: string) => `${start}…(${middle.length} more)…${end}`,
  );
}

/**
 * The comments of a YAML text that could hold a secret: those behind one, and runs of comments with what looks like a
 * setting that was commented out. `scalars` are all the scalars of the text, in which a `#` begins no comment.
 */
function commentSecrets(text: string, scalars: readonly Hidden[], secrets: readonly Hidden[]): readonly Hidden[] {
  const secretLines = linesWith(text, secrets);
  return runsOf(commentsOf(blanked(text, scalars), text)).flatMap((run) =>
    run.some(({ line, words }) => isSecretComment(words) || secretLines.has(line)) ? run : [],
  );
}

interface Comment extends Hidden {
  readonly line: number;
  /** Whether nothing else stands on the line. */
  readonly alone: boolean;
  readonly words: string;
}

/** The text with its scalars written over, its line breaks kept. */
function blanked(text: string, scalars: readonly Hidden[]): string {
  let done = 0;
  let blank = '';
  for (const { start, end } of scalars.toSorted((one, other) => one.start - other.start)) {
    if (start < done) continue;
    blank += text.slice(done, start) + text.slice(start, end).replace(/[^\n]/g, '_');
    done = end;
  }
  return blank + text.slice(done);
}

function commentsOf(blank: string, text: string): readonly Comment[] {
  let offset = 0;
  return blank.split('\n').flatMap((content, line) => {
    const lineStart = offset;
    offset += content.length + 1;
    const [, before, mark] = /^(.*?(?:^|\s))(#\s*)(?=\S)/s.exec(content) ?? [];
    if (before === undefined || mark === undefined) return [];
    const start = lineStart + before.length + mark.length;
    const end = lineStart + content.length;
    return [{ line, start, end, alone: before.trim() === '', words: text.slice(start, end) }];
  });
}

/** Comments on lines that follow each other, and those behind something by themselves. */
function runsOf(comments: readonly Comment[]): readonly (readonly Comment[])[] {
  const runs: Comment[][] = [];
  for (const comment of comments) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && comment.alone && last?.alone === true && last.line === comment.line - 1) run.push(comment);
    else runs.push([comment]);
  }
  return runs;
}

/** The numbers of the lines on which a part ends: nothing but a comment can come behind it. */
function linesWith(text: string, parts: readonly Hidden[]): ReadonlySet<number> {
  const lines = new Set<number>();
  let [line, offset] = [0, 0];
  for (const end of parts.map((part) => part.end - 1).sort((one, other) => one - other)) {
    for (; offset < end; offset += 1) if (text[offset] === '\n') line += 1;
    lines.add(line);
  }
  return lines;
}

/**
 * What may be shown of a node: a plain word of the kubeconfig; anything but what looks like a secret; nothing; the
 * ends of a certificate; arguments of a command; or, of a mapping or a list, what is said for each field or item.
 */
type Rule = 'shown' | 'open' | 'secret' | 'certificate' | 'arguments' | Fields | Items;

interface Fields {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly others: 'open' | 'secret';
}

interface Items {
  readonly items: Rule;
}

const SHOWN = 'shown';

const EXEC: Fields = {
  fields: {
    apiVersion: SHOWN,
    command: 'open',
    args: 'arguments',
    env: { items: { fields: { name: SHOWN }, others: 'secret' } },
    installHint: 'open',
    interactiveMode: SHOWN,
    provideClusterInfo: SHOWN,
  },
  others: 'secret',
};

/** What signs in: only fields that are known for no secret are shown (kubeconfig v1, `AuthInfo`). */
const USER: Fields = {
  fields: {
    'client-certificate': SHOWN,
    'client-certificate-data': 'certificate',
    'client-key': SHOWN,
    tokenFile: SHOWN,
    username: SHOWN,
    as: SHOWN,
    'as-uid': SHOWN,
    'as-groups': 'open',
    'auth-provider': { fields: { name: SHOWN, config: { fields: {}, others: 'secret' } }, others: 'secret' },
    exec: EXEC,
  },
  others: 'secret',
};

/** A whole kubeconfig. */
const KUBECONFIG: Fields = {
  fields: {
    'current-context': SHOWN,
    clusters: {
      items: {
        fields: {
          name: SHOWN,
          cluster: { fields: { 'certificate-authority-data': 'certificate' }, others: 'open' },
        },
        others: 'open',
      },
    },
    contexts: {
      items: {
        fields: { name: SHOWN, context: { fields: { cluster: SHOWN, user: SHOWN, namespace: SHOWN }, others: 'open' } },
        others: 'open',
      },
    },
    users: { items: { fields: { name: SHOWN, user: USER }, others: 'open' } },
  },
  others: 'open',
};

/** The rule for the field of a mapping. */
function ruleOf(rule: Rule, name: string): Rule {
  if (typeof rule === 'object' && 'fields' in rule) {
    if (Object.hasOwn(rule.fields, name)) return rule.fields[name] ?? 'secret';
    return rule.others === 'open' && !isSecretName(name) ? 'open' : 'secret';
  }
  // A mapping where the kubeconfig has something else.
  return (rule === 'open' || rule === 'shown') && !isSecretName(name) ? 'open' : 'secret';
}

/** The rule for the items of a list. */
function itemRule(rule: Rule): Rule {
  if (typeof rule === 'object' && 'items' in rule) return rule.items;
  return rule === 'open' || rule === 'shown' ? 'open' : 'secret';
}

/** Options whose values are no secrets: those of `aws eks get-token` and of `aws-iam-authenticator token`. */
const HARMLESS_OPTIONS =
  /^(?:--cluster-name|--cluster-id|--region|--output|--profile|--role-arn|--role|--session-name|-i|-r)$/;
const HARMLESS_WORDS = /^(?:eks|get-token|token|--[a-z][a-z-]*|-[a-z])$/i;

/** Whether an argument is known for no secret, by itself or by the one before it; anything else could be a password. */
function isShownArgument(word: string | undefined, before: string | undefined): boolean {
  if (word === undefined) return false;
  const [, option] = /^(--[a-z-]+)=/.exec(word) ?? [];
  return HARMLESS_WORDS.test(word) || [option, before].some((one) => one !== undefined && HARMLESS_OPTIONS.test(one));
}

/** Names under which secrets are kept: of fields, settings, variables. */
const SECRET_NAME =
  /token|pass(?:word|wd|phrase|$)|pwd|secret|credential(?!-source)|authorization|private-?key|client-key-data|api-?key|access-?key(?!-?id)/;
/** Names of a place where a secret lies, which is none. */
const PLACE_NAME = /(?:file|path|dir|url|uri)$/;

/** Whether what is kept under this name is taken for a secret. */
function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return SECRET_NAME.test(plain) && !PLACE_NAME.test(plain);
}

/** A URL with a user's name or password in it. */
const SIGNED_URL = /:\/\/[^\s/?#]*@/;
/** A key, a certificate, a token: nothing that a person would write. */
const ENCODED = /-----BEGIN|\beyJ[\w-]+\.|^(?!\/)[\w+/=\s-]{40,}$/;

/** Whether a value gives itself away as a secret, whatever it is called. */
function isSecretValue(value: string): boolean {
  return SIGNED_URL.test(value) || ENCODED.test(value);
}

/** Settings, items, options, and words for secrets, which could come before one. */
const TELLING = /^-|\s--?\w|[:=](?:\s|$)|\w=|token|passw|secret|credential|[\w+/=-]{40,}/i;

/** Whether a comment could hold a secret: a setting or an argument that was commented out, or a word of it. */
function isSecretComment(comment: string): boolean {
  return TELLING.test(comment) || isSecretValue(comment);
}

/**
 * The parts of an AWS config file's text that are not to be shown: values of secret settings with the lines that
 * continue them, comments that could hold one, and whatever is no setting.
 */
export function awsConfigSecrets(text: string): readonly Hidden[] {
  let [offset, goesOn] = [0, false];
  return text.split('\n').flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    const column = secretColumn(line, goesOn);
    if (/^[^\s#;]/.test(line)) goesOn = column !== undefined;
    return column === undefined ? [] : [{ start: start + column, end: offset - 1 }];
  });
}

/** Where the secret in a line begins, if there is one; `goesOn` says that the setting before it is one. */
function secretColumn(line: string, goesOn: boolean): number | undefined {
  if (/^\s*(?:\[|$)/.test(line)) return undefined;
  const [mark, comment] = /^\s*[#;]\s*(.*)$/s.exec(line) ?? [];
  if (mark !== undefined && comment !== undefined)
    return isSecretComment(comment) ? mark.length - comment.length : undefined;
  const [whole, before, name = '', value = ''] = /^(\s*([^\s=][^=]*?)\s*=\s*)(.*)$/s.exec(line) ?? [];
  if (whole === undefined || before === undefined || (goesOn && /^\s/.test(line))) return 0;
  return isSecretName(name) || isSecretValue(value) ? before.length : undefined;
}
