import { effect, signal } from '@preact/signals';

/** Returns a stored preference, or undefined if there is none or the browser forbids storage. */
export function readPreference(name: string): string | undefined {
  return storage()?.getItem(`eks-whois.${name}`) ?? undefined;
}

/** Stores a preference, or removes it. If the browser forbids storage, it lasts until the page is reloaded. */
export function storePreference(name: string, value: string | undefined): void {
  if (value === undefined) storage()?.removeItem(`eks-whois.${name}`);
  else storage()?.setItem(`eks-whois.${name}`, value);
}

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined; // The browser's settings forbid storage.
  }
}

const THEMES = ['auto', 'dark', 'light'] as const;
type Theme = (typeof THEMES)[number];

/** The chosen theme; `auto` follows the system. */
export const theme = signal<Theme>(THEMES.find((each) => each === readPreference('theme')) ?? 'auto');

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'auto') delete dataset.theme;
  else dataset.theme = theme.value;
  storePreference('theme', theme.value === 'auto' ? undefined : theme.value);
});

/** Returns the theme that the button switches to. */
export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
}
