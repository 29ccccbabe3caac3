import { tidied, wordOf } from './edges.ts';
import type { Form } from './form-collector.ts';
import { distinctForm } from './forms.ts';

/** Matches the uid of a Kubernetes object. It is a UUID, but not an audit ID. */
const UID_OF_OBJECT = /\buid["']?\s{0,4}[:=]\s{0,4}["']?[0-9a-f]{8}-[0-9a-f-]{27}/gi;

/** Returns the forms of the IDs in a text, without repeated ones. Other words could mean anything, so they are not read. */
export function wordForms(text: string): readonly (Form | undefined)[] {
  // A backslash at the end of a word belongs to an escaped quote.
  const words = new Set(
    text
      .replaceAll(UID_OF_OBJECT, ' ')
      .split(/[\s"'`,;]+/)
      .map((word) => tidied(wordOf(word.replace(/\\{1,15}$/, '')))),
  );
  return [...words].map((word) => distinctForm(word));
}
