import { isJsonObject, type JsonObject, listAt, textAt } from '../../lib/json.ts';
import { aligned, listOf, quoted, snakeCase } from './hcl.ts';

/** A parameter of a template as Terraform's variable, and the expression that makes the one of the other. */
export interface Variable {
  readonly parameter: string;
  readonly name: string;
  /** The `variable` block. */
  readonly block: string;
  /** What the stack's parameter is. */
  readonly value: string;
}

type Kind = 'string' | 'bool' | 'number' | 'list(string)' | 'json';

export function variableOf(parameter: string, definition: JsonObject): Variable {
  const kind = kindOf(definition);
  const name = snakeCase(parameter);
  return { parameter, name, block: block(name, kind, definition), value: expressionOf(`var.${name}`, kind) };
}

/** Templates have texts and numbers alone; how a text is to be read stands in its description (`infra/plain/parameters.ts`). */
function kindOf(definition: JsonObject): Kind {
  const allowed = listAt(definition, 'AllowedValues') ?? [];
  const description = textAt(definition, 'Description') ?? '';
  if (allowed.length === 2 && allowed.includes('true') && allowed.includes('false')) return 'bool';
  if (definition.Type === 'Number') return 'number';
  if (description.endsWith('as a JSON array of texts')) return 'json';
  const isList = definition.Type === 'CommaDelimitedList' || description.endsWith('with commas between');
  return isList ? 'list(string)' : 'string';
}

function expressionOf(variable: string, kind: Kind): string {
  switch (kind) {
    case 'bool':
    case 'number':
      return `tostring(${variable})`;
    case 'list(string)':
      return `join(",", ${variable})`;
    case 'json':
      return `jsonencode(${variable})`;
    case 'string':
      return variable;
  }
}

function block(name: string, kind: Kind, definition: JsonObject): string {
  const description = (textAt(definition, 'Description') ?? '').replace(
    /, (?:as a JSON array of texts|with commas between)$/,
    '',
  );
  const entries: (readonly [string, string])[] = [
    ['description', quoted(description)],
    ['type', kind === 'json' ? 'list(string)' : kind],
    ...('Default' in definition ? [['default', defaultOf(kind, definition.Default)] as const] : []),
    ['nullable', 'false'],
  ];
  return `variable ${quoted(name)} {\n${aligned(entries, '  ')}${validation(`var.${name}`, kind, definition)}}\n`;
}

function defaultOf(kind: Kind, value: unknown): string {
  const text = String(value);
  if (kind === 'bool' || kind === 'number' || kind === 'json') return text;
  return kind === 'string' ? quoted(text) : listOf(text.split(',').filter((entry) => entry !== ''));
}

/** What CloudFormation would refuse is refused when it is planned. */
function validation(variable: string, kind: Kind, definition: JsonObject): string {
  const allowed = listAt(definition, 'AllowedValues')?.map(String);
  const { AllowedPattern: pattern, MinValue: least, MaxValue: most } = definition;
  if (kind === 'number' && least !== undefined) {
    return rule(`${variable} >= ${least} && ${variable} <= ${most}`, `It is to be from ${least} to ${most}.`);
  }
  if (kind !== 'string') return '';
  if (allowed !== undefined)
    return rule(`contains(${listOf(allowed)}, ${variable})`, `It is to be one of ${allowed.join(', ')}.`);
  return typeof pattern === 'string'
    ? rule(`can(regex(${quoted(pattern)}, ${variable}))`, `It is to match ${pattern}.`)
    : '';
}

function rule(condition: string, message: string): string {
  return `\n  validation {\n${aligned(
    [
      ['condition', condition],
      ['error_message', quoted(message)],
    ],
    '    ',
  )}  }\n`;
}

/** The parameters of a template that are Terraform's caller's to give. */
export function variablesOf(template: JsonObject, without: readonly string[]): readonly Variable[] {
  const parameters = isJsonObject(template.Parameters) ? template.Parameters : {};
  return Object.entries(parameters).flatMap(([name, definition]) =>
    isJsonObject(definition) && !without.includes(name) ? variableOf(name, definition) : [],
  );
}
