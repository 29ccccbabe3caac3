import { hasLetterKeys } from '../core/keys.ts';
import { Dialog } from './dialog.tsx';

const KEYS: readonly (readonly [group: string, keys: readonly (readonly [keys: string, does: string])[]])[] = [
  [
    'Everywhere',
    [
      ['/', 'search'],
      ['?', 'these keys'],
      ['g h', 'start'],
      ['g t', 'timeline'],
      ['g d', 'to do'],
      ['g o', 'overview'],
      ['g i', 'incident'],
      ['u', 'UTC or local times'],
    ],
  ],
  [
    'Time',
    [
      ['[ ]', 'earlier, later'],
      ['- +', 'twice, half as much time'],
      ['n', 'up to now: live'],
    ],
  ],
  [
    'Histogram',
    [
      ['← →', 'from bar to bar'],
      ['Shift ← →', 'choose several bars'],
      ['Enter', 'look at them alone'],
    ],
  ],
  [
    'Rows',
    [
      ['r', 'to the rows'],
      ['↑ ↓', 'from row to row'],
      ['PgUp PgDn', 'a page of rows'],
      ['Enter', 'open the row'],
      ['Esc', 'close it'],
    ],
  ],
];

/** What can be done without a mouse. */
export function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div class="keys">
        {KEYS.map(([group, keys]) => (
          <section>
            <h3>{group}</h3>
            <dl>
              {keys.map(([each, does]) => (
                <>
                  <dt>
                    {each.split(' ').map((key) => (
                      <>
                        <kbd>{key}</kbd>{' '}
                      </>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={hasLetterKeys.value}
          onChange={(event) => {
            hasLetterKeys.value = event.currentTarget.checked;
          }}
        />
        Single letters and signs do something
      </label>
    </Dialog>
  );
}
