/** Whether it could as well be a command, mistyped or not, as the name of somebody. */
export function isBareWord(word: string): boolean {
  return /^[a-z][a-z-]*$/i.test(word);
}
