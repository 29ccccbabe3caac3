import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { type Example, type HelpLength, helpOf } from '../../cli/help/command-help.ts';
import { buildProgram } from '../../cli/main.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';

/** Returns a command's help as it is printed without a terminal, in 80 columns. `UPDATE=1 npx vitest run test/help` writes it. */
const GOLDEN = join(REPOSITORY, 'test/golden/help');
const isUpdate = process.env.UPDATE === '1';
/** In lines of 80 columns. */
const LONGEST = 60;
const LENGTHS: readonly HelpLength[] = ['short', 'all'];
const ALL_DETAILS = /^.*ll details: eks-whois.* --help --all$/m;

const program = await buildProgram();
const commands = allCommands(commandTree(program)).filter(({ path }) => path.at(-1) !== 'help');
const paths = commands.map(({ path }) => [path.join(' ') || 'eks-whois', path] as const);

function fileOf(path: readonly string[], length: HelpLength): string {
  return `${['eks-whois', ...path].join('-')}${length === 'all' ? '.all' : ''}.txt`;
}

function goldenOf(path: readonly string[], length: HelpLength): string {
  return readFileSync(join(GOLDEN, fileOf(path, length)), 'utf8');
}

/** A command without more details has one help only. */
function lengthsOf(path: readonly string[]): readonly HelpLength[] {
  return ALL_DETAILS.test(goldenOf(path, 'short')) ? LENGTHS : ['short'];
}

describe('--help', () => {
  it.each(paths)('for %s is the one that was reviewed', async (_, path) => {
    for (const length of LENGTHS) {
      const { status, output, errors } = await runCommand([...path, '--help', ...(length === 'all' ? ['--all'] : [])]);
      expect({ status, errors }).toEqual({ status: 0, errors: '' });
      if (length === 'all' && !lengthsOf(path).includes('all')) {
        expect(output).toBe(goldenOf(path, 'short'));
        continue;
      }
      if (isUpdate) writeFileSync(join(GOLDEN, fileOf(path, length)), output);
      expect(output).toBe(goldenOf(path, length));
    }
  });

  it('has no file for a command that does not exist', () => {
    const files = commands.flatMap(({ path }) => lengthsOf(path).map((length) => fileOf(path, length)));
    expect(readdirSync(GOLDEN).sort()).toEqual(files.sort());
  });

  it.each(paths)('for %s has at most 60 lines, three examples and the exit status', (_, path) => {
    const text = goldenOf(path, 'short');
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(LONGEST);
    expect(helpOf(commandAt(program, path))?.examples.length).toBeGreaterThanOrEqual(3);
    const [, examples = ''] = /^Examples:\n([\s\S]*?)\n\n/m.exec(text) ?? [];
    expect(examples.match(/^ {4}\S/gm)).toHaveLength(3);
    expect(text).toMatch(/^Exit status: 0 /m);
  });

  it('is the same with help and with --help', async () => {
    const all = ['--all'];
    expect((await runCommand(['help', 'records', ...all])).output).toBe(goldenOf(['records'], 'all'));
    expect((await runCommand(['records', '-h'])).output).toBe(goldenOf(['records'], 'short'));
    expect((await runCommand(['help', 'clusters', 'list'])).status).toBe(0);
  });

  it('explains every option', () => {
    const silent = commands.flatMap(({ options }) => options.filter(({ says }) => says.length < 6));
    expect(silent).toEqual([]);
  });

  it('for every command lists all its options with --all', () => {
    for (const { path, options } of commands) {
      const text = goldenOf(path, lengthsOf(path).at(-1) ?? 'short');
      for (const flag of options.flatMap(({ names }) => names).filter((name) => name.startsWith('--')))
        if (flag !== '--help') expect(text, `${path.join(' ')} ${flag}`).toContain(flag);
    }
  });
});

/** Terminals: narrow, usual, wide. */
const WIDTHS = [44, 60, 80, 100, 160];

describe('at the width of a terminal', () => {
  it.each(LENGTHS)('no line of the %s help is too long, and no word is broken', async (length) => {
    const built = await buildProgram(length);
    for (const { path } of commands) {
      const command = commandAt(built, path);
      const words = wordsOf(textAt(command, 10_000));
      for (const width of WIDTHS) {
        const text = textAt(command, width);
        expect(wordsOf(text), `${path.join(' ')} at ${width}`).toEqual(words);
        const long = text.split('\n').filter((line) => line.length > width && !isOneWord(line));
        expect(long, `${path.join(' ')} at ${width}`).toEqual([]);
      }
    }
  });
});

function textAt(command: Command, width: number): string {
  return command.configureOutput({ getOutHelpWidth: () => width }).helpInformation();
}

/** Without the sign that a command line goes on. */
function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '\\' && word !== '');
}

/** A term, a word such as an ARN or a quoted text, or an option with such a value: it stays whole. */
function isOneWord(line: string): boolean {
  const text = line.trim().replace(/ \\$/, '');
  return !/\s/.test(text) || /^--?[\w-]+(?:, --[\w-]+)? \S+$/.test(text) || /^(?:-\S+ )?\S*(['"]).*\1\S*$/.test(text);
}

const EXAMPLES = commands.flatMap(({ path }) =>
  (helpOf(commandAt(program, path))?.examples ?? []).map(({ asks, command }: Example) => [command, asks] as const),
);

describe('an example', () => {
  it.each(EXAMPLES)('parses: %s', async (command, asks) => {
    expect(asks).toMatch(/[.?:]$/);
    const [, words = ''] =
      /(?:^|\| |\(|KUBECONFIG=\S+ )(?:eks-whois|npm start)(?: (?:-- )?([^|>)]*))?/.exec(command) ?? [];
    if (command.startsWith('curl ')) return;
    expect(command).toMatch(/eks-whois|npm start/);
    await parse(command.startsWith('npm start') ? ['local', ...wordsOfShell(words)] : wordsOfShell(words));
  });
});

/** The words of a command line without what only a shell reads. */
function wordsOfShell(line: string): readonly string[] {
  return (line.match(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g) ?? []).map((word) => word.replaceAll(/['"]/g, ''));
}

/** Parses the words as the program does, without running the command. */
async function parse(words: readonly string[]): Promise<void> {
  let command = await buildProgram();
  const rest = [...words];
  for (;;) {
    const next = command.commands.find((one) => one.name() === rest[0]);
    if (next === undefined) break;
    command = next;
    rest.shift();
  }
  if (command.parent === null) command = commandAt(command, ['whois']);
  const { operands, unknown } = command.parseOptions(rest);
  expect(unknown).toEqual([]);
  const required = command.registeredArguments.filter(({ required: isRequired }) => isRequired);
  const isVariadic = command.registeredArguments.some(({ variadic }) => variadic);
  expect(operands.length).toBeGreaterThanOrEqual(required.length);
  if (!isVariadic) expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length);
  for (const [at, argument] of command.registeredArguments.entries())
    if (argument.argChoices !== undefined && operands[at] !== undefined)
      expect(argument.argChoices).toContain(operands[at]);
  const missing = command.options.filter(
    (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
  );
  expect(missing.map(({ long }) => long)).toEqual([]);
}

function commandAt(root: Command, path: readonly string[]): Command {
  return path.reduce((command, name) => {
    const next = command.commands.find((one) => one.name() === name);
    if (next === undefined) throw new Error(`no command ${path.join(' ')}`);
    return next;
  }, root);
}
