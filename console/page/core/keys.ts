import { effect, signal } from '@preact/signals';
import { keepChoice, readChoice } from './preferences.ts';

/**
 * Whether single letters do something. They can be switched off, since speech input and shaky hands press them by accident.
 * Source: WCAG 2.2, 2.1.4 "Character Key Shortcuts".
 */
export const hasLetterKeys = signal(readChoice('letter-keys') !== 'off');

effect(() => keepChoice('letter-keys', hasLetterKeys.value ? undefined : 'off'));

/** Moves the focus to what bears the selector, where it is there. */
export function focusOn(selector: string, options?: FocusOptions): void {
  document.querySelector<HTMLElement>(selector)?.focus(options);
}

/** What a key does; false where it does nothing at the moment. */
type KeyAction = () => void;

const actions = new Map<string, KeyAction>();
/** The first of two letters: `g` and then where to. */
let first: string | undefined;

/** Binds keys (`/`, `g t`) until the answer is called; the last one to bind a key has it. */
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

/** Whether the key is the field's own, the dialog's, or the browser's. */
function isTyping({ target, ctrlKey, metaKey, altKey, defaultPrevented, isComposing }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented || isComposing) return true;
  return target instanceof Element && target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}
