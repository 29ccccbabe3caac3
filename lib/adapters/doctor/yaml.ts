import { parseDocument } from 'yaml';
import type { Outcome } from '../../doctor/finding.ts';

/** Limits the aliases that are resolved. A document with more counts as an attack ("billion laughs"). */
const MOST_ALIASES = 100;

/** Parses YAML or JSON to plain data. Every scalar stays text, so that account IDs keep their leading zeros. */
export function readYaml(text: string): Outcome<unknown> {
  try {
    const document = parseDocument(text, { schema: 'failsafe', merge: true, logLevel: 'error' });
    const [error] = document.errors;
    if (error?.code === 'MULTIPLE_DOCS') return { ok: false, message: 'it holds several documents' };
    if (error !== undefined) {
      const [line = ''] = error.message.split('\n'); // The other lines quote the file.
      return {
        ok: false,
        message: line.replace(/:$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
      };
    }
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { ok: true, value };
  } catch {
    // Tens of thousands of nested brackets exhaust the stack of the parser. It refuses too many aliases.
    return { ok: false, message: 'it is nested too deep, or has aliases that cannot be resolved' };
  }
}
