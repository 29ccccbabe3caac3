import { productVersion } from './own-files.ts';

/**
 * Runs the command line. Shells ask for completions while somebody types, and `--version` is quick: neither waits for all commands
 * to be loaded, which takes longer than the answer.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [, , command, subcommand] = argv;
  if ((command === '--version' || command === '-V') && subcommand === undefined) {
    process.stdout.write(`${productVersion()}\n`);
    return;
  }
  const completes = command === 'completion' && subcommand === 'values';
  const program = completes ? await import('./completion/values.ts') : await import('./main.ts');
  await program.main(argv);
}
