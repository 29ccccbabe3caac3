import { effect, signal } from '@preact/signals';
import { keepChoice, keptChoice } from './kept.ts';

const THEMES = ['auto', 'dark', 'light'] as const;
export type Theme = (typeof THEMES)[number];

/** `auto` follows the system. */
export const theme = signal<Theme>(THEMES.find((each) => each === keptChoice('theme')) ?? 'auto');

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'auto') delete dataset.theme;
  else dataset.theme = theme.value;
  keepChoice('theme', theme.value === 'auto' ? undefined : theme.value);
});

export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
}
