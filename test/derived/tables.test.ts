import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Document, isScalar, isSeq, visit } from 'yaml';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { FORMAT_NAMES, FORMATS } from '../../cli/format/formats.ts';
import { buildProgram } from '../../cli/main.ts';
import { optionOf } from '../../cli/options/option-name.ts';
import { HIDDEN_FIELDS } from '../../cli/options/question-options.ts';
import { eventNamesTaken } from '../../infra/sts-events.ts';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { FIELD_NAMES, type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import { negatedName } from '../../lib/usecases/query/question.ts';
import { REPOSITORY } from '../builders/command.ts';
import { documentOf, tableRows } from '../docs/document.ts';
import { between, expectDerived, yamlList } from './derived-part.ts';

const FORWARDING = 'infra/forwarding.yml';
/** The maximum number of columns of a line, as the formatter breaks them. */
const LONGEST_LINE = 120;
const detailOf = (rule: string) => ['Resources', rule, 'Properties', 'EventPattern', 'detail'];
const { 'sts.amazonaws.com': ofSts = [], ...others } = eventNamesTaken({ uses: false });
const { 'sts.amazonaws.com': allOfSts = [], ...allOthers } = eventNamesTaken({ uses: true });

describe('The events that are evidence', () => {
  test('are forwarded by the template for other accounts: those of STS', () => {
    expectDerived(yamlList(FORWARDING, [...detailOf('ForwardStsEvents'), 'eventName'], ofSts));
  });

  test('are forwarded by the template for other accounts only if the hub uses them: the frequent ones', () => {
    const frequent = allOfSts.filter((name) => !ofSts.includes(name));
    expectDerived(yamlList(FORWARDING, [...detailOf('ForwardUses'), 'eventName'], frequent));
    expect(allOthers).toEqual(others); // ForwardUses has STS's only
  });

  test('are forwarded by the template for other accounts: all others', () => {
    const indent = ' '.repeat(14);
    const namesIn = (names: readonly string[]) => {
      const list = `[${names.join(', ')}]`;
      if (indent.length + list.length <= LONGEST_LINE - 'eventName: '.length) return ` ${list}`;
      if (indent.length + 2 + list.length <= LONGEST_LINE) return `\n${indent}  ${list}`;
      return `\n${indent}  [\n${names.map((name) => `${indent}    ${name},\n`).join('')}${indent}  ]`;
    };
    const ofClusters = (source: string) =>
      source === 'logs.amazonaws.com'
        ? `\n${indent}requestParameters:\n${indent}  logGroupName: [{ wildcard: /aws/eks/*/cluster }]`
        : '';
    const items = Object.entries(others).map(
      ([source, names]) => `eventSource: [${source}]\n${indent}eventName:${namesIn(names)}${ofClusters(source)}`,
    );
    expectDerived(yamlList(FORWARDING, [...detailOf('ForwardSignIns'), '$or'], items));
  });

  test('are listed in openapi.yaml as what the grants of a chain may be', () => {
    const path = ['components', 'schemas', 'GrantLink', 'properties', 'eventName', 'enum'];
    expectDerived(yamlList('openapi.yaml', path, GRANT_EVENTS));
  });

  test('are listed in the contract as what a grant is', () => {
    const find = between('in which STS issued credentials or a web identity token (4): ', ' |');
    expectDerived({ file: 'docs/contract.md', find, is: GRANT_EVENTS.join(', ') });
  });

  test('are listed in docs/record.md as what the grants of a chain may be', () => {
    const find = between('| `attribution.chain.eventName` | word | ', ' | AWS |');
    expectDerived({ file: 'docs/record.md', find, is: GRANT_EVENTS.map((name) => `\`${name}\``).join(', ') });
  });
});

const everyCommand = allCommands(commandTree(await buildProgram()));
const commands = everyCommand.flatMap(({ path, options }) => {
  const formats = options.find(({ names }) => names.includes('--output'))?.values;
  return formats?.kind === 'choices' ? [{ name: path.join(' '), formats: formats.choices }] : [];
});

/** The tests, without those of this folder, as one text. */
const TESTS = readdirSync(join(REPOSITORY, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('derived/'))
  .map((name) => documentOf(`test/${name}`))
  .join('\n');

describe('Each format of an answer', () => {
  test.each(FORMAT_NAMES)('is tried by a test: %s', (name) => {
    const isTried = new RegExp(`['"\\s=]${name}['"\\s]`).test(TESTS);
    expect(isTried, `Write a test that reads the output of -o ${name}.`).toBe(true);
  });

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

/** The long names of the options that all of these commands have. */
function sharedOptions(of: typeof everyCommand): readonly string[] {
  const [first = [], ...others] = of.map(({ options }) => options.map(({ names: [name = ''] }) => name));
  return first.filter((name) => others.every((names) => names.includes(name)));
}

describe('An option', () => {
  const [, section = ''] = /\n## The command line(.*?)\n## /s.exec(documentOf('docs/contract.md')) ?? [];
  const answering = everyCommand.filter(({ options }) => options.some(({ names }) => names.includes('--output')));
  const ofAll = sharedOptions(everyCommand.filter(({ path }) => path.at(-1) !== 'help')); // commander's own has no options

  test.each(ofAll)('%s of every command is in the contract', (name) => expect(section).toContain(`\`${name}`));

  test.each(ofAll)('%s of every command is tried by a test', (name) => {
    expect(TESTS.includes(`'${name}'`), `Write a test of ${name} in test/usage.`).toBe(true);
  });

  test.each(sharedOptions(answering).filter((name) => !ofAll.includes(name)))(
    '%s of every command that prints an answer is in the contract',
    (name) => expect(section).toContain(`\`${name}`),
  );
});

const OPENAPI = 'openapi.yaml';
const NAMES = [...FIELD_NAMES.map(wanted), ...FIELD_NAMES.map(negatedName)];

function wanted(name: FieldName): string {
  return `wanted${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Returns the text from the first occurrence of `beginning` up to the other text. */
function stretch(beginning: string, behind: string): (text: string) => readonly [number, number] {
  return (text) => [text.indexOf(beginning), text.indexOf(behind)];
}

function parameter(field: FieldName, name: string, description: string): object {
  const { pattern, schema = 'Text', example } = fieldOf(field);
  const items =
    pattern === undefined ? { $ref: `#/components/schemas/${schema}` } : { type: 'string', maxLength: 2_048, pattern };
  return { name, in: 'query', description, schema: { type: 'array', maxItems: 50, items }, example: [example] };
}

function description(name: FieldName): string {
  const { says, saysToPrograms } = fieldOf(name);
  return saysToPrograms ?? `${says.charAt(0).toUpperCase()}${says.slice(1)}.`;
}

describe('The filters of a question', () => {
  test('are parameters in openapi.yaml, each with its negation', () => {
    const parameters = Object.fromEntries([
      ...FIELD_NAMES.map((name) => [wanted(name), parameter(name, name, description(name))]),
      ...FIELD_NAMES.map((name) => [
        negatedName(name),
        parameter(name, negatedName(name), `Excludes these values of \`${name}\`.`),
      ]),
    ]);
    const document = new Document(parameters, { aliasDuplicateObjects: false });
    visit(document, {
      Pair(_, { key, value }) {
        if (isScalar(key) && key.value === 'example' && isSeq(value)) value.flow = true;
      },
    });
    const options = { lineWidth: 0, flowCollectionPadding: false };
    const is = document.toString(options).replace(/^(?=.)/gm, '    ');
    expectDerived({ file: OPENAPI, find: stretch('    wantedActor:\n', '    quick:\n'), is });
  });

  test('are listed in openapi.yaml as what /records takes', () => {
    const refTo = (name: string) => `        - $ref: "#/components/parameters/${name}`;
    const is = NAMES.map((name) => `${refTo(name)}"\n`).join('');
    expectDerived({ file: OPENAPI, find: stretch(refTo('wanted'), refTo('noSystem')), is });
  });

  test('are named in openapi.yaml where nothing is asked', () => {
    const find = between('detail: Give a time range, or one of ', '.\n');
    expectDerived({ file: OPENAPI, find, is: FIELD_NAMES.join(', ') });
  });

  test.each(FIELD_NAMES.filter((name) => !HIDDEN_FIELDS.has(name)))('%s is in the contract under FILTER', (name) => {
    const filters = tableRows(documentOf('docs/contract.md'), 'filter').map(([filter]) => filter);
    const text = `Add it to the table of filters in docs/contract.md: ${fieldOf(name).says}`;
    expect(filters.join(' '), text).toContain(`\`${optionOf(name)}\``);
  });
});
