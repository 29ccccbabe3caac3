import { isBetterRecord, type UseRecord } from '../cloudtrail/use.ts';
import { type ShowingUse, type UseShows, useLink } from './attribution.ts';

/**
 * Returns the use that is the evidence, among records that show the same (CONTRACT, rule 5), in the form for answers.
 * Empty if there is none.
 */
export function bestUse(shows: UseShows, uses: readonly { readonly record: UseRecord }[]): readonly ShowingUse[] {
  const best = bestRecord(uses.map(({ record }) => record));
  return best === undefined ? [] : [{ shows, ...useLink(best) }];
}

/** Returns the record with the smallest rank; undefined for an empty list. */
export function bestRecord(records: readonly UseRecord[]): UseRecord | undefined {
  const [first, ...others] = records;
  return first && others.reduce((best, each) => (isBetterRecord(each, best) ? each : best), first);
}
