import { type FilterChange, filterChangeOf, isLaterChange } from '../../cloudtrail/filter-change.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { type ClusterKey, clusterKeyOf } from '../../identity/cluster.ts';
import type { JsonObject } from '../../json.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import { homeOf } from '../changes/changes.ts';

/** Stores the latest change of each cluster's subscription filters. The records may arrive in any order. */
export async function noteFilterChanges(
  records: readonly { readonly record: JsonObject }[],
  { heartbeats }: { readonly heartbeats: Heartbeats },
): Promise<void> {
  const latest = new Map<ClusterKey, FilterChange>();
  for (const { record } of records) {
    const change = filterChangeOf(record);
    if (change === undefined) continue;
    const key = clusterOfChange(change);
    const known = latest.get(key);
    if (known === undefined || isLaterChange(change, known)) latest.set(key, change);
  }
  await mapConcurrently([...latest], ([key, change]) => heartbeats.changeFilter(key, change));
}

/** Returns the cluster whose log group the subscription filter belongs to. */
export function clusterOfChange(change: FilterChange): ClusterKey {
  return clusterKeyOf(homeOf(change));
}
