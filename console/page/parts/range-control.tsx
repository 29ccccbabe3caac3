import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { bindKeys } from '../core/keys.ts';
import { change } from '../core/place.ts';
import { LASTS, newestOfOldLogs, range, setLast, setLive, setRange, whenTimeIsKnown } from '../core/range.ts';
import { stepSpan, zoomSpan } from '../core/spans.ts';
import { fieldTime, formatTime, shownSpan, timeOfField, zone } from '../core/times.ts';
import { Dialog, DialogForm } from './blocks.tsx';
import { Icon, type IconName } from './signs.tsx';

const WORDS: Readonly<Record<string, string>> = { m: 'minutes', h: 'hours', d: 'days' };

/** Returns the label of a range: `Last 24 hours`. */
function lastWords(last: string): string {
  const count = last.slice(0, -1);
  const unit = WORDS[last.slice(-1)] ?? '';
  return count === '1' ? `Last ${unit.slice(0, -1)}` : `Last ${count} ${unit}`;
}

const ACTIONS: readonly (readonly [title: string, key: string, icon: IconName, act: () => void])[] = [
  ['Earlier', '[', 'back', () => setRange(stepSpan(range.value, -1))],
  ['Later', ']', 'forward', () => setRange(stepSpan(range.value, 1))],
  ['Zoom out', '-', 'less', () => setRange(zoomSpan(range.value, 2))],
  ['Zoom in', '+', 'more', () => setRange(zoomSpan(range.value, 0.5))],
];

function toggleZone(): void {
  change({ zone: zone.value === 'utc' ? 'local' : null }, { replacing: true });
}

/** The control for the time range of all views. */
export function RangeControl() {
  const isOpen = useSignal(false);
  useEffect(
    () =>
      bindKeys({
        ...Object.fromEntries(ACTIONS.map(([, key, , act]) => [key, withTime(act)])),
        u: toggleZone,
        n: withTime(setLive),
      }),
    [],
  );
  const { from, to, last } = range.value;
  const close = () => {
    isOpen.value = false;
  };
  return (
    <div class="range folds">
      <button
        type="button"
        class="range-open"
        title="Time range of all views"
        aria-haspopup="dialog"
        onClick={withTime(() => {
          isOpen.value = true;
        })}
      >
        <Icon of="clock" />
        {last !== undefined && lastWords(last)}
        <span class="range-said">{last === undefined ? shownSpan(from, to) : <Newest />}</span>
      </button>
      <span class="group">
        {ACTIONS.map(([title, key, icon, act]) => (
          <button type="button" class="icon" title={`${title} (${key})`} aria-label={title} onClick={withTime(act)}>
            <Icon of={icon} />
          </button>
        ))}
      </span>
      <button
        type="button"
        class="zone"
        title="Switch between UTC and local time (u)"
        aria-label={zone.value === 'utc' ? 'Time zone: UTC' : 'Time zone: local'}
        onClick={toggleZone}
      >
        {zone.value === 'utc' ? 'UTC' : 'local'}
      </button>
      {isOpen.value && (
        <Dialog title="Time range" onClose={close}>
          <RangeSheet onDone={close} />
        </Dialog>
      )}
    </div>
  );
}

function withTime(act: () => void): () => void {
  return () => void whenTimeIsKnown(act);
}

/** The end of the range, if that is not the current time. */
function Newest() {
  const newest = newestOfOldLogs.value;
  return newest === undefined ? null : <>up to {formatTime(newest, 'tickDay')}</>;
}

function RangeSheet({ onDone }: { onDone(): void }) {
  const { from, to, last } = range.value;
  const problem = useSignal('');
  const submit = (data: FormData) => {
    const [start, end] = ['from', 'to'].map((name) => timeOfField(String(data.get(name))));
    if (start === undefined || end === undefined) problem.value = 'Enter a start and an end.';
    else if (start >= end) problem.value = 'The start must be before the end. Change one of them.';
    else {
      setRange({ from: start, to: end });
      onDone();
    }
  };
  return (
    <div class="range-sheet">
      <div class="range-lasts">
        {LASTS.map((each) => (
          <button
            type="button"
            aria-pressed={each === last}
            onClick={() => {
              setLast(each);
              onDone();
            }}
          >
            {lastWords(each)}
          </button>
        ))}
      </div>
      {newestOfOldLogs.value !== undefined && (
        <p class="busy">
          The newest record is from {formatTime(newestOfOldLogs.value, 'whole')}. The ranges above end there, not at the
          current time.
        </p>
      )}
      <DialogForm submitLabel="Apply" onSubmit={submit}>
        <div class="range-ends">
          <label>
            From
            <input type="datetime-local" name="from" step="1" required defaultValue={fieldTime(from)} />
          </label>
          <label>
            To
            <input type="datetime-local" name="to" step="1" required defaultValue={fieldTime(to)} />
          </label>
        </div>
        <p class="busy">Times are in {zone.value === 'utc' ? 'UTC' : "this browser's time zone"}.</p>
        {problem.value !== '' && <p role="alert">{problem.value}</p>}
      </DialogForm>
    </div>
  );
}
