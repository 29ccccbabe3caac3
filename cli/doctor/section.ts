import { escapeForTerminal } from '../../lib/words/escape.ts';

/** Lines below a section's head, shown escaped. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${escapeForTerminal(line)}\n`).join('');
}

/** Texts as a YAML list on one line, to be pasted into eks-whois.yaml. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`;
}
