import { isBetterRecord, type UseRecord } from '../cloudtrail/use.ts';
import { type ShowingUse, type UseShows, useLink } from './attribution.ts';

/** Of records that show the same the one that is the evidence (CONTRACT, rule 5), as an answer lists it; none where none says where it is. */
export function bestUse(
  shows: UseShows,
  uses: readonly { readonly record?: UseRecord | undefined }[],
): readonly ShowingUse[] {
  const best = bestRecord(uses.flatMap(({ record }) => record ?? []));
  return best === undefined ? [] : [{ shows, ...useLink(best) }];
}

export function bestRecord(records: readonly UseRecord[]): UseRecord | undefined {
  return records.reduce<UseRecord | undefined>((best, each) => (isBetterRecord(each, best) ? each : best), undefined);
}
