import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { bindKeys } from '../core/keys.ts';
import { change } from '../core/place.ts';
import { LASTS, look, lookAtLast, lookAtNow, newestOfOldLogs, onceTimeIsKnown, range } from '../core/range.ts';
import { stepSpan, zoomSpan } from '../core/spans.ts';
import { fieldTime, formatTime, shownSpan, timeOfField, zone } from '../core/times.ts';
import { Dialog } from './blocks.tsx';
import { Icon, type IconName } from './signs.tsx';

const WORDS: Readonly<Record<string, string>> = { m: 'minutes', h: 'hours', d: 'days' };

/** `Last 24 hours`. */
function lastWords(last: string): string {
  const count = last.slice(0, -1);
  const unit = WORDS[last.slice(-1)] ?? '';
  return count === '1' ? `Last ${unit.slice(0, -1)}` : `Last ${count} ${unit}`;
}

const ACTIONS: readonly (readonly [title: string, key: string, icon: IconName, act: () => void])[] = [
  ['Earlier', '[', 'back', () => look(stepSpan(range.value, -1))],
  ['Later', ']', 'forward', () => look(stepSpan(range.value, 1))],
  ['Twice as much time', '-', 'less', () => look(zoomSpan(range.value, 2))],
  ['Half as much time', '+', 'more', () => look(zoomSpan(range.value, 0.5))],
];

function toggleZone(): void {
  change({ zone: zone.value === 'utc' ? 'local' : null }, { replacing: true });
}

/** The time that every view looks at. */
export function RangeControl() {
  const isOpen = useSignal(false);
  useEffect(
    () =>
      bindKeys({
        ...Object.fromEntries(ACTIONS.map(([, key, , act]) => [key, timed(act)])),
        u: toggleZone,
        n: timed(lookAtNow),
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
        title="The time that all views look at"
        aria-haspopup="dialog"
        onClick={timed(() => {
          isOpen.value = true;
        })}
      >
        <Icon of="clock" />
        {last !== undefined && lastWords(last)}
        <span class="range-said">{last === undefined ? shownSpan(from, to) : <Newest />}</span>
      </button>
      <span class="group">
        {ACTIONS.map(([title, key, icon, act]) => (
          <button type="button" class="icon" title={`${title} (${key})`} aria-label={title} onClick={timed(act)}>
            <Icon of={icon} />
          </button>
        ))}
      </span>
      <button
        type="button"
        class="zone"
        title="Times in UTC or in this browser's zone (u)"
        aria-label={zone.value === 'utc' ? 'Times are in UTC' : "Times are in this browser's zone"}
        onClick={toggleZone}
      >
        {zone.value === 'utc' ? 'UTC' : 'local'}
      </button>
      {isOpen.value && (
        <Dialog title="Which time?" onClose={close}>
          <RangeSheet onDone={close} />
        </Dialog>
      )}
    </div>
  );
}

function timed(act: () => void): () => void {
  return () => void onceTimeIsKnown(act);
}

/** Where the logs are of another time than now. */
function Newest() {
  const newest = newestOfOldLogs.value;
  return newest === undefined ? null : <>up to {formatTime(newest, 'tickDay')}</>;
}

function RangeSheet({ onDone }: { onDone(): void }) {
  const { from, to, last } = range.value;
  const problem = useSignal('');
  const submit = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const [start, end] = ['from', 'to'].map((name) => timeOfField(String(data.get(name))));
    if (start === undefined || end === undefined) problem.value = 'Give both times.';
    else if (start >= end) problem.value = 'The first time must be before the second.';
    else {
      look({ from: start, to: end });
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
              lookAtLast(each);
              onDone();
            }}
          >
            {lastWords(each)}
          </button>
        ))}
      </div>
      {newestOfOldLogs.value !== undefined && (
        <p class="busy">
          The newest record is of {formatTime(newestOfOldLogs.value, 'whole')}: there “last” ends, not at this machine's
          clock.
        </p>
      )}
      <form
        class="range-sheet"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
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
        <p class="busy">In {zone.value === 'utc' ? 'UTC' : "this browser's zone"}.</p>
        {problem.value !== '' && <p role="alert">{problem.value}</p>}
        <div>
          <button type="submit">Look there</button>
        </div>
      </form>
    </div>
  );
}
