import { parseDocument } from 'yaml';
import type { Outcome } from '../../doctor/finding.ts';

/** The maximum number of aliases to resolve. A document with more is treated as an attack ("billion laughs"). */
const MOST_ALIASES = 100;

/** Parses YAML (or JSON) to plain data. Every scalar stays text, so that an account ID keeps its leading zeros. */
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
    // Tens of thousands of nested brackets exhaust the parser's stack, and too many aliases are refused.
    return { ok: false, message: 'it is nested too deep, or has aliases that cannot be resolved' };
  }
}
