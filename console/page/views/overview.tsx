import type { ComponentChildren } from 'preact';
import { DAY, epochMillis, formatInstant, MINUTE, parseInstant, SECOND } from '../../../lib/time.ts';
import { newInRange } from '../../../lib/usecases/query/known-row.ts';
import type { KnownAnswer, SummaryAnswer } from '../core/answers.ts';
import { countsOf, heightOf } from '../core/bins.ts';
import { href } from '../core/place.ts';
import { useQuery } from '../core/query.ts';
import { range, serviceNow } from '../core/range.ts';
import { durationText, type Span } from '../core/spans.ts';
import { countOf, monthlyCost, percent, shareIn, shareOf } from '../core/sums.ts';
import { formatTime, shownTime } from '../core/times.ts';
import { Problem, Rest } from '../parts/blocks.tsx';
import { Numbers, OverTime } from '../parts/over-time.tsx';
import { Name } from '../parts/text.tsx';
import { Newcomers } from '../parts/who-name.tsx';

/** The share of attributed records, the health and cost of the service, and the new actors. */
export function Overview() {
  const { from, to } = range.value;
  const summary = useQuery<SummaryAnswer>('/summary', [
    ['from', formatInstant(epochMillis(from))],
    ['to', formatInstant(epochMillis(to))],
    ['bucket', to - from <= 2 * DAY ? 'hour' : 'day'],
  ]);
  const names = useQuery<KnownAnswer>('/known', [
    ['kind', 'actor'],
    ['kind', 'cluster'],
    ['limit', '1000'],
  ]);
  const problem = [summary, names].find((each) => each.problem !== undefined);
  return (
    <section class="page overview" aria-busy={summary.isBusy}>
      <h1>Overview</h1>
      {problem?.problem !== undefined && <Problem of={problem.problem} again={problem.again} />}
      {summary.answer !== undefined && <SummaryCards of={summary.answer} />}
      {names.answer !== undefined && (
        <div class="overview-cards">
          <Clusters of={names.answer} />
          <NewActors of={names.answer} />
        </div>
      )}
    </section>
  );
}

