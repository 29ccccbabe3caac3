import { codeBlocks, documentOf } from './document.ts';

const STATEMENTS = codeBlocks(documentOf('docs/athena.md'), 'sql');

/** The view that the documents' SQL asks. */
export const VIEW = STATEMENTS.find((sql) => sql.startsWith('CREATE OR REPLACE VIEW eks_whois_records')) ?? '';

/** `json_extract[_scalar](line, '<path>') … AS <name>` of a statement: the path of each column that is read from the line alone. */
export function columnsOf(sql: string): ReadonlyMap<string, string> {
  const columns = [
    ...sql.matchAll(
      /\(line, '(\$\.[^']+)'\)(?:[^,']|'[SN]'|'UTC'|, '#\[0-3\]\$', ''|, (?=VARCHAR|'S')|,\s+x)*?AS (\w+)(?=,?\n)/g,
    ),
  ];
  return new Map(columns.map(([, path = '', name = '']) => [name, path]));
}
