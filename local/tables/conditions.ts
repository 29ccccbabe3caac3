import { type Attribute, type Attributes, attributesOf } from './attributes.ts';

/** What a writing request may ask for, as `CONDITIONS` (lib/adapters/dynamodb/requests.ts) has it. */
export interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

const ABSENT = /^attribute_not_exists\((#\w+)\)$/;
const COMPARED = /^(#\w+) (<|<=|>|=) (:\w+)$/;

/**
 * Whether the condition holds for what is there: alternatives of which each says that an attribute is absent, or compares one
 * with a value; with one of another type, or none, no comparison holds.
 * @throws TypeError for an expression of any other form: none of our requests has one.
 */
export function holds(request: Conditional, there: Attributes | undefined): boolean {
  if (request.ConditionExpression === undefined) return true;
  return request.ConditionExpression.split(' OR ').some((term) => termHolds(term, request, there));
}

function termHolds(term: string, request: Conditional, there: Attributes | undefined): boolean {
  const absent = ABSENT.exec(term)?.[1];
  if (absent !== undefined) return there?.[nameIn(request, absent)] === undefined;
  const [, name, operator, value] = COMPARED.exec(term) ?? [];
  if (name === undefined || value === undefined) throw new TypeError(`A condition that is not known here: ${term}`);
  const order = orderOf(there?.[nameIn(request, name)], valueIn(request, value));
  if (order === undefined) return false;
  if (operator === '=') return order === 0;
  if (operator === '<') return order < 0;
  return operator === '>' ? order > 0 : order <= 0;
}

function nameIn({ ExpressionAttributeNames: names }: Conditional, placeholder: string): string {
  const name = names?.[placeholder];
  if (name === undefined) throw new TypeError(`The condition has no name for ${placeholder}.`);
  return name;
}

function valueIn({ ExpressionAttributeValues: values }: Conditional, placeholder: string): Attribute {
  const { value } = attributesOf({ value: values?.[placeholder] });
  if (value === undefined) throw new TypeError(`The condition has no value for ${placeholder}.`);
  return value;
}

/** Below, at or above zero; undefined where the two cannot be compared. */
function orderOf(there: Attribute | undefined, value: Attribute): number | undefined {
  if (there === undefined) return undefined;
  if ('N' in there && 'N' in value) return Number(there.N) - Number(value.N);
  if ('S' in there && 'S' in value) return Buffer.compare(Buffer.from(there.S), Buffer.from(value.S));
  return undefined;
}
