import type { Grant } from '../cloudtrail/grant.ts';
import type { EpochMillis } from '../time.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * When the thing happened that a grant is looked for: at a time, at a time that nobody can read (no grant can be
 * meant), or at any time, as `whois` asks without `--at` (its source bounds which grants are known).
 */
export type Moment = EpochMillis | 'unreadable' | 'any';

/** Whether a session of this grant can have acted at the moment (CONTRACT, rule 3). Both borders belong to it. */
export function canHaveActed(grant: Grant, moment: Moment, settings: AttributionSettings): boolean {
  if (moment === 'any') return true;
  if (moment === 'unreadable') return false;
  return moment >= grant.issuedAt - settings.beforeIssue && moment <= grant.expiresAt + settings.afterExpiry;
}
