import { productVersion } from './own-files.ts';

/**
 * Where the command line begins. What shells ask while somebody types, and which version it is, does not wait for all commands to be
 * loaded, which takes longer than to answer.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [, , command, what] = argv;
  if ((command === '--version' || command === '-V') && what === undefined) {
    process.stdout.write(`${productVersion()}\n`);
    return;
  }
  const completes = command === 'completion' && what === 'values';
  const entered = completes ? await import('./completion/values.ts') : await import('./main.ts');
  await entered.main(argv);
}
