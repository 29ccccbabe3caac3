import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { bindKeys, focusOn, hasLetterKeys } from '../core/keys.ts';
import { go, href, place } from '../core/place.ts';
import { nextTheme, theme } from '../core/preferences.ts';
import { Dialog } from './blocks.tsx';
import { RangeControl } from './range-control.tsx';
import { Search } from './search.tsx';
import { Icon } from './signs.tsx';

const PAGES = [
  ['timeline', 'Timeline', 't'],
  ['todo', 'To do', 'd'],
  ['overview', 'Overview', 'o'],
  ['incident', 'Incident', 'i'],
] as const;

/** The bar of every view: the start page, the views, the search and the time range. */
export function Bar() {
  const { view } = place.value;
  const isOpen = useSignal(false);
  const showsKeys = useSignal(false);
  useEffect(() => {
    isOpen.value = false;
  }, [view]);
  useEffect(() => bindKeys(barKeys(showsKeys)), []);
  return (
    <header class={isOpen.value ? 'bar is-open' : 'bar'}>
      {/* A button, because a link to `#main` would replace the fragment of the address, which is the place in the console. */}
      <button type="button" class="skip" onClick={() => focusOn('main')}>
        Skip to content
      </button>
      <a class="brand" href={href('home')} aria-current={view === 'home' ? 'page' : undefined}>
        <Icon of="mark" />
        eks-whois
      </a>
      <nav class="folds" aria-label="Pages">
        {PAGES.map(([name, title]) => (
          <a href={href(name)} aria-current={view === name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {view === 'home' ? <span class="spring" /> : <Search />}
      <RangeControl />
      <span class="tools folds">
        <ThemeButton />
        <button
          type="button"
          class="icon"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => toggle(showsKeys)}
        >
          <Icon of="keys" />
        </button>
      </span>
      <button
        type="button"
        class="icon menu-open"
        aria-label="Menu"
        aria-expanded={isOpen.value}
        onClick={() => toggle(isOpen)}
      >
        <Icon of={isOpen.value ? 'close' : 'menu'} />
      </button>
      {showsKeys.value && <KeysDialog onClose={() => toggle(showsKeys)} />}
    </header>
  );
}

const THEME_WORDS = { auto: 'system', dark: 'dark', light: 'light' } as const;

function ThemeButton() {
  const label = `Theme: ${THEME_WORDS[theme.value]}. Switch to ${THEME_WORDS[nextTheme()]}`;
  return (
    <button
      type="button"
      class="icon"
      aria-label={label}
      title={label}
      onClick={() => {
        theme.value = nextTheme();
      }}
    >
      <Icon of={theme.value} />
    </button>
  );
}

function toggle(state: Signal<boolean>): void {
  state.value = !state.value;
}

function barKeys(showsKeys: Signal<boolean>) {
  return {
    ...Object.fromEntries(PAGES.map(([name, , key]) => [`g ${key}`, () => go(name)])),
    'g h': () => go('home'),
    '/': () => focusOn('#q'),
    '?': () => toggle(showsKeys),
  };
}

const KEYS: readonly (readonly [group: string, keys: readonly (readonly [keys: string, does: string])[]])[] = [
  [
    'General',
    [
      ['/', 'Search'],
      ['?', 'Show keyboard shortcuts'],
      ['g h', 'Go to the start page'],
      ['g t', 'Go to the timeline'],
      ['g d', 'Go to the to-do list'],
      ['g o', 'Go to the overview'],
      ['g i', 'Go to the incident report'],
      ['u', 'Switch between UTC and local time'],
    ],
  ],
  [
    'Time range',
    [
      ['[ ]', 'Go earlier, later'],
      ['- +', 'Zoom out, in'],
      ['n', 'Follow new requests (live)'],
    ],
  ],
  [
    'Chart',
    [
      ['← →', 'Move from bar to bar'],
      ['Shift ← →', 'Select several bars'],
      ['Enter', 'Show only the selected time'],
    ],
  ],
  [
    'Rows',
    [
      ['r', 'Go to the rows'],
      ['↑ ↓', 'Move from row to row'],
      ['PgUp PgDn', 'Move by a page'],
      ['Enter', 'Open the request'],
      ['Esc', 'Close the request'],
    ],
  ],
];

/** The list of keyboard shortcuts, and the switch for them. */
function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
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
        Enable single-key shortcuts
      </label>
    </Dialog>
  );
}
