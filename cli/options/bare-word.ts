/** Returns whether the word could be a command, misspelled or not, as well as a name. */
export function isBareWord(word: string): boolean {
  return /^[a-z][a-z-]*$/i.test(word);
}

/** Words that people type as commands, each with the command that has it as an option. */
const OPTIONS_AS_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['summary', 'records --summary'],
  ['compare', 'records --compare'],
  ['follow', 'records --follow'],
]);

/** Returns the command that has the word as its option: `records --summary` for `summary`. */
export function commandOfOption(word: string): string | undefined {
  return OPTIONS_AS_COMMANDS.get(word.toLowerCase());
}
