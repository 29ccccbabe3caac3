import { parseJson } from '../json.ts';
import type { Form } from './form-collector.ts';
import { blockedForm, evictionForm, objectErrorForm } from './objects.ts';
import { awsRefusalForm, refusalForm, unauthorizedForm } from './refusal.ts';

/** Returns the form of an error of the API server, an admission webhook or AWS. Undefined for any other text. */
export function errorForm(text: string): Form | undefined {
  return (
    refusalForm(text) ??
    awsRefusalForm(text) ??
    evictionForm(text) ??
    objectErrorForm(text) ??
    blockedForm(text) ??
    unauthorizedForm(text)
  );
}

const ESCAPED_TEXT = /"(?:[^"\\]|\\.)*"/y;

/** Returns the error inside a quoted text, as controllers log it: `err="pods is forbidden: User \"…\" cannot list…"`. */
export function errorWithinQuotes(line: string): Form | undefined {
  if (!line.includes('\\"')) return undefined;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', ESCAPED_TEXT.lastIndex)) {
    ESCAPED_TEXT.lastIndex = at;
    const [quoted] = ESCAPED_TEXT.exec(line) ?? [];
    if (quoted === undefined) return undefined; // The quoted text does not end.
    const parsed = quoted.includes('\\"') ? parseJson(quoted) : undefined;
    const found = parsed?.ok && typeof parsed.value === 'string' ? errorForm(parsed.value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
