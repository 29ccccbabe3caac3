import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import type { AuditRecord } from '../attribution/record.ts';

/** The gravest that flags say of how an actor was found, in a word; undefined where there are none. */
export function flagWord(flags: Iterable<Flag>): 'forged' | 'name-only' | 'flagged' | undefined {
  const all = [...flags];
  if (all.some((flag) => FLAG_ROWS[flag].name === "another user's")) return 'forged';
  if (all.some((flag) => FLAG_ROWS[flag].name !== undefined)) return 'name-only';
  return all.length === 0 ? undefined : 'flagged';
}

/** What must be seen in a row, the gravest first, each in a word. */
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

/** Whether the API server refused it: not authenticated, or not allowed. */
export function isDenied({ response, authorization }: AuditRecord): boolean {
  return response?.code === 401 || response?.code === 403 || authorization?.decision === 'forbid';
}

/** Whether the request bore no credentials that counted: it is not the cluster's own, be its status `system` all the same. */
export function isAnonymous({ caller }: Pick<AuditRecord, 'caller'>): boolean {
  return caller.kind === 'anonymous';
}
