import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import type { AuditRecord } from '../attribution/record.ts';

/** Returns one word for the gravest flag about how the actor was found; undefined without flags. */
export function flagWord(flags: Iterable<Flag>): 'forged' | 'name-only' | 'flagged' | undefined {
  const all = [...flags];
  if (all.some((flag) => FLAG_ROWS[flag].name === "another user's")) return 'forged';
  if (all.some((flag) => FLAG_ROWS[flag].name !== undefined)) return 'name-only';
  return all.length === 0 ? undefined : 'flagged';
}

/** Returns the words that a row must show, the gravest first. */
export function notableWords(record: AuditRecord): readonly string[] {
  const { status, flags } = record.attribution;
  const word = flagWord(flags);
  return [
    ...(word === 'forged' ? [word] : []),
    ...(status === 'ambiguous' || status === 'partial' || status === 'pending' ? [status] : []),
    ...(status === 'unattributed' ? ['nobody'] : []),
    ...(isDenied(record) ? ['denied'] : []),
    ...(word === 'name-only' ? [word] : []),
    ...(flags.some((flag) => FLAG_ROWS[flag].name === undefined) ? ['flagged'] : []),
  ];
}

/** Returns whether the API server refused the request: not authenticated, or not allowed. */
export function isDenied({ response, authorization }: AuditRecord): boolean {
  return response?.code === 401 || response?.code === 403 || authorization?.decision === 'forbid';
}

/** Returns whether the request had no valid credentials. Its status is `system`, but it is not the cluster's own work. */
export function isAnonymous({ caller }: Pick<AuditRecord, 'caller'>): boolean {
  return caller.kind === 'anonymous';
}
