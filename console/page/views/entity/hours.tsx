import { DAY, HOUR, MINUTE } from '../../../../lib/time.ts';
import type { AuditRecord } from '../../core/answers.ts';
import type { Span } from '../../core/moves.ts';
import { type Asked, href } from '../../core/place.ts';
import { chosenTime, range } from '../../core/range.ts';
import { type DayOfHours, daysOf } from '../../core/sums.ts';
import { formatted, zone } from '../../core/times.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const SHADES = 4;

interface HoursProps {
  readonly of: readonly AuditRecord[];
  readonly asked: Asked;
  /** Times of which not all records are here. */
  readonly unread: readonly Span[];
}

/** When it was at work: an hour a cell, each leading to what was done in it. */
export function Hours({ of, asked, unread }: HoursProps) {
  const days = daysOf(of, range.value, offsetOf, unread);
  const most = Math.max(1, ...days.flatMap(({ counts }) => counts));
  return (
    <section class="panel hours-panel">
      <h2>When</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys too (WCAG 2.1.1) */}
      <section class="hours-frame" aria-label="By day and hour" tabIndex={0}>
        <table class="hours">
          <caption class="unseen">
            Requests by day and hour, {zone.value === 'utc' ? 'in UTC' : "in this browser's zone"}
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
                  <td data-shade={count === 0 ? 0 : Math.ceil((count / most) * SHADES)} class={classOf(day, hour)}>
                    <Cell count={count} day={day} hour={hour} asked={asked} />
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
  readonly asked: Asked;
}

function Cell({ count, day, hour, asked }: CellProps) {
  if (count === 0) return <span class="unseen">{EMPTY[classOf(day, hour) ?? 'idle']}</span>;
  const more = day.reads[hour] === 'all' ? '' : '; not all of that hour is loaded';
  const said = `${count} on ${dayWords(day)} from ${String(hour).padStart(2, '0')}:00${more}`;
  if (day.start === undefined) return <span title={said}>{count}</span>;
  const from = day.start + hour * HOUR;
  return (
    <a
      href={href('timeline', { ...asked, ...chosenTime({ from, to: from + HOUR - 1 }) })}
      title={said}
      aria-label={said}
    >
      {count}
    </a>
  );
}

/** Where nothing is here: whether that is since not everything was read, or the hour is not looked at. */
function classOf({ counts, reads }: DayOfHours, hour: number): 'unread' | 'outside' | undefined {
  if (counts[hour] !== 0 || reads[hour] === 'all') return undefined;
  return reads[hour] === 'outside' ? 'outside' : 'unread';
}

const EMPTY = { unread: 'not loaded', outside: 'not in this time range', idle: '0' } as const;

/** A day of a date, or of all weeks, in the browser's language; 1 January 2023 was a Sunday. */
function dayWords({ start, weekday }: DayOfHours): string {
  const name = new Date(2023, 0, weekday + 1).toLocaleDateString(navigator.language, { weekday: 'short' });
  return start === undefined ? name : `${name} ${formatted(start + DAY / 2, 'tickDay')}`;
}

/** How far a day of the zone that is looked at begins behind UTC's, in milliseconds. */
function offsetOf(at: number): number {
  return zone.value === 'utc' ? 0 : new Date(at).getTimezoneOffset() * MINUTE;
}
