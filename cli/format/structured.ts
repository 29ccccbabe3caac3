import { Document, Scalar, visit } from 'yaml';
import { isPlain, plainJson, plainYaml } from '../../lib/words/escape.ts';

/** Formats for programs that can hold any value. */
export const STRUCTURED_FORMATS = ['jsonl', 'json', 'yaml'] as const;
export type StructuredFormat = (typeof STRUCTURED_FORMATS)[number];

export function isStructured(format: string): format is StructuredFormat {
  return STRUCTURED_FORMATS.some((known) => known === format);
}

/** A writer of single values: the text of each, and what ends them. */
export interface ValueWriter {
  value(value: object): string;
  end(): string;
}

export function valueWriter(format: StructuredFormat): ValueWriter {
  let number = 0;
  switch (format) {
    case 'jsonl':
      return { value: (value) => `${plainJson(value)}\n`, end: () => '' };
    case 'json':
      return {
        value(value) {
          number += 1;
          return `${number === 1 ? '[' : ','}\n${plainJson(value)}`;
        },
        end: () => (number === 0 ? '[]\n' : '\n]\n'),
      };
    case 'yaml':
      return {
        value(value) {
          number += 1;
          return yamlItem(value);
        },
        end: () => (number === 0 ? '[]\n' : ''),
      };
  }
}

/** Returns the text of all values. */
export function structuredText(format: StructuredFormat, values: readonly object[]): string {
  const { value, end } = valueWriter(format);
  return values.map(value).join('') + end();
}

/** Returns whether the text needs quotes. Many programs read YAML 1.1, which reads some texts as dates. */
function mustBeQuoted(text: string): boolean {
  return !isPlain(text) || /^\d{4}-\d/.test(text);
}

/** Returns the value as an item of a YAML list. Terminal control characters are escaped in quotes. */
function yamlItem(value: object): string {
  const document = new Document([JSON.parse(JSON.stringify(value))]);
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && mustBeQuoted(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return plainYaml(document.toString({ lineWidth: 0, flowCollectionPadding: false, doubleQuotedAsJSON: true }));
}
