import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Scalar, visit } from 'yaml';
import { documentOf } from './document.ts';
import type { HiddenPart } from './mask.ts';

/**
 * Returns the parts of a kubeconfig's text to hide: secrets, and comments that may have one. It finds secrets by YAML
 * nodes, so that lines, quotes and anchors do not matter. If a text cannot be parsed, all of it is hidden.
 */
export function kubeconfigSecrets(text: string): readonly HiddenPart[] {
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

function scalarsOf(document: Document): readonly HiddenPart[] {
  const found: HiddenPart[] = [];
  visit(document, {
    Scalar(_, { range }) {
      if (range) found.push({ start: range[0], end: range[1] });
    },
  });
  return found;
}

/** Collects the parts to hide. It visits each node with the rule for its place. */
class SecretFinder {
  readonly found: HiddenPart[] = [];
  /** The rules with which each node was visited. Aliases often lead to the same node. Faulty ones lead in a circle. */
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

  /** Hides a node, with everything to which its aliases lead. */
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

/** Returns the beginning, the end and the length of a certificate, so that people see a change. */
function abridged(source: string): string {
  return source.replace(
    /^(["']?\S{12})(\S{24,})(\S{8})$/,
    (_, start: string, middle: string, end: string) => `${start}…(${middle.length} more)…${end}`,
  );
}

/**
 * Returns comments of a YAML text that may have a secret. These follow a secret, or look like a setting that was
 * commented out.
 * @param scalars all scalars of the text. In these, `#` does not begin a comment.
 */
function commentSecrets(
  text: string,
  scalars: readonly HiddenPart[],
  secrets: readonly HiddenPart[],
): readonly HiddenPart[] {
  const secretLines = linesWith(text, secrets);
  return runsOf(commentsOf(blanked(text, scalars), text)).flatMap((run) =>
    run.some(({ line, words }) => isSecretComment(words) || secretLines.has(line)) ? run : [],
  );
}

interface Comment extends HiddenPart {
  readonly line: number;
  /** Whether the line contains only the comment. */
  readonly alone: boolean;
  readonly words: string;
}

/** Returns the text with its scalars overwritten and its line breaks kept. */
function blanked(text: string, scalars: readonly HiddenPart[]): string {
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

/** Groups comments on consecutive lines. A comment after other text is by itself. */
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

/** Returns the numbers of the lines on which a part ends. Only a comment can follow on these lines. */
function linesWith(text: string, parts: readonly HiddenPart[]): ReadonlySet<number> {
  const lines = new Set<number>();
  let [line, offset] = [0, 0];
  for (const end of parts.map((part) => part.end - 1).sort((one, other) => one - other)) {
    for (; offset < end; offset += 1) if (text[offset] === '\n') line += 1;
    lines.add(line);
  }
  return lines;
}

/**
 * How much of a node is shown. `shown`: all. `open`: all, unless it looks like a secret. `secret`: nothing.
 * `certificate`: only its ends. `arguments`: the harmless arguments of a command. A mapping or a list has rules for its
 * fields or items.
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

/** The rules for a user. Only fields that never have a secret are shown (kubeconfig v1, `AuthInfo`). */
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

/** Rules for a whole kubeconfig. */
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

/** Returns the rule for a field of a mapping. */
function ruleOf(rule: Rule, name: string): Rule {
  if (typeof rule === 'object' && 'fields' in rule) {
    if (Object.hasOwn(rule.fields, name)) return rule.fields[name] ?? 'secret';
    return rule.others === 'open' && !isSecretName(name) ? 'open' : 'secret';
  }
  // The text has a mapping in a place where a kubeconfig has none.
  return (rule === 'open' || rule === 'shown') && !isSecretName(name) ? 'open' : 'secret';
}

/** Returns the rule for the items of a list. */
function itemRule(rule: Rule): Rule {
  if (typeof rule === 'object' && 'items' in rule) return rule.items;
  return rule === 'open' || rule === 'shown' ? 'open' : 'secret';
}

/** Matches options of `aws eks get-token` and `aws-iam-authenticator token` whose values are no secrets. */
const HARMLESS_OPTIONS =
  /^(?:--cluster-name|--cluster-id|--region|--output|--profile|--role-arn|--role|--session-name|-i|-r)$/;
const HARMLESS_WORDS = /^(?:eks|get-token|token|--[a-z][a-z-]*|-[a-z])$/i;

/**
 * Returns whether an argument is known to be harmless, by itself or by the one before. Any other could be a password.
 */
function isShownArgument(word: string | undefined, before: string | undefined): boolean {
  if (word === undefined) return false;
  const [, option] = /^(--[a-z-]+)=/.exec(word) ?? [];
  return HARMLESS_WORDS.test(word) || [option, before].some((one) => one !== undefined && HARMLESS_OPTIONS.test(one));
}

/** Matches names of fields, settings and variables that have secrets. */
const SECRET_NAME =
  /token|pass(?:word|wd|phrase|$)|pwd|secret|credential(?!-source)|authorization|private-?key|client-key-data|api-?key|access-?key(?!-?id)/;
/** Matches names of settings that have the place of a secret, not the secret itself. */
const PLACE_NAME = /(?:file|path|dir|url|uri)$/;

/** Returns whether a value under this name is treated as a secret. */
function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return SECRET_NAME.test(plain) && !PLACE_NAME.test(plain);
}

/** Matches a URL with a user name or password. */
const SIGNED_URL = /:\/\/[^\s/?#]*@/;
/** Matches a key, certificate or token, which is text that nobody would type. */
const ENCODED = /-----BEGIN|\beyJ[\w-]+\.|^(?!\/)[\w+/=\s-]{40,}$/;

/** Returns whether a value looks like a secret, under any name. */
function isSecretValue(value: string): boolean {
  return SIGNED_URL.test(value) || ENCODED.test(value);
}

/** Matches settings, list items, options and words for secrets, which a secret can follow. */
const TELLING = /^-|\s--?\w|[:=](?:\s|$)|\w=|token|passw|secret|credential|[\w+/=-]{40,}/i;

/** Returns whether a comment may contain a secret: a commented-out setting or argument, or a word for a secret. */
function isSecretComment(comment: string): boolean {
  return TELLING.test(comment) || isSecretValue(comment);
}

/**
 * Returns the parts of an AWS config file's text to hide. These are values of secret settings, with the lines that
 * continue them, and comments that may have a secret. Everything that is no setting is hidden too.
 */
export function awsConfigSecrets(text: string): readonly HiddenPart[] {
  let [offset, goesOn] = [0, false];
  return text.split('\n').flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    const column = secretColumn(line, goesOn);
    if (/^[^\s#;]/.test(line)) goesOn = column !== undefined;
    return column === undefined ? [] : [{ start: start + column, end: offset - 1 }];
  });
}

/**
 * Returns the column at which a secret begins in a line. Undefined if there is none.
 * @param goesOn whether the setting before the line is secret, so that the line can continue it.
 */
function secretColumn(line: string, goesOn: boolean): number | undefined {
  if (/^\s*(?:\[|$)/.test(line)) return undefined;
  const [mark, comment] = /^\s*[#;]\s*(.*)$/s.exec(line) ?? [];
  if (mark !== undefined && comment !== undefined)
    return isSecretComment(comment) ? mark.length - comment.length : undefined;
  const [whole, before, name = '', value = ''] = /^(\s*([^\s=][^=]*?)\s*=\s*)(.*)$/s.exec(line) ?? [];
  if (whole === undefined || before === undefined || (goesOn && /^\s/.test(line))) return 0;
  return isSecretName(name) || isSecretValue(value) ? before.length : undefined;
}
