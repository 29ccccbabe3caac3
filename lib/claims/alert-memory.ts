import type { EpochMillis } from '../time.ts';
import type { Alert } from './alert.ts';
import type { AlertCause } from './alert-cause.ts';
import type { SentCauses } from './claim.ts';

/**
 * What a claim remembers of its messages. It is stored before a message is sent, and again afterwards. After a crash in
 * between, the message is sent again.
 */

type Notice = Pick<Alert, 'kind' | 'causes'>;

/**
 * Returns the causes that need no further alert. Their alert was certainly sent, and certainly not resolved afterwards.
 */
export function surelySent({ causes, unsure }: SentCauses): readonly AlertCause[] {
  return without(causes, unsure);
}

/** Returns what the claim remembers before the message is sent. */
export function beforeNotice(known: SentCauses | undefined, { causes }: Notice, at: EpochMillis): SentCauses {
  return { at, causes: union(known?.causes, causes), unsure: union(known?.unsure, causes) };
}

/** Returns what the claim remembers after the message was sent or began to wait. */
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
