/**
 * Why the functions cannot be started, of what osls has said so far: undefined while it has told no error, or not the whole first
 * sentence of it. Behind its error it does not end by itself where something of it still waits, as what bundles does (osls,
 * lib/cli/handle-error.js).
 */
export function toldError(said: string): string | undefined {
  const told = /^Error:\s*\n([\s\S]*)\n/m.exec(said)?.[1];
  return told === undefined ? undefined : sentence(told);
}

/** Why, of all that it said before it ended. */
export function lastReason(said: string): string {
  const [, behind = said] = /Error:\s+([\s\S]*)/.exec(said) ?? [];
  return sentence(behind) ?? linesOf(behind)[0] ?? 'it did not say why';
}

/** Without the stack; of a line that ends with a colon the next one says it. */
function sentence(text: string): string | undefined {
  const [first, second] = linesOf(text);
  if (first === undefined || !first.endsWith(':')) return first;
  return second === undefined ? undefined : `${first} ${second}`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim().replace(/^Error: /, ''));
  return lines.filter((line) => line !== '');
}
