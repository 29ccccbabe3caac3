import { describe, expect, test } from 'vitest';
import { Document, isScalar, isSeq, visit } from 'yaml';
import { optionOf } from '../../cli/options/option-name.ts';
import { HIDDEN_FIELDS } from '../../cli/options/question-options.ts';
import { FIELD_NAMES, type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import { negatedName } from '../../lib/usecases/query/question.ts';
import { documentOf } from '../docs/document.ts';
import { between, expectDerived } from './derived-part.ts';

const OPENAPI = 'openapi.yaml';
const NAMES = [...FIELD_NAMES.map(wanted), ...FIELD_NAMES.map(negatedName)];

function wanted(name: FieldName): string {
  return `wanted${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** From the first text of this beginning up to the other text. */
function stretch(beginning: string, behind: string): (text: string) => readonly [number, number] {
  return (text) => [text.indexOf(beginning), text.indexOf(behind)];
}

function parameter(field: FieldName, name: string, description: string): object {
  const { words, pattern, schema = 'Text', example } = fieldOf(field);
  const text =
    pattern === undefined ? { $ref: `#/components/schemas/${schema}` } : { type: 'string', maxLength: 2_048, pattern };
  const items = words === undefined ? text : { type: 'string', enum: words };
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
        parameter(name, negatedName(name), `What \`${name}\` must not be.`),
      ]),
    ]);
    const document = new Document(parameters, { aliasDuplicateObjects: false });
    visit(document, {
      Pair(_, { key, value }) {
        const isShort = isScalar(key) && ['example', 'enum'].includes(String(key.value));
        if (isShort && isSeq(value)) value.flow = true;
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
    const find = between('detail: Ask by a time, or by one of ', '.\n');
    expectDerived({ file: OPENAPI, find, is: FIELD_NAMES.join(', ') });
  });

  test.each(FIELD_NAMES.filter((name) => !HIDDEN_FIELDS.has(name)))('%s is in the contract under FILTER', (name) => {
    const [, filter = ''] = /\nFILTER \(3\)(.*)/.exec(documentOf('docs/contract.md')) ?? [];
    expect(filter, `Add it to FILTER in docs/contract.md: ${fieldOf(name).says}`).toContain(`\`${optionOf(name)}\``);
  });
});
