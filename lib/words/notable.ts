import type { Flag } from '../attribution/attribution.ts';
import type { AuditRecord } from '../attribution/record.ts';

/** Flags of a name or an identity that is not the actor's own. */
export const FORGED_FLAGS: readonly Flag[] = [
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
  'name-chosen-by-caller',
];
/** Flags that somebody should look into. */
export const WRONG_FLAGS: ReadonlySet<Flag> = new Set<Flag>([
  ...FORGED_FLAGS,
  'access-key-mismatch',
  'identity-provider-changed',
  'foreign-identity-store',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'anonymous-access',
]);

/** Somebody else's name: the flags of which nobody honest has one by chance. */
const OTHERS_NAME: readonly Flag[] = FORGED_FLAGS.filter((flag) => flag !== 'name-chosen-by-caller');

/** The gravest that flags say of how an actor was found, in a word; undefined where there are none. */
export function flagWord(flags: Iterable<Flag>): 'forged' | 'name-only' | 'flagged' | undefined {
  const all = [...flags];
  if (all.some((flag) => OTHERS_NAME.includes(flag))) return 'forged';
  if (all.includes('name-chosen-by-caller')) return 'name-only';
  return all.length === 0 ? undefined : 'flagged';
}

/** What must be seen in a row, the gravest first, each in a word. */
export function notableWords(record: AuditRecord): readonly string[] {
  const { status, flags } = record.attribution;
  return [
    ...(flagWord(flags) === 'forged' ? ['forged'] : []),
    ...(status === 'ambiguous' || status === 'partial' || status === 'pending' ? [status] : []),
    ...(status === 'unattributed' ? ['nobody'] : []),
    ...(isDenied(record) ? ['denied'] : []),
    ...(flags.includes('name-chosen-by-caller') && flagWord(flags) !== 'forged' ? ['name-only'] : []),
    ...(flags.some((flag) => !FORGED_FLAGS.includes(flag)) ? ['flagged'] : []),
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
