/** Returns the option for a parameter of the API: `--user-agent` for `userAgent`. */
export function optionOf(parameter: string): string {
  return `--${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
