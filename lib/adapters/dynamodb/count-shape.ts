import * as v from 'valibot';
import type { HourCounts, ValueCounts } from '../../counts/hour-counts.ts';
import type { Trait } from '../../counts/traits.ts';
import type { CountProgress, LastIngest } from '../../ports/counts.ts';
import { exactOptional, fieldsOf, instant, listOf, number, objectOf, type Shape, text } from './shape.ts';

const bytes = v.instance(Uint8Array, 'bytes');

/** Of an item of entries, what is read again. */
export const entriesShape = fieldsOf({
  cluster: text,
  texts: listOf(text),
  rows: bytes,
  last: instant,
  expires: number,
});

/** Values and their counts lie in lists of their own: pairs would take some bytes more. */
const valueCounts: Shape<ValueCounts> = v.pipe(
  fieldsOf({ values: listOf(text), counts: listOf(number), none: number, others: number }),
  v.transform(({ values, counts, none, others }) => ({
    values: values.map((value, at) => [value, counts[at] ?? 0] as const),
    none,
    others,
  })),
);

export const keptShape = fieldsOf({
  hour: instant,
  cluster: text,
  expires: number,
  total: number,
  by: objectOf<{ readonly [T in Trait]: ValueCounts }>({
    status: valueCounts,
    verb: valueCounts,
    actor: valueCounts,
    namespace: valueCounts,
    resource: valueCounts,
    code: valueCounts,
    flag: valueCounts,
  }),
  lag: listOf(number),
  last: exactOptional(instant),
  asOf: instant,
});

export const progressShape = objectOf<CountProgress>({ since: instant, through: instant, at: instant });

/** An earlier version wrote when, and left nothing out. */
export const lastIngestShape: Shape<LastIngest> = v.pipe(
  fieldsOf({ at: instant, omits: exactOptional(listOf(text)) }),
  v.transform(({ at, omits = [] }) => ({ at, omits })),
);

/** The counts as attributes. */
export function countAttributes({ by, ...counts }: HourCounts) {
  const written = Object.entries(by).map(([trait, { values, none, others }]) => {
    const [names, numbers] = [values.map(([value]) => value), values.map(([, count]) => count)];
    return [trait, { values: names, counts: numbers, none, others }];
  });
  return { ...counts, by: Object.fromEntries(written) };
}
