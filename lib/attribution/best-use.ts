import { isBetterRecord, type UseRecord } from '../cloudtrail/use.ts';
import { type ShowingUse, type UseShows, useLink } from './attribution.ts';

/**
 * Returns, of several uses that show the same, the one that is the evidence (CONTRACT, rule 5). It has the form of
 * answers. Empty if there is none.
 */
export function bestUse(shows: UseShows, uses: readonly { readonly record: UseRecord }[]): readonly ShowingUse[] {
  const best = bestRecord(uses.map(({ record }) => record));
  return best === undefined ? [] : [{ shows, ...useLink(best) }];
}

/** Returns the record with the smallest rank. Undefined if there are none. */
export function bestRecord(records: readonly UseRecord[]): UseRecord | undefined {
  const [first, ...others] = records;
  return first && others.reduce((best, each) => (isBetterRecord(each, best) ? each : best), first);
}
