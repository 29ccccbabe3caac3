import { type Deployment, deployment } from '../deployment.ts';
import { DEFAULTS, PARAMETER_NAMES, type ParameterName, type Parameters, parameter } from '../parameters.ts';
import type { Marks } from './marks.ts';
import type { Choice } from './overlay.ts';
import { formOf, plainName } from './parameters.ts';

/** The parameters that decide which resources a template has, with their conditions. */
interface Choices {
  /** The deployment with everything that no choice changes. */
  readonly base: Deployment;
  readonly choices: readonly Choice<Parameters>[];
  /** The conditions of the choices, by name. */
  readonly conditions: Readonly<Record<string, object>>;
}

/**
 * Returns the choices of a template. A parameter with words has a state for each word. Any other has two states, with a
 * value and without.
 */
export function choicesOf(kind: 'hub' | 'spoke', marks: Marks): Choices {
  const conditions: Record<string, object> = {};
  const choices: Choice<Parameters>[] = [];
  // The template finds clusters instead of listing them, because it cannot loop over a list.
  const base: Record<string, unknown> = { stack: kind === 'hub' ? 'hub' : 'ingest-only' };
  for (const name of PARAMETER_NAMES.filter((each) => each !== 'stack')) {
    if (!parameter(name).in.includes(kind)) base[name] = readValue(name, DEFAULTS[name]);
    else if (parameter(name).decides !== true) base[name] = markOf(name, marks);
    else choices.push(choiceOf(name, marks, conditions));
  }
  const parameters = base as unknown as Parameters; // The values of each choice make it complete.
  const prefix = marks.text('Prefix');
  return { base: { ...deployment('eks-whois', 'plain', parameters), prefix }, choices, conditions };
}

function readValue(name: ParameterName, given: unknown): unknown {
  const read = parameter(name).reads(given);
  return read.ok ? read.value : undefined;
}

/** Returns the mark of a parameter that changes values but not which resources exist. */
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
      .map((each) => state(`${plain}Is${toTitle(each)}`, { 'Fn::Equals': [value, each] }, readValue(name, each)));
    return { states: [...first, { values: { [name]: readValue(name, last) } }] };
  }
  // The condition holds for a text or list that is not empty, and for a number other than 0.
  const form = formOf(name);
  const shown = form === 'list' ? { 'Fn::Join': ['', value] } : value;
  const none = form === 'number' ? '0' : '';
  const given = state(`Has${plain}`, { 'Fn::Not': [{ 'Fn::Equals': [shown, none] }] }, markOf(name, marks));
  return { states: [given, { values: { [name]: readValue(name, none) } }] };
}

function toTitle(text: string): string {
  return text
    .split('-')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
}
