import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { isWorkloadAccount } from '../identity/service-account.ts';
import { keysOf } from '../json.ts';

/** Returns one word for the gravest flag about how the actor was found. Undefined if there is no such flag. */
export function flagWord(flags: Iterable<Flag>): 'forged' | 'name-only' | 'flagged' | undefined {
  const all = [...flags];
  if (all.some((flag) => FLAG_ROWS[flag].name === "another user's")) return 'forged';
  if (all.some((flag) => FLAG_ROWS[flag].name !== undefined)) return 'name-only';
  return all.length === 0 ? undefined : 'flagged';
}

/** A word that a list shows beside a request. */
export type NotableWord = keyof typeof MEANINGS;

/** The meanings of the words, the gravest first. */
const MEANINGS = {
  forged: "the name is another user's",
  ambiguous: 'one of several actors',
  partial: 'the chain begins with a session whose grant is not known',
  pending: 'not decided yet',
  nobody: 'the actor is unidentified',
  denied: 'the API server refused it',
  'name-only': 'found by a name that the caller chose',
  flagged: 'it has a flag',
} as const;

/** Explains these words, the gravest first: `denied = the API server refused it`. */
export function meaningsOf(words: ReadonlySet<string>): readonly string[] {
  return Object.entries(MEANINGS).flatMap(([word, meaning]) => (words.has(word) ? [`${word} = ${meaning}`] : []));
}

/** Returns the words that the row of a record must show, the gravest first. */
export function notableWords(record: AuditRecord): readonly NotableWord[] {
  const { status, flags } = record.attribution;
  const word = flagWord(flags);
  const words: Readonly<Record<NotableWord, boolean>> = {
    forged: word === 'forged',
    ambiguous: status === 'ambiguous',
    partial: status === 'partial',
    pending: status === 'pending',
    nobody: status === 'unattributed',
    denied: isDenied(record),
    'name-only': word === 'name-only',
    flagged: flags.some((flag) => FLAG_ROWS[flag].name === undefined),
  };
  return keysOf(words).filter((each) => words[each]);
}

/** Returns whether the API server refused the request: not authenticated, or not allowed. */
export function isDenied({ response, authorization }: AuditRecord): boolean {
  return response?.code === 401 || response?.code === 403 || authorization?.decision === 'forbid';
}

/**
 * Returns whether the caller had no valid credentials. Such a request has the status `system`, but is not the cluster's
 * own work.
 */
export function isAnonymous({ caller }: Pick<AuditRecord, 'caller'>): boolean {
  return caller.kind === 'anonymous';
}

/**
 * Returns whether a workload's service account made the request itself. No person is known then, and it is not the
 * cluster's own work.
 */
export function isByWorkload({ attribution, caller }: AuditRecord): boolean {
  const { kind, username, pod } = caller;
  return (
    attribution.status === 'system' &&
    kind === 'kubernetes-service-account' &&
    isWorkloadAccount(username, pod !== undefined)
  );
}
