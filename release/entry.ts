import { fillIn } from './older-node.ts';

/**
 * Entry point of the bundled command line. The version is printed before the polyfills load, since these take longer.
 */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[2] !== '--version') await fillIn();
  const entry = await import('../cli/entry.ts');
  await entry.main(argv);
}
