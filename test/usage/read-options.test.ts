import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { buildProgram } from '../../cli/main.ts';
import { REPOSITORY } from '../builders/command.ts';

const CLI = join(REPOSITORY, 'cli');
const CODE = readdirSync(CLI, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(CLI, file), 'utf8'))
  .join('\n')
  .replace(/^ *readonly \w+\??:/gm, ''); // to declare an option's type does not read it

/** Returns whether the code of the command line names the option's value outside of texts. */
function isRead(flag: string): boolean {
  const name = flag.replace(/^--(no-)?/, '').replace(/-(\w)/g, (_, sign: string) => sign.toUpperCase());
  return new RegExp(`(?<![-\\w'"])${name}(?![-\\w'"])`).test(CODE);
}

it('the code reads each option of each command', async () => {
  const options = allCommands(commandTree(await buildProgram())).flatMap((command) => command.options);
  const flags = new Set(options.flatMap(({ names }) => names.filter((name) => name.startsWith('--'))));
  expect(flags.size).toBeGreaterThan(80);
  expect([...flags].filter((flag) => !isRead(flag) && flag !== '--help' && flag !== '--version')).toEqual([]);
  expect(isRead('--nobody-reads-this')).toBe(false);
});
