import { wrongUsage } from './failure.ts';

/** Options by their flags. An empty text, as a variable gives that is not set, would be looked for by a blank name: it is wrong usage. */
export function checkFilled(options: Readonly<Record<string, string | readonly string[] | undefined>>): void {
  for (const [flag, given = []] of Object.entries(options)) {
    if ([given].flat().includes(''))
      throw wrongUsage(`${flag} is empty: give it something, or leave it out. Is a variable not set?`);
  }
}
