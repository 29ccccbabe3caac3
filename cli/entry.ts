/**
 * Where the command line begins. What shells ask while somebody types does not wait for all commands to be loaded, which takes
 * longer than to answer.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [, , command, what] = argv;
  const completes = command === 'completion' && what === 'values';
  const entered = completes ? await import('./completion/values.ts') : await import('./main.ts');
  await entered.main(argv);
}
