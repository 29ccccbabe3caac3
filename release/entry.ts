import { fillIn } from './older-node.ts';

/** Where the bundled command line begins. What is filled in takes longer to load than the version to be told. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[2] !== '--version') await fillIn();
  const entry = await import('../cli/entry.ts');
  await entry.main(argv);
}
