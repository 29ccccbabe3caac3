import { signal } from '@preact/signals';
import type { Finding } from '../../../lib/doctor/finding.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../../lib/json.ts';

/** What doctor found, as somebody showed it to this page: until it is closed. */
export const diagnosis = signal<readonly Finding[] | undefined>(undefined);

/** The findings in what `eks-whois doctor -o json` wrote, the gravest first as there; undefined where it is none of that. */
export function findingsIn(text: string): readonly Finding[] | undefined {
  const parsed = parseJson(text);
  const findings = parsed.ok && isJsonObject(parsed.value) ? listAt(parsed.value, 'findings') : undefined;
  return findings?.flatMap((each) => (isFinding(each) ? [each as unknown as Finding] : []));
}

function isFinding(value: unknown): boolean {
  return isJsonObject(value) && TEXTS.every((name) => textAt(value, name) !== undefined);
}

const TEXTS = ['id', 'subject', 'evidence', 'why', 'mend'];
