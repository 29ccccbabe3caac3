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

/** What is on every page: home, the search, the time that all look at, and the pages. */
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
      {/* A link would change the address, which is the console's own. */}
      <button type="button" class="skip" onClick={() => focusOn('main')}>
        To the content
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
        <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={() => toggle(showsKeys)}>
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

const THEME_WORDS = { auto: 'as the system', dark: 'dark', light: 'light' } as const;

function ThemeButton() {
  const said = `Theme: ${THEME_WORDS[theme.value]}; next ${THEME_WORDS[nextTheme()]}`;
  return (
    <button
      type="button"
      class="icon"
      aria-label={said}
      title={said}
      onClick={() => {
        theme.value = nextTheme();
      }}
    >
      <Icon of={theme.value} />
    </button>
  );
}

function toggle(what: Signal<boolean>): void {
  what.value = !what.value;
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
function KeysDialog({ onClose }: { onClose(): void }) {
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
