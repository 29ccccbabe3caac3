/** Returns whether the word could be a command, misspelled or not, as well as a name. */
export function isBareWord(word: string): boolean {
  return /^[a-z][a-z-]*$/i.test(word);
}
