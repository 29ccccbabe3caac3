/** The option of a parameter as the API calls it: `--user-agent` of `userAgent`. */
export function optionOf(parameter: string): string {
  return `--${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
