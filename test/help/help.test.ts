import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { buildProgram } from '../../cli/main.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';

/** Each command's help as it is printed where no terminal is: 80 columns. `UPDATE=1 npx vitest run test/help` writes it. */
const GOLDEN = join(REPOSITORY, 'test/golden/help');
const isUpdate = process.env.UPDATE === '1';

const program = await buildProgram();
const commands = allCommands(commandTree(program)).filter(({ path }) => path.at(-1) !== 'help');

function fileOf(path: readonly string[]): string {
  return `${['eks-whois', ...path].join('-')}.txt`;
}

describe('--help', () => {
  it.each(commands.map(({ path }) => [path.join(' ') || 'eks-whois', path]))(
    'of %s is the one that was read',
    async (_, path) => {
      const { status, output, errors } = await runCommand([...path, '--help']);
      expect({ status, errors }).toEqual({ status: 0, errors: '' });
      const file = join(GOLDEN, fileOf(path));
      if (isUpdate) writeFileSync(file, output);
      expect(output).toBe(readFileSync(file, 'utf8'));
    },
  );

  it('is kept for no command that there is not', () => {
    expect(readdirSync(GOLDEN).sort()).toEqual(commands.map(({ path }) => fileOf(path)).sort());
  });

  it.each(commands.map(({ path }) => [fileOf(path), path]))(
    '%s has examples, and what is too wide for nobody',
    (file, path) => {
      const text = readFileSync(join(GOLDEN, file), 'utf8');
      expect(text).toMatch(/^ {2}(?:eks-whois|npm start) /m);
      const isLeaf = commands.every((other) => other.path.length <= path.length || other.path[0] !== path[0]);
      if (isLeaf || path.length === 0) expect(text).toMatch(/^Exit status: 0 /m);
      // Words for a person; a line of an example may be longer, since it is copied.
      const wide = text.split('\n').filter((line) => line.length > 124 && !line.startsWith('  '));
      expect(wide).toEqual([]);
    },
  );

  it('says of every option what it is for', () => {
    const silent = commands.flatMap(({ options }) => options.filter(({ says }) => says.length < 6));
    expect(silent).toEqual([]);
  });

  it('shows examples that the command line takes as they are', () => {
    const known = new Map(commands.map((command) => [command.path.join(' '), command]));
    const examples = readdirSync(GOLDEN).flatMap((file) =>
      [...readFileSync(join(GOLDEN, file), 'utf8').matchAll(/eks-whois ((?:[a-z]+ )?(?:[a-z]+ )?)[^\n]*/g)].filter(
        ([text]) => text.includes(' --'),
      ),
    );
    expect(examples.length).toBeGreaterThan(20);
    for (const [text, words = ''] of examples) {
      const path = [words.trim(), words.trim().split(' ')[0] ?? ''].find((one) => known.has(one)) ?? '';
      const names = known.get(path)?.options.flatMap((option) => option.names) ?? [];
      for (const [flag] of text.split(' | ')[0]?.matchAll(/(?<= )--[a-z-]+/g) ?? [])
        expect(names, text).toContain(flag);
    }
  });
});
