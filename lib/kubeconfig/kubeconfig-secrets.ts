import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Scalar, visit } from 'yaml';
import { commentSecrets } from './comment-secrets.ts';
import { documentOf } from './document.ts';
import type { Hidden } from './mask.ts';
import { isSecretValue } from './secret-words.ts';
import { isShownArgument } from './shown-arguments.ts';
import { itemRule, KUBECONFIG, type Rule, ruleOf } from './shown-fields.ts';

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