function Card({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function SummaryCards({ of: summary }: { readonly of: SummaryAnswer }) {
  const { statuses, lag } = summary;
  const share = shareOf(statuses);
  const [from, to] = [parseInstant(summary.from) ?? 0, parseInstant(summary.to) ?? 0];
  return (
    <>
      <div class="overview-cards">
        <Card title="Attributed">
          <p class="big-number">{percent(share)}</p>
          <p class="aside">
            {(statuses.attributed ?? 0).toLocaleString()} of {countOf(statuses).toLocaleString()} records by people and
            programs. {(statuses.system ?? 0).toLocaleString()} system records are not included.
          </p>
        </Card>
        <Card title="Time to final answer">
          <p class="big-number">{seconds(lag.p50)}</p>
          <p class="aside">
            for 50% of the records, {seconds(lag.p95)} for 95%. Records loaded by backfill are not included.
          </p>
        </Card>
        <Health of={summary} />
        <Card title="Estimated cost">
          <p class="big-number">
            {monthlyCost(summary).toLocaleString(navigator.language, {
              style: 'currency',
              currency: 'USD',
              maximumFractionDigits: 0,
            })}
          </p>
          <p class="aside">
            per month, at list prices in us-east-1, if every day is like the days in this time range. The cost of the
            audit log in CloudWatch is not included.
          </p>
        </Card>
      </div>
      <Shares of={summary} span={{ from, to }} />
    </>
  );
}

function seconds(count: number | undefined): string {
  return count === undefined ? '–' : durationText(count * SECOND);
}

/** The age at which settle counts as late, in milliseconds. It runs every minute. */
const SETTLE_IS_LATE = 30 * MINUTE;

function Health({ of: { now, newest, counting } }: { readonly of: SummaryAnswer }) {
  const { ingestedAt, omits, settledAt, since, behind } = counting;
  const clock = parseInstant(now) ?? 0;
  const ago = (time: string) => clock - (parseInstant(time) ?? 0);
  const isLate = settledAt === undefined || ago(settledAt) > SETTLE_IS_LATE;
  return (
    <Card title="Pipeline health">
      <p>{newest === undefined ? 'No events in this time range.' : newestWords(durationText(ago(newest)))}</p>
      <p>
        {ingestedAt === undefined
          ? 'No audit event has been stored yet.'
          : `Audit events were last stored ${durationText(ago(ingestedAt))} ago.`}
      </p>
      <p class={isLate ? 'denied-count' : undefined}>
        {settledAt === undefined
          ? 'No answers have been settled yet.'
          : `Answers were last settled ${durationText(ago(settledAt))} ago.`}
      </p>
      {omits && <p>{`Reads of ${omits.join(', ')} are not recorded.`}</p>}
      <p class="aside">
        {behind.length > 0 &&
          `${behind.length === 1 ? '1 hour of this time range is' : `${behind.length} hours of this time range are`} not fully counted yet. `}
        {since !== undefined && `Counts include records stored since ${shownTime(since)}.`}
      </p>
    </Card>
  );
}

/** Returns the sentence about the newest record. Only a range up to now shows how far the service is behind. */
function newestWords(age: string): string {
  if (range.value.last === undefined) return `The newest event in this time range is ${age} old.`;
  return `Data is ${age} behind (the age of the newest event).`;
}

/**
 * The age at which a cluster counts as silent, in milliseconds. The directory knows the day when a cluster was last
 * seen.
 */
const SILENT_AFTER = DAY;

function Clusters({ of: { known, more } }: { readonly of: KnownAnswer }) {
  const rows = known
    .filter(({ kind, name }) => kind === 'cluster' && name !== '')
    .map(({ name, arn = name, last }) => ({ arn, last, silent: serviceNow.value - (parseInstant(last) ?? 0) }))
    .sort((a, b) => b.silent - a.silent);
  const silent = rows.filter((each) => each.silent > SILENT_AFTER).length;
  return (
    <Card title="Clusters">
      <p class={silent > 0 ? 'denied-count' : undefined}>
        {clustersWords(rows.length, silent)}
        {more?.includes('cluster') && ` There are more clusters; only these ${rows.length} are loaded.`}
      </p>
      <ul class="overview-list">
        {rows.slice(0, MOST_LISTED).map(({ arn, last, silent: since }) => (
          <li>
            <Name kind="cluster" of={arn} />
            {since > SILENT_AFTER && <span class="tag tag-wrong">silent since</span>}
            <time dateTime={last}>{formatTime(parseInstant(last) ?? 0, 'day')}</time>
          </li>
        ))}
      </ul>
      <p class="aside">
        The date is the day when the cluster was last seen. <a href={href('fleet')}>See the fleet</a>
      </p>
    </Card>
  );
}

function clustersWords(all: number, silent: number): string {
  if (all === 0) return 'No clusters yet.';
  if (silent > 0) return `${silent} of ${all} clusters may have sent nothing in the last 24 hours.`;
  return all === 1
    ? 'The cluster sent events in the last 24 hours.'
    : `All clusters (${all}) sent events in the last 24 hours.`;
}

const MOST_LISTED = 12;

function NewActors({ of: { known, more } }: { readonly of: KnownAnswer }) {
  const { from, to } = range.value;
  const actors = known.filter(({ kind }) => kind === 'actor');
  const fresh = newInRange(actors, { from: epochMillis(from), to: epochMillis(to) });
  return (
    <Card title="New actors">
      <p>
        {fresh.length.toLocaleString()} of {actors.length.toLocaleString()}
        {more?.includes('actor') && '+'} actors were first seen in this time range.
      </p>
      <Newcomers of={fresh.slice(0, MOST_LISTED)} />
      <Rest count={fresh.length - MOST_LISTED} />
    </Card>
  );
}

/** Attribution over time, as a chart or a table. */
function Shares({ of: summary, span }: { readonly of: SummaryAnswer; readonly span: Span }) {
  const { bins, unread } = countsOf(summary, ['system']);
  const tone = (name: string) => `var(--fill-${name}, var(--series-other))`;
  return (
    <section class="card">
      <OverTime
        what="Records"
        span={span}
        bins={bins}
        unread={unread}
        unreadIs="not fully counted"
        head={<h2>Attribution over time</h2>}
        tone={tone}
        label={(name) => <a href={href('timeline', { status: name })}>{name}</a>}
        scope="Records by people and programs"
        numbers={
          <Numbers
            of={bins}
            titles={['Records', 'Attributed']}
            cells={(piece) => [heightOf(bins, piece).toLocaleString(), percent(shareIn(bins, piece))]}
          />
        }
      />
    </section>
  );
}
