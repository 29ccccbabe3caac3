import { effect, signal } from '@preact/signals';

/** What this browser keeps of how somebody wants the page to be; undefined also where it keeps nothing. */
export function readChoice(name: string): string | undefined {
  return storage()?.getItem(`eks-whois.${name}`) ?? undefined;
}

/** Where the browser keeps nothing, the choice lasts as long as the page. */
export function keepChoice(name: string, value: string | undefined): void {
  if (value === undefined) storage()?.removeItem(`eks-whois.${name}`);
  else storage()?.setItem(`eks-whois.${name}`, value);
}

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined; // refused by the browser's settings
  }
}

const THEMES = ['auto', 'dark', 'light'] as const;
type Theme = (typeof THEMES)[number];

/** `auto` follows the system. */
export const theme = signal<Theme>(THEMES.find((each) => each === readChoice('theme')) ?? 'auto');

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'auto') delete dataset.theme;
  else dataset.theme = theme.value;
  keepChoice('theme', theme.value === 'auto' ? undefined : theme.value);
});

export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
}
