import type { AuditRecord } from '../attribution/record.ts';
import { senderOf } from '../identity/cluster.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { type ClaimIdentity, type ClaimIntent, gravest } from './claim.ts';

/** A record for which a claim is opened. */
export interface WaitingRecord {
  readonly claim: ClaimIdentity | undefined;
  readonly record: AuditRecord;
  readonly at?: EpochMillis | undefined;
}

/** Returns the intents to open the claims of these records, one for each claim. */
export function claimIntentsOf(waiting: readonly WaitingRecord[], live: boolean): ClaimIntent[] {
  const groups = Map.groupBy(waiting, ({ claim }) => claim?.id);
  return [...groups.values()].flatMap((members) => {
    const claim = members[0]?.claim;
    return claim === undefined ? [] : [claimIntentOf(claim, members, live)];
  });
}

function claimIntentOf(claim: ClaimIdentity, members: readonly WaitingRecord[], live: boolean): ClaimIntent {
  const status = gravest([...new Set(members.map(({ record }) => record.attribution.status))]) ?? 'pending';
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { at } of members) {
    if (at === undefined) continue;
    if (at < first) first = at;
    if (at > last) last = at;
  }
  const [one] = members;
  const intent = { ...claim, status, live, ...(one && { sender: senderOf(one.record) ?? '' }) };
  return first > last ? intent : { ...intent, first: epochMillis(first), last: epochMillis(last) };
}
