import { DAY, HOUR, MINUTE } from '../../../../lib/time.ts';
import type { AuditRecord } from '../../core/answers.ts';
import { href, type PlaceParams } from '../../core/place.ts';
import { fixedRange, range } from '../../core/range.ts';
import type { Span } from '../../core/spans.ts';
import { type DayOfHours, daysOf, sumsBy, verbTable, whereOf, whoOf } from '../../core/sums.ts';
import { formatTime, zone } from '../../core/times.ts';
import { Rest } from '../../parts/blocks.tsx';
import { StatusBadge } from '../../parts/signs.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Name, Text } from '../../parts/text.tsx';
import { ActorLink } from '../../parts/who-name.tsx';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** The strength of a cell's color, for zero and for each quarter of the highest count. */
const SHADES = ['0%', '14%', '28%', '44%', '62%'];

function shadeOf(count: number, most: number) {
  return { '--share': SHADES[Math.ceil((count / most) * (SHADES.length - 1))] };
}

interface HoursProps {
  readonly of: readonly AuditRecord[];
  readonly filter: PlaceParams;
  /** Ranges in which records may be missing. */
  readonly unread: readonly Span[];
}

/** Requests by day and hour. Each cell links to the timeline. */
export function Hours({ of, filter, unread }: HoursProps) {
  const days = daysOf(of, range.value, offsetOf, unread);
  const most = Math.max(1, ...days.flatMap(({ counts }) => counts));
  return (
    <section class="panel hours-panel">
      <h2>Activity by hour</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys too (WCAG 2.1.1) */}
      <section class="hours-frame" aria-label="By day and hour" tabIndex={0}>
        <table class="hours">
          <caption class="unseen">
            Requests by day and hour, {zone.value === 'utc' ? 'in UTC' : 'in local time'}
          </caption>
          <thead>
            <tr>
              <td />
              {HOURS.map((hour) => (
                <th scope="col" class={hour % 6 === 0 ? undefined : 'between'}>
                  <span>{String(hour).padStart(2, '0')}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr>
                <th scope="row">{dayWords(day)}</th>
                {day.counts.map((count, hour) => (
                  <td style={shadeOf(count, most)} class={classOf(day, hour)}>
                    <Cell count={count} day={day} hour={hour} filter={filter} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {days.some((day) => HOURS.some((hour) => classOf(day, hour) === 'unread')) && (
          <p class="aside hours-key">
            <span class="unread" /> Not loaded
          </p>
        )}
      </section>
    </section>
  );
}

interface CellProps {
  readonly count: number;
  readonly day: DayOfHours;
  readonly hour: number;
  readonly filter: PlaceParams;
}

function Cell({ count, day, hour, filter }: CellProps) {
  if (count === 0) return <span class="unseen">{EMPTY[classOf(day, hour) ?? 'idle']}</span>;
  const more = day.reads[hour] === 'all' ? '' : '; this hour is only partly loaded';
  const label = `${count} on ${dayWords(day)} at ${String(hour).padStart(2, '0')}:00${more}`;
  if (day.start === undefined) return <span title={label}>{count}</span>;
  const from = day.start + hour * HOUR;
  return (
    <a
      href={href('timeline', { ...filter, ...fixedRange({ from, to: from + HOUR - 1 }) })}
      title={label}
      aria-label={label}
    >
      {count}
    </a>
  );
}

/** Returns why an hour is empty: not loaded, or outside of the range; undefined if it was idle. */
function classOf({ counts, reads }: DayOfHours, hour: number): 'unread' | 'outside' | undefined {
  if (counts[hour] !== 0 || reads[hour] === 'all') return undefined;
  return reads[hour] === 'outside' ? 'outside' : 'unread';
}

const EMPTY = { unread: 'not loaded', outside: 'not in this time range', idle: '0' } as const;

/** Returns the name of a day in the browser's language. 1 January 2023 was a Sunday. */
function dayWords({ start, weekday }: DayOfHours): string {
  const name = new Date(2023, 0, weekday + 1).toLocaleDateString(navigator.language, { weekday: 'short' });
  return start === undefined ? name : `${name} ${formatTime(start + DAY / 2, 'tickDay')}`;
}

/** Returns by how many milliseconds days in the zone of the page start later than in UTC. */
function offsetOf(at: number): number {
  return zone.value === 'utc' ? 0 : new Date(at).getTimezoneOffset() * MINUTE;
}

const MOST_LISTED = 12;

interface ListProps {
  readonly of: readonly AuditRecord[];
  readonly filter: PlaceParams;
  readonly title?: string;
}

/** Actors or callers, the most frequent first. */
export function People({ of, filter, title = 'Who' }: ListProps) {
  const sums = sumsBy(of, whoOf);
  return (
    <section class="panel">
      <h2>{title}</h2>
      <ol class="bars">
        {sums.slice(0, MOST_LISTED).map(({ of: { actor, caller, session, status }, count }) => (
          <li>
            <span class="by">
              <StatusBadge of={status} />
              <span class="by-name">
                {actor !== undefined && <ActorLink id={actor} />}
                {actor === undefined && status !== 'system' && '? '}
                {session !== undefined && <Name kind="session" of={session} shown={caller ?? session} />}
                {actor === undefined && session === undefined && <Text of={caller ?? ''} />}
              </span>
            </span>
            <Bar count={count} most={sums[0]?.count ?? count} to={toTimeline(actor, session, filter)} />
          </li>
        ))}
      </ol>
      <Rest count={sums.length - MOST_LISTED} />
    </section>
  );
}

function toTimeline(actor: string | undefined, session: string | undefined, filter: PlaceParams): string | undefined {
  if (actor !== undefined) return href('timeline', { ...filter, actor });
  return session === undefined ? undefined : href('timeline', { ...filter, session });
}

/** Namespaces and clusters, the most frequent first. */
export function Places({ of, filter }: ListProps) {
  const sums = sumsBy(of, whereOf);
  return (
    <section class="panel">
      <h2>Where</h2>
      <ol class="bars">
        {sums.slice(0, MOST_LISTED).map(({ of: { cluster, namespace }, count }) => (
          <li>
            <span class="where">
              {namespace === '-' ? (
                <span class="aside">Cluster-wide</span>
              ) : (
                <Name kind="namespace" of={namespace} within={{ cluster }} />
              )}
              {cluster !== '' && (
                <span class="where-cluster">
                  <Name kind="cluster" of={cluster} />
                </span>
              )}
            </span>
            <Bar
              count={count}
              most={sums[0]?.count ?? count}
              to={href('timeline', { ...filter, namespace, cluster: cluster || null })}
            />
          </li>
        ))}
      </ol>
      <Rest count={sums.length - MOST_LISTED} />
    </section>
  );
}

/** A count, with a bar relative to the highest count. */
function Bar({ count, most, to }: { readonly count: number; readonly most: number; readonly to: string | undefined }) {
  return (
    <span class="bar-of">
      <meter min={0} max={most} value={count} aria-hidden="true" />
      {to === undefined ? count : <a href={to}>{count.toLocaleString()}</a>}
    </span>
  );
}

const MOST_ROWS = 20;

/** Counts of requests by resource and verb. */
export function Verbs({ of, filter }: { readonly of: readonly AuditRecord[]; readonly filter: PlaceParams }) {
  const { verbs, rows, most } = verbTable(of);
  if (rows.length === 0) return null;
  const columns = verbs.map((verb, at) => ({
    title: <Text of={verb} />,
    class: 'number',
    cell: ({ resource, counts }: (typeof rows)[number]) => {
      const count = counts[at] ?? 0;
      return count > 0 && <Shade count={count} most={most} to={href('timeline', { ...filter, resource, verb })} />;
    },
  }));
  const resource: Column<(typeof rows)[number]> = {
    title: 'Resource',
    isHead: true,
    cell: ({ resource: of }) => (
      <a href={href('timeline', { ...filter, resource: of })}>
        <Text of={of} />
      </a>
    ),
  };
  return (
    <section class="panel">
      <h2>Resources and verbs</h2>
      <Table
        class="verbs"
        caption="Requests by resource and verb"
        columns={[resource, ...columns]}
        rows={rows.slice(0, MOST_ROWS)}
      />
      <Rest count={rows.length - MOST_ROWS} />
    </section>
  );
}

function Shade({ count, most, to }: { readonly count: number; readonly most: number; readonly to: string }) {
  return (
    <a href={to} class="shade" style={shadeOf(count, most)}>
      {count}
    </a>
  );
}
