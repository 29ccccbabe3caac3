import type { EpochMillis } from '../time.ts';
import type { Alert } from './alert.ts';
import type { AlertCause } from './alert-cause.ts';
import type { Alerted } from './claim.ts';

/** What a claim remembers of its notices. Noted before one goes out, and marked after: what a crash leaves unsure is told again. */

type Notice = Pick<Alert, 'kind' | 'causes'>;

/** The causes that need not be told again: their alert went out for sure, and nothing may have taken it back. */
export function surelyTold({ causes, unsure }: Alerted): readonly AlertCause[] {
  return without(causes, unsure);
}

/** Before the notice goes out. */
export function beforeNotice(known: Alerted | undefined, { causes }: Notice, at: EpochMillis): Alerted {
  return { at, causes: union(known?.causes, causes), unsure: union(known?.unsure, causes) };
}

/** After it went out, or is held. */
export function afterNotice(known: Alerted | undefined, { kind, causes }: Notice, at: EpochMillis): Alerted {
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
