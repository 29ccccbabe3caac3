import { describe, expect, test } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { FORMAT_NAMES, FORMATS } from '../../cli/format/formats.ts';
import { buildProgram } from '../../cli/main.ts';
import { between, expectDerived } from './derived-part.ts';

const commands = allCommands(commandTree(await buildProgram())).flatMap(({ path, options }) => {
  const formats = options.find(({ names }) => names.includes('--output'))?.values;
  return formats?.kind === 'choices' ? [{ name: path.join(' '), formats: formats.choices }] : [];
});

describe('Each format of an answer', () => {
  test('is offered by a command', () => {
    const offered = new Set(commands.flatMap(({ formats }) => formats));
    expect(FORMAT_NAMES.filter((name) => !offered.has(name))).toEqual([]);
  });

  test('is listed in the contract', () => {
    const find = between('(`--format` is the same) `', '`, as fits the command');
    expectDerived({ file: 'docs/contract.md', find, is: FORMAT_NAMES.join('|') });
  });

  test('has a row in docs/output.md, with the commands that offer it', () => {
    const rows = FORMAT_NAMES.map((name) => {
      const { says, ...more } = FORMATS[name];
      const document = 'document' in more ? more.document.replace('docs/', '') : undefined;
      const offering = commands.filter(({ formats }) => formats.includes(name)).map((command) => `\`${command.name}\``);
      return `| \`${name}\` | ${says}${document === undefined ? '' : ` ([${document}](${document}))`} | ${offering.join(', ')} |`;
    });
    const find = between('| format | is | of |\n|---|---|---|\n', '\n\n');
    expectDerived({ file: 'docs/output.md', find, is: rows.join('\n') });
  });
});
