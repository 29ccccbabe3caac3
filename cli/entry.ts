import { productVersion } from './own-files.ts';

/**
 * Runs the command line. Completions and `--version` have to be quick, so they do not load all commands. Loading takes
 * longer than the answer.
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
