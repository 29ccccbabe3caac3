import { effect, signal } from '@preact/signals';
import { readPreference, storePreference } from './preferences.ts';

/**
 * Whether single-key shortcuts are enabled. Users can disable them, because speech input and shaky hands press them by
 * accident. Source: WCAG 2.2, 2.1.4 "Character Key Shortcuts".
 */
export const hasLetterKeys = signal(readPreference('letter-keys') !== 'off');

effect(() => storePreference('letter-keys', hasLetterKeys.value ? undefined : 'off'));

/** Moves the focus to the first element that matches the selector, if there is one. */
export function focusOn(selector: string, options?: FocusOptions): void {
  document.querySelector<HTMLElement>(selector)?.focus(options);
}

type KeyAction = () => void;

const actions = new Map<string, KeyAction>();
/** The first key of a two-key shortcut, such as `g` of `g t`. */
let first: string | undefined;

/** Binds keys (`/`, `g t`) until the returned function is called. The last binding of a key wins. */
export function bindKeys(bound: Readonly<Record<string, KeyAction>>): () => void {
  for (const [key, action] of Object.entries(bound)) actions.set(key, action);
  return () => {
    for (const [key, action] of Object.entries(bound)) if (actions.get(key) === action) actions.delete(key);
  };
}

addEventListener('keydown', (event) => {
  if (!hasLetterKeys.value || isTyping(event) || event.key === 'Shift') return;
  const key = first === undefined ? event.key : `${first} ${event.key}`;
  first = undefined;
  const action = actions.get(key) ?? actions.get(event.key);
  if (action !== undefined) {
    event.preventDefault();
    action();
    return;
  }
  if ([...actions.keys()].some((each) => each.startsWith(`${event.key} `))) first = event.key;
});

/** Returns whether the key belongs to a field, a dialog or the browser. */
function isTyping({ target, ctrlKey, metaKey, altKey, defaultPrevented, isComposing }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented || isComposing) return true;
  return target instanceof Element && target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}
