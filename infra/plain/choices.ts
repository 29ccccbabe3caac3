import { type Deployment, deployment } from '../deployment.ts';
import { DEFAULTS, PARAMETER_NAMES, type ParameterName, type Parameters, parameter } from '../parameters.ts';
import type { Marks } from './marks.ts';
import type { Choice } from './overlay.ts';
import { formOf, plainName } from './parameters.ts';

/** What decides which resources a template has, with the conditions by which CloudFormation knows it. */
interface Choices {
  /** What is the same whatever is chosen. */
  readonly base: Deployment;
  readonly choices: readonly Choice<Parameters>[];
  /** The conditions of the choices, by name. */
  readonly conditions: Readonly<Record<string, object>>;
}

/** A parameter that decides has a state for each of its words, or one where it is given and one where it is not. */
export function choicesOf(kind: 'hub' | 'spoke', marks: Marks): Choices {
  const conditions: Record<string, object> = {};
  const choices: Choice<Parameters>[] = [];
  // No clusters are listed, since a template cannot loop over them: they are found.
  const base: Record<string, unknown> = { stack: kind === 'hub' ? 'hub' : 'ingest-only' };
  for (const name of PARAMETER_NAMES.filter((each) => each !== 'stack')) {
    if (!parameter(name).in.includes(kind)) base[name] = readValue(name, DEFAULTS[name]);
    else if (parameter(name).decides !== true) base[name] = markOf(name, marks);
    else choices.push(choiceOf(name, marks, conditions));
  }
  const parameters = base as unknown as Parameters; // with each choice's values
  const prefix = marks.text('Prefix');
  return { base: { ...deployment('eks-whois', 'plain', parameters), prefix }, choices, conditions };
}

function readValue(name: ParameterName, given: unknown): unknown {
  const read = parameter(name).reads(given);
  return read.ok ? read.value : undefined;
}

/** Where a parameter changes what is said and not what there is. */
function markOf(name: ParameterName, marks: Marks): unknown {
  const plain = plainName(name);
  switch (formOf(name)) {
    case 'number':
      return marks.number(plain);
    case 'json':
      return marks.json(plain);
    case 'list':
      return marks.list(plain);
    case 'commas':
      return [marks.text(plain)];
    default:
      return typeof DEFAULTS[name] === 'number' ? marks.number(plain) : marks.text(plain);
  }
}

function choiceOf(name: ParameterName, marks: Marks, conditions: Record<string, object>): Choice<Parameters> {
  const plain = plainName(name);
  const value = { Ref: plain };
  const state = (condition: string, definition: object, chosen: unknown) => {
    conditions[condition] = definition;
    return { condition, values: { [name]: chosen } };
  };
  const listed = formOf(name) === 'flag' ? ['true', 'false'] : parameter(name).reads.schema.enum?.map(String);
  const [last = '', ...others] = listed?.toReversed() ?? [];
  if (listed !== undefined) {
    const first = others
      .toReversed()
      .map((each) => state(`${plain}Is${titled(each)}`, { 'Fn::Equals': [value, each] }, readValue(name, each)));
    return { states: [...first, { values: { [name]: readValue(name, last) } }] };
  }
  // A text that is not empty, a list that has an entry, a number that is not 0.
  const form = formOf(name);
  const shown = form === 'list' ? { 'Fn::Join': ['', value] } : value;
  const none = form === 'number' ? '0' : '';
  const given = state(`Has${plain}`, { 'Fn::Not': [{ 'Fn::Equals': [shown, none] }] }, markOf(name, marks));
  return { states: [given, { values: { [name]: readValue(name, none) } }] };
}

function titled(text: string): string {
  return text
    .split('-')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
}
