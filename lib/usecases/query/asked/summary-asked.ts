import { hourOf } from '../../../counts/hours.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, startOfDay } from '../../../time.ts';
import { LONGEST_VALUE, QuestionError } from '../question.ts';
import { BUCKETS, type Bucket, SUMMARY_BY, type SummaryRequest } from '../summary.ts';
import { Parameters, pairsOf } from './parameters.ts';

const PARAMETERS = ['from', 'to', 'by', 'bucket'];
const MOST_CLUSTERS = 50;
/** Up to this range hours are answered where nobody says what. */
const HOURS_UNTIL = 3 * DAY;
/** A day's counts are a request or more. */
const MOST_DAYS: Readonly<Record<Bucket, number>> = { hour: 8, day: 31 };

/** Without times the last day. @throws QuestionError naming the parameter. */
export function summaryRequest(query: string, now: EpochMillis): SummaryRequest {
  const pairs = pairsOf(query);
  const unknown = pairs.find(([name]) => name !== 'cluster' && !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(
      unknown[0],
      `There is no parameter of this name; known: ${PARAMETERS.join(', ')}, cluster.`,
    );
  const given = new Parameters(
    pairs.filter(([name]) => name !== 'cluster'),
    PARAMETERS,
  );
  const to = given.instant('to') ?? now;
  const from = given.instant('from') ?? epochMillis(to - DAY);
  if (from > to) throw new QuestionError('from', 'It must not be later than to.');
  const bucket = given.oneOf('bucket', BUCKETS) ?? (to - from <= HOURS_UNTIL ? 'hour' : 'day');
  const begin = epochMillis(bucket === 'hour' ? hourOf(from) : startOfDay(from));
  if (to - begin > MOST_DAYS[bucket] * DAY)
    throw new QuestionError('from', `Ask for ${MOST_DAYS[bucket]} days at most by the ${bucket}.`);
  if (begin < 0) throw new QuestionError('from', 'Give a time since 1970.');
  const clusters = clustersOf(pairs.flatMap(([name, value]) => (name === 'cluster' ? [value] : [])));
  return {
    from: begin,
    to: epochMillis(Math.max(to, begin + HOUR)),
    bucket,
    by: given.oneOf('by', SUMMARY_BY) ?? 'status',
    clusters,
  };
}

function clustersOf(values: readonly string[]): readonly string[] | undefined {
  if (values.length > MOST_CLUSTERS) throw new QuestionError('cluster', `Give ${MOST_CLUSTERS} values at most.`);
  if (values.some((value) => value.length > LONGEST_VALUE))
    throw new QuestionError('cluster', `Give up to ${LONGEST_VALUE} characters.`);
  return values.length === 0 ? undefined : [...new Set(values)];
}
