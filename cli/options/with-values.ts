import { quoted } from '../../lib/shell.ts';

/** Returns an option with its values, quoted for a shell. Empty if there are no values. */
export function withValues(option: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [option, ...values.map(quoted)];
}
