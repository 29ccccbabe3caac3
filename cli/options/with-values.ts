import { quoted } from '../../lib/shell.ts';

/** An option with its values as a shell takes them; nothing where there are none. */
export function withValues(option: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [option, ...values.map(quoted)];
}
