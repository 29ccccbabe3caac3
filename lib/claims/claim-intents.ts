import type { AuditRecord } from '../attribution/record.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { type ClaimIdentity, type ClaimIntent, gravest } from './claim.ts';

/** A record that its claim must know of. */
export interface Waiting {
  readonly claim: ClaimIdentity | undefined;
  readonly record: AuditRecord;
  readonly at?: EpochMillis | undefined;
}

/** One intent for each claim of the records. */
export function claimIntentsOf(waiting: readonly Waiting[], live: boolean): ClaimIntent[] {
  const groups = Map.groupBy(waiting, ({ claim }) => claim?.id);
  return [...groups.values()].flatMap((members) => {
    const claim = members[0]?.claim;
    return claim === undefined ? [] : [claimIntentOf(claim, members, live)];
  });
}

function claimIntentOf(claim: ClaimIdentity, members: readonly Waiting[], live: boolean): ClaimIntent {
  const times = members.flatMap(({ at }) => at ?? []);
  const status = gravest(members.map(({ record }) => record.attribution.status)) ?? 'pending';
  if (times.length === 0) return { ...claim, status, live };
  const ordered = times.toSorted((a, b) => a - b);
  const first = epochMillis(ordered[0] ?? 0);
  return { ...claim, status, live, first, last: epochMillis(ordered.at(-1) ?? first) };
}
