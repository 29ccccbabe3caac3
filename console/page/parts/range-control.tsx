import { change } from '../core/place.ts';
import { LASTS, range } from '../core/range.ts';
import { shownInstant, zone } from '../core/times.ts';

/** The time that every view looks at. */
export function RangeControl() {
  const { from, to, last } = range.value;
  return (
    <div class="range">
      <label>
        <span class="unseen">Time</span>
        <select
          value={last ?? 'chosen'}
          onChange={(event) => change({ last: event.currentTarget.value, from: null, to: null })}
        >
          {LASTS.map((each) => (
            <option key={each} value={each}>
              last {each}
            </option>
          ))}
          {last === undefined && <option value="chosen">chosen</option>}
        </select>
      </label>
      <span class="range-said" title="What all views look at">
        {shownInstant(from)} – {shownInstant(to)}
      </span>
      <button
        type="button"
        aria-pressed={zone.value === 'local'}
        title="Times in UTC or in this browser's zone"
        onClick={() => change({ zone: zone.value === 'utc' ? 'local' : null }, { replacing: true })}
      >
        {zone.value === 'utc' ? 'UTC' : 'local'}
      </button>
    </div>
  );
}
