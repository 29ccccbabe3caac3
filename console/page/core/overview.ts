import { DOLLARS_AT_REST, DOLLARS_OF_RECORD_A_DAY } from '../../../lib/cost/monthly.ts';
import { DAY, parseInstant } from '../../../lib/time.ts';
import type { SummaryAnswer } from './answers.ts';
import { type Bins, heightOf } from './bins.ts';

/** How many of the records that somebody is behind have that somebody's name; undefined where there are none. */
export function shareOf(statuses: Readonly<Record<string, number>>): number | undefined {
  const { attributed = 0 } = statuses;
  const all = countOf(statuses);
  return all === 0 ? undefined : attributed / all;
}

/** Records of people and programs: not the cluster's own work. */
export function countOf(statuses: Readonly<Record<string, number>>): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => (status === 'system' ? sum : sum + count), 0);
}

/** A share as people read it. */
export function percent(share: number | undefined): string {
  if (share === undefined) return '–';
  return share.toLocaleString(navigator.language, { style: 'percent', maximumFractionDigits: 1 });
}

/** How much of a piece of time's records is attributed; `bins` are counts by status. */
export function shareIn(bins: Bins, piece: number): number {
  const attributed = bins.series.find(({ name }) => name === 'attributed')?.counts[piece] ?? 0;
  return attributed / heightOf(bins, piece);
}

/** US dollars a month, if every day were like those that were counted, and what is due without a record. */
export function monthlyCost({ from, to, now, total, counting: { since = from } }: SummaryAnswer): number {
  const end = to < now ? to : now;
  const begin = from > since ? from : since;
  const counted = (parseInstant(end) ?? 0) - (parseInstant(begin) ?? 0);
  return DOLLARS_AT_REST + (counted > 0 ? (total / (counted / DAY)) * DOLLARS_OF_RECORD_A_DAY : 0);
}
