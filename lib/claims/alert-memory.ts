import type { EpochMillis } from '../time.ts';
import type { Alert } from './alert.ts';
import type { AlertCause } from './alert-cause.ts';
import type { SentCauses } from './claim.ts';

/** What a claim remembers of its notices. Noted before one goes out, and marked after: what a crash leaves unsure is told again. */

type Notice = Pick<Alert, 'kind' | 'causes'>;

/** The causes that need not be told again: their alert went out for sure, and nothing may have taken it back. */
export function surelyTold({ causes, unsure }: SentCauses): readonly AlertCause[] {
  return without(causes, unsure);
}

/** Before the notice goes out. */
export function beforeNotice(known: SentCauses | undefined, { causes }: Notice, at: EpochMillis): SentCauses {
  return { at, causes: union(known?.causes, causes), unsure: union(known?.unsure, causes) };
}

/** After it went out, or is held. */
export function afterNotice(known: SentCauses | undefined, { kind, causes }: Notice, at: EpochMillis): SentCauses {
  const unsure = without(known?.unsure ?? [], causes);
  return {
    at,
    unsure,
    causes: kind === 'resolved' ? without(known?.causes ?? [], causes) : union(known?.causes, causes),
  };
}

function union(known: readonly AlertCause[] = [], more: readonly AlertCause[]): readonly AlertCause[] {
  return [...new Set([...known, ...more])];
}

function without(known: readonly AlertCause[], less: readonly AlertCause[]): readonly AlertCause[] {
  return known.filter((cause) => !less.includes(cause));
}
